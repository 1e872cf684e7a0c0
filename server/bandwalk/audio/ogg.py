"""The pages of an Ogg file (RFC 3533): is it one whole stream, and where does each stream of a chain start?"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

OGG_PAGE = b"OggS"
MAX_HEAD, MAX_PAGE = 27 + 255, 65_307
"""Most bytes of a page's header, and of a page."""

_HEAD = 27
_FIRST, _LAST = 2, 4
_CHUNK = 1 << 16
MAX_LINKS = 10_000
"""Most streams in a file; a year of radio has fewer."""


class OggPage(NamedTuple):
    """A page's position and length in bytes, whether it is the first or last one of a stream, and its number there."""

    at: int
    length: int
    is_first: bool
    is_last: bool
    number: int


def page_length(head: bytes) -> int:
    """Return a page's length in bytes, given its first 282 bytes; 0 if it is not a page."""
    if head[:4] != OGG_PAGE or len(head) < _HEAD:
        return 0
    n = head[26]
    return _HEAD + n + sum(head[_HEAD : _HEAD + n])


def is_one_ogg(path: Path) -> bool:
    """Return whether a file is one whole stream: not a chain, no page missing, with its last page."""
    with path.open("rb") as file:
        at, number, is_last = 0, 0, False
        for page in _pages(file):
            if page.at != at or page.number != number or (page.is_first and at):
                return False
            at, number, is_last = at + page.length, number + 1, page.is_last
        return is_last and at == os.fstat(file.fileno()).st_size


def ogg_links(path: Path) -> list[tuple[int, int]]:
    """Return start and end of each link of a chain, bytes; an empty list if this is not an Ogg file."""
    with path.open("rb") as file:
        if file.read(4) != OGG_PAGE:
            return []
        starts, is_beginning = [0], True
        for page in _pages(file):
            if page.is_first and not is_beginning and len(starts) < MAX_LINKS:
                starts.append(page.at)
            is_beginning = page.is_first  # parallel streams start one after the other
        return list(zip(starts, [*starts[1:], os.fstat(file.fileno()).st_size], strict=True))


class FilePart(io.RawIOBase):
    """A range of bytes of a file, as a file.

    Args:
        path:  of the file.
        start: its first byte.
        end:   the byte after its last one.
    """

    def __init__(self, path: Path, start: int, end: int) -> None:
        self._file = path.open("rb")
        self._start, self._end = start, end
        self._file.seek(start)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        left = max(0, self._end - self._file.tell())
        return self._file.read(left if size < 0 else min(size, left))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte."""
        base = {os.SEEK_SET: self._start, os.SEEK_CUR: self._file.tell(), os.SEEK_END: self._end}[whence]
        return self._file.seek(max(self._start, base + offset)) - self._start

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell() - self._start

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def _pages(file: BinaryIO) -> Iterator[OggPage]:
    """Yield the pages of a file; other bytes between them are skipped."""
    at = 0
    while True:
        file.seek(at)
        head = file.read(MAX_HEAD)
        length = page_length(head)
        if length:
            number = int.from_bytes(head[18:22], "little")
            yield OggPage(at, length, bool(head[5] & _FIRST), bool(head[5] & _LAST), number)
            at += length
            continue
        file.seek(at + 1)
        data = file.read(_CHUNK)
        found = data.find(OGG_PAGE)
        if found < 0 and len(data) < _CHUNK:
            return
        at += 1 + (found if found >= 0 else len(data) - len(OGG_PAGE))
