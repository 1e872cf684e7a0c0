"""A file that grows chapter by chapter and can be played at any time.

Each chapter is muxed like a separate file; only the first keeps its header, so that the fragments (MP4, MOV) or
clusters (WebM) follow each other.
"""

import errno
import os
from pathlib import Path

_CLUSTER = bytes.fromhex("1f43b675")
_SEGMENT = bytes.fromhex("18538067")


class GrowingFile:
    """The file into which a muxer writes, always at the end.

    Args:
        path: of the file.
        size: bytes to keep of it; 0: a new file.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path, size: int = 0) -> None:
        self._path = path
        self._file = path.open("r+b" if size else "wb", buffering=0)
        if os.fstat(self._file.fileno()).st_size < size:
            self._file.close()
            raise OSError(errno.EINVAL, f"the file is shorter than {size} bytes")
        self._file.truncate(size)
        self._file.seek(size)
        self._header: bytearray | None = None
        self.size = size

    def begin_chapter(self) -> None:
        """Drop what is written before the first fragment, unless the file is empty."""
        self._header = bytearray() if self.size else None

    def write(self, data: bytes) -> int:
        """Append; return the length of data.

        Raises:
            OSError: the disk is full, or the file was removed from its folder.
        """
        rest = memoryview(data)
        if self._header is not None:
            self._header += data
            start = find_fragment(self._header)
            if start is None:
                return len(data)
            rest, self._header = memoryview(bytes(self._header[start:])), None
        while rest:
            n = self._file.write(rest)
            rest = rest[n:]
            self.size += n
        return len(data)

    def check(self) -> None:
        """Flush what was written to the disk, and check that the file is still there.

        Raises:
            OSError: that failed.
        """
        os.fsync(self._file.fileno())
        if not self._path.exists() or not os.path.samestat(self._path.stat(), os.fstat(self._file.fileno())):
            raise OSError(errno.ENOENT, "the file was removed from its folder")

    def cut(self, size: int) -> None:
        """Cut the file to a size."""
        self._file.truncate(size)
        self._file.seek(size)
        self.size = size

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def find_fragment(header: bytes | bytearray) -> int | None:
    """Return where the first fragment starts after a header; None if more bytes are needed."""
    return _find_cluster(header) if header[:4] == bytes.fromhex("1a45dfa3") else _find_moof(header)


def _find_moof(data: bytes | bytearray) -> int | None:
    """Read the boxes of an MP4 (ISO/IEC 14496-12, 4.2): 4 bytes of size, 4 of type."""
    at = 0
    while at + 8 <= len(data):
        if data[at + 4 : at + 8] == b"moof":
            return at
        at += max(int.from_bytes(data[at : at + 4], "big"), 8)  # a box is at least as long as its header
    return None


def _find_cluster(data: bytes | bytearray) -> int | None:
    """Read the elements of a Matroska file (RFC 8794): an identifier and a size, each of one to eight bytes."""
    at = 0
    while at + 12 <= len(data):
        id_bytes = 9 - data[at].bit_length()
        name = data[at : at + id_bytes]
        if name == _CLUSTER:
            return at
        at += id_bytes
        size_bytes = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + size_bytes], "big") & ((1 << 7 * size_bytes) - 1)
        at += size_bytes + (0 if name == _SEGMENT else size)  # the elements inside the segment are read, too
    return None
