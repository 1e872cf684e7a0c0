"""Saves one frame to a file."""

import os
from pathlib import Path

from bandwalk.errors import ParameterError, WorkError
from bandwalk_client.receiver import Receiver


def grab(endpoint: str, path: Path | str, *, timeout_s: float = 5.0) -> str:
    """Write the newest frame unchanged to a file, with its description inside.

    The file appears complete or not at all.

    Returns:
        One line that says what was written.

    Raises:
        ParameterError: the endpoint or the timeout is invalid, or the file cannot be written.
        WorkError:      no frame came in time.
    """
    if not Path(path).name:
        raise ParameterError(f"-o {path}: a folder; expected a file that can be written")
    with Receiver(endpoint, max_age_ms=None) as receiver:
        received = receiver.receive(timeout_s)
        if received is None:
            raise WorkError(f"grabbing from {receiver.endpoint}: no frame in {timeout_s:g} s; expected a server there")
    _write_whole(Path(path), received.jpeg)
    return (
        f"{path}: frame {received.meta.get('seq', '?')}, {len(received.jpeg) / 1000:.0f} kB, from {receiver.endpoint}"
    )


def _write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise ParameterError(f"-o {path}: {e.strerror}; expected a file that can be written") from e
