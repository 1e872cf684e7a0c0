"""A part of a file that is read with bounds: what claims more than is there is refused before memory is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from bandwalk.errors import CheckpointError

_WINDOW = 8192  # bytes held at a time: a read of one byte is a slice of them
_SMALL = 256  # longer strings stay in the file until somebody wants them


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes that lie in the file, not read yet.

    start, size: Bytes from the file's start.
    encoding:    Of a text ("utf-8", "latin1"); None for bytes.
    """

    start: int
    size: int
    encoding: str | None = None


Blob = bytes | str | ByteRange


class BoundedFile:
    """Bytes ``pos`` to ``end`` of a file, read from front to back."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self.file = file
        self.pos = start
        self.end = end
        self._window = b""
        self._window_start = start

    def read(self, size: int) -> bytes:
        """Return the next ``size`` bytes."""
        self._check(size)
        start = self.pos - self._window_start
        if start < 0 or start + size > len(self._window):
            self._window = read_at(self.file, self.pos, min(max(size, _WINDOW), self.end - self.pos))
            self._window_start, start = self.pos, 0
        self.pos += size
        return self._window[start : start + size]

    def read_line(self) -> str:
        """Return the text up to the next newline, which is at most 255 bytes away."""
        line = bytearray()
        while (byte := self.read(1)) != b"\n":
            line += byte
            if len(line) >= _SMALL:
                raise CheckpointError(f"byte {self.pos}: a name of over {_SMALL - 1} bytes")
        return line.decode()

    def read_long_line(self) -> bytes:
        """Return the bytes up to the next newline, however far that is."""
        start, found = self.pos, -1
        while found < 0:
            if self.pos >= self.end:
                raise CheckpointError(f"byte {start}: a line without an end")
            begin = self.pos
            chunk = self.read(min(_WINDOW, self.end - begin))
            found = chunk.find(b"\n")
        self.pos = begin + found + 1
        return read_at(self.file, start, begin + found - start)

    def read_blob(self, size: int, encoding: str | None) -> Blob:
        """Return the next ``size`` bytes, as a text where there is an encoding; unread where they are many."""
        if 0 <= size <= _SMALL:
            data = self.read(size)
            return data if encoding is None else data.decode(encoding, "surrogatepass")
        return self.skip(size, encoding)

    def skip(self, size: int, encoding: str | None = None) -> ByteRange:
        """Go over the next ``size`` bytes and return where they lie."""
        self._check(size)
        span = ByteRange(self.pos, size, encoding)
        self.pos += size
        return span

    def part(self, span: ByteRange) -> BoundedFile:
        """Return a view of the span's bytes alone."""
        return BoundedFile(self.file, span.start, span.start + span.size)

    def _check(self, size: int) -> None:
        if not 0 <= size <= self.end - self.pos:
            raise CheckpointError(f"byte {self.pos}: claims {size} bytes, {self.end - self.pos} are there")


def read_at(file: BinaryIO, start: int, size: int) -> bytes:
    """Return ``size`` bytes of a file from ``start``.

    Raises:
        CheckpointError: the file has become shorter than it was.
    """
    file.seek(start)
    data = file.read(size)
    if len(data) != size:
        raise CheckpointError(f"byte {start}: {size} bytes expected, {len(data)} are there")
    return data


def read_into(file: BinaryIO, start: int, out: NDArray[np.uint8]) -> None:
    """Fill ``out`` with bytes of a file from ``start``, letting Python's lock go: a show draws meanwhile.

    Raises:
        CheckpointError: the file has become shorter than it was.
    """
    file.seek(start)
    done = file.readinto(out.data)  # type: ignore[attr-defined]
    if done != out.nbytes:
        raise CheckpointError(f"byte {start}: {out.nbytes} bytes expected, {done} are there")


def show(text: object) -> str:
    """Return a text of unknown origin as one short line of ASCII."""
    line = ascii(text) if isinstance(text, str | bytes | int | float | None) else type(text).__name__
    return line if len(line) <= 100 else line[:97] + "..."
