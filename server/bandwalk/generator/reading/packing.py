"""Doors of model files that somebody has packed: .gz, and .zip with one model in it.

What is in them goes to a file of its own, which has no name and is gone when it is closed. How much that may be is
known before: weights hardly shrink, so what grows much more than they do is refused while it grows.
"""

from __future__ import annotations

import gzip
import tempfile
import zipfile
import zlib
from contextlib import ExitStack
from typing import IO, BinaryIO

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import BoundedFile, show
from bandwalk.generator.reading.endings import ENDINGS
from bandwalk.generator.reading.torch_archive import records

GZIP_MAGIC = b"\x1f\x8b"

MAX_GROWTH = 16  # times the packed size; weights shrink by a tenth
MIN_LIMIT = 2**20  # bytes that even a tiny file may grow to
MAX_UNPACKED = 2**33  # bytes

_PIECE = 2**20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError, RuntimeError)


def unpack_gzip(view: BoundedFile, stack: ExitStack) -> BoundedFile:
    """Return what a .gz file holds.

    Raises:
        CheckpointError: it is broken, or holds more than a model of its size.
    """
    view.file.seek(view.pos)
    with gzip.GzipFile(fileobj=view.file, mode="rb") as packed:
        return _unpack(packed, view.end, stack)


def unpack_zip(view: BoundedFile, stack: ExitStack) -> BoundedFile:
    """Return the one model in a .zip file.

    Raises:
        CheckpointError: there is none, or there are several; it is broken, or unpacks to more than a model.
    """
    held = records(view)
    found = [info for name, info in held.items() if _may_be_model(name)]
    if len(found) != 1:
        some = ", ".join(map(show, [info.filename for info in found[:4]] or list(held)[:4])) or "nothing"
        raise CheckpointError(f"a zip archive with neither torch's data.pkl nor exactly one model, but with {some}")
    if found[0].flag_bits & 1:
        raise CheckpointError("a zip archive under a password: unpack it first")
    try:
        with zipfile.ZipFile(view.file) as archive, archive.open(found[0]) as packed:
            return _unpack(packed, view.end, stack)
    except _BROKEN as e:
        raise CheckpointError(f"broken zip archive: {show(str(e))}") from e


def _may_be_model(name: str) -> bool:
    """Tell whether a record is called like a model, and is none of those that macOS puts beside."""
    folders, _, file = name.rpartition("/")
    return file.lower().endswith(ENDINGS) and not file.startswith(".") and "__MACOSX" not in folders


def _unpack(packed: IO[bytes] | gzip.GzipFile, size: int, stack: ExitStack) -> BoundedFile:
    """Copy what is packed in ``size`` bytes to a file without a name."""
    most = min(MAX_UNPACKED, max(MIN_LIMIT, MAX_GROWTH * size))
    out: BinaryIO = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  the stack closes it
    written = 0
    try:
        while piece := packed.read(_PIECE):
            written += len(piece)
            if written > most:
                raise CheckpointError(f"unpacks to more than {most} bytes, which is not a model's")
            out.write(piece)
    except _BROKEN as e:
        raise CheckpointError(f"broken packed file: {show(str(e))}") from e
    return BoundedFile(out, 0, written)
