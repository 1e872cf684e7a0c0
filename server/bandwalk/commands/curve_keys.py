"""``bandwalk keys FOLDER``: the keys by which frames are encrypted (CURVE of ZeroMQ)."""

import os
from pathlib import Path

import zmq

from bandwalk.errors import ParameterError
from bandwalk.wire import CLIENT, PUBLIC, SECRET, SERVER


def write_keys(folder: Path) -> str:
    """Write the keys of a server and of its clients to a folder, and return what to do with them.

    Raises:
        ParameterError: the folder has keys already, or cannot be written.
    """
    files: dict[str, bytes] = {}
    for owner in (SERVER, CLIENT):
        files[owner + PUBLIC], files[owner + SECRET] = zmq.curve_keypair()
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise ParameterError(f"keys {folder}: {there[0]} is there already, expected a folder without keys")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, key in files.items():
            _write(folder / name, key)
    except OSError as e:
        raise ParameterError(f"keys {folder}: {e.strerror}, expected a folder that can be written") from e
    return (
        f"{folder}: 4 keys\n"
        f"server: bandwalk serve --curve {folder}\n"
        f"client: copy {SERVER + PUBLIC}, {CLIENT + PUBLIC} and {CLIENT + SECRET} there; "
        f"bandwalk view HOST --curve FOLDER"
    )


def _write(path: Path, key: bytes) -> None:
    """Write one key; only the owner can read the file, from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(key + b"\n")
