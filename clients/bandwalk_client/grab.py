"""Saves one frame to a file."""

import os
from pathlib import Path

from bandwalk.errors import ParameterError, WorkError
from bandwalk_client.endpoint import parse_endpoint
from bandwalk_client.receiver import Receiver
from bandwalk_client.server_clock import clock_of


def grab(endpoint: str, path: Path | str, *, timeout_s: float = 5.0, curve: str = "") -> str:
    """Write the newest frame unchanged to a file, with its description inside.

    The file appears complete or not at all.

    Args:
        endpoint:  "HOST", "HOST:PORT" or "tcp://HOST:PORT".
        path:      of the file.
        timeout_s: how long to wait for a frame.
        curve:     folder with the keys of a client; empty: none is asked for.

    Returns:
        One line that says what was written.

    Raises:
        ParameterError: the endpoint or the timeout is invalid, or the file cannot be written.
        WorkError:      no frame came in time.
    """
    if not Path(path).name:
        raise ParameterError(f"-o {path}: a folder; expected a file that can be written")
    with (
        clock_of(parse_endpoint(endpoint)) as clock,
        Receiver(endpoint, clock=clock, max_age_ms=None, curve=curve) as receiver,
    ):
        received = receiver.receive(timeout_s)
        if received is None:
            raise WorkError(f"grabbing from {receiver.endpoint}: no frame in {timeout_s:g} s; expected a server there")
        is_known = receiver.is_age_exact and received.age_ms is not None
        age = f", {received.age_ms:.0f} ms old" if is_known else ""
    _write_whole(Path(path), received.jpeg)
    size = f"{len(received.jpeg) / 1000:.0f} kB"
    return f"{path}: frame {received.meta.get('seq', '?')}, {size}{age}, from {receiver.endpoint}"


def _write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise ParameterError(f"-o {path}: {e.strerror}; expected a file that can be written") from e
