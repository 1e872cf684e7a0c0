r"""Records frames unchanged into a Matroska file: no picture is encoded again, and no library is needed.

    EBML header | Segment, of unknown size | Info | Tracks: one, V_MJPEG | a Cluster per frame: time, JPEG file

Each frame is written at once, so that an interrupted recording plays, too. Times are those of arrival, in
milliseconds. Source of the format: RFC 8794 (EBML) and RFC 9559 (Matroska).
"""

import io
import struct
from pathlib import Path
from typing import Self

from bandwalk.errors import ParameterError, WorkError

MAX_FRAME = 2**28 - 32
"""Most bytes of a frame: the limit of a length of four bytes."""

_UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
_TICK_NS = 1_000_000
_TRACK, _KEYFRAME = 1, 0x80

# IDs of the larger elements
_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"
_INFO = b"\x15\x49\xa9\x66"
_TRACKS = b"\x16\x54\xae\x6b"
_CLUSTER = b"\x1f\x43\xb6\x75"
_DURATION = b"\x44\x89"


class Recording:
    """An open file; use it in a with statement.

    Args:
        path: a .mkv that does not exist yet.

    Raises:
        ParameterError: the file exists, cannot be written, or has a different suffix.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() != ".mkv":
            raise ParameterError(f"--record = {path}: expected a name that ends in .mkv")
        try:
            self._file: io.FileIO = path.open("xb", buffering=0)
        except OSError as e:
            raise ParameterError(f"--record = {path}: {e.strerror}; expected a file that can be created") from e
        self.path, self.frames = path, 0
        self._began: float | None = None
        self._ticks = 0
        self._duration_at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def add(self, jpeg: bytes, size: tuple[int, int], now: float) -> None:
        """Write one frame.

        Args:
            jpeg: one complete JPEG file.
            size: its (width, height); that of the first frame goes into the file's header.
            now:  monotonic seconds at which it arrived.

        Raises:
            WorkError: it cannot be written; the file is closed, and the frames in it can be played.
        """
        try:
            if self._began is None:
                self._began = now
                self._write(self._head(*size))
            self._ticks = max(self._ticks, round((now - self._began) * 1000))
            self._write(_cluster(jpeg, self._ticks))
        except (OSError, ValueError) as e:
            self._file.close()
            reason = getattr(e, "strerror", None) or e
            raise WorkError(f"recording {self.path}: {reason}; stopped after {self.frames} frames") from e
        self.frames += 1

    def close(self) -> None:
        """Write the duration, and close the file."""
        if self._file.closed:
            return
        try:
            if self._began is not None:
                self._file.seek(self._duration_at)
                self._write(struct.pack(">d", float(self._ticks)))
        except OSError:
            pass  # it can be played without
        finally:
            self._file.close()

    def _write(self, data: bytes) -> None:
        """Write all of it: one call may write only a part if the disk is nearly full."""
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]

    def _head(self, width: int, height: int) -> bytes:
        """Return everything before the first frame, and note the position of the duration."""
        versions = {b"\x42\x86": 1, b"\x42\xf7": 1, b"\x42\xf2": 4, b"\x42\xf3": 8, b"\x42\x87": 4, b"\x42\x85": 2}
        ebml = _element(_EBML, _numbers(versions) + _element(b"\x42\x82", b"matroska"))
        programs = _element(b"\x4d\x80", b"bandwalk") + _element(b"\x57\x41", b"bandwalk")
        info = _element(_INFO, _numbers({b"\x2a\xd7\xb1": _TICK_NS}) + programs + _element(_DURATION, bytes(8)))
        video = _element(b"\xe0", _numbers({b"\xb0": width, b"\xba": height}))
        # number, UID, type 1 (video), not laced
        entry = _numbers({b"\xd7": _TRACK, b"\x73\xc5": _TRACK, b"\x83": 1, b"\x9c": 0})
        tracks = _element(_TRACKS, _element(b"\xae", entry + _element(b"\x86", b"V_MJPEG") + video))
        head = ebml + _SEGMENT + _UNKNOWN_SIZE + info
        self._duration_at = len(head) - 8
        return head + tracks


def _cluster(jpeg: bytes, ticks: int) -> bytes:
    if len(jpeg) > MAX_FRAME:
        raise ValueError(f"a frame of {len(jpeg)} bytes")
    block = _element(b"\xa3", struct.pack(">BhB", 0x80 | _TRACK, 0, _KEYFRAME) + jpeg)
    return _element(_CLUSTER, _numbers({b"\xe7": ticks}) + block)


def _element(name: bytes, data: bytes) -> bytes:
    """Return an element: its ID, its length in four bytes, its data."""
    return name + struct.pack(">I", 0x10000000 | len(data)) + data


def _numbers(values: dict[bytes, int]) -> bytes:
    """Return one element with an integer, in as many bytes as it needs."""
    return b"".join(_element(name, n.to_bytes(max(1, (n.bit_length() + 7) // 8), "big")) for name, n in values.items())
