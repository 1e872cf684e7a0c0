"""Finds out from a file's structure whether its end is missing and how long it is, without decoding sound."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from bandwalk.audio.ogg import MAX_HEAD, MAX_PAGE, OGG_PAGE, page_length

_EBML, _SEGMENT = bytes.fromhex("1a45dfa3"), bytes.fromhex("18538067")
_CHUNK = 1 << 20
_MAX_BOXES = 10_000
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_UNKNOWN_SIZE = 0x7FFF_0000  # what programs that stream a RIFF file write into its header, or more
_ROUGHLY = {"aac", "ac3", "eac3", "amr", "mpeg", "mpegts"}
"""Formats whose length FFmpeg guesses from the first packets."""

_TAIL = 16
"""FFmpeg believes an MP3's header if no more than this part of the file lies behind its sound."""


def stated_s(path: Path, container: Any, stream: Any) -> float | None:
    """Return the length of a sound by its file's header, seconds; None if the header gives none, or only a video's.

    Args:
        path:      of the file.
        container: FFmpeg's, open.
        stream:    the sound in it.
    """
    name = container.format.name
    if name in _ROUGHLY or (name == "mp3" and not _has_whole_xing(path)):
        return None
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is None or container.streams.video:
        return None
    return float(container.duration - max(0, container.start_time or 0)) / 1e6


def is_cut(path: Path) -> bool | None:
    """Return whether a file is shorter than its structure says; None if its format does not say."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(16)
            look = next((look for at, name, look in _LOOKS if head[at : at + len(name)] == name), _is_cut_mp3)
            return look(file, size)
    except OSError:
        return True  # the file was deleted


def _is_cut_ogg(file: BinaryIO, size: int) -> bool:
    """Return whether the last page is incomplete; a recorded stream may end between any two pages."""
    start = max(0, size - 2 * MAX_PAGE)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(OGG_PAGE)
    return at < 0 or start + at + (page_length(tail[at : at + MAX_HEAD]) or MAX_HEAD) > size


def _is_cut_mp4(file: BinaryIO, size: int) -> bool:
    """Read the outermost boxes (ISO/IEC 14496-12, 4.2): in a cut file the last one reaches past the end."""
    at = 0
    for _ in range(_MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return False
        length = int.from_bytes(head[:4], "big")
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:], "big")
        if not (head[4:8].isascii() and head[4:8].decode().isprintable()):  # no box, but junk
            return _contains(file, at, b"moof")  # in the middle, if it is a stream of fragments
        if length == 0:  # to the end of the file
            return False
        at += max(length, 8)
        if at > size:
            return True
    return False


def _contains(file: BinaryIO, at: int, name: bytes) -> bool:
    """Return whether a name stands in a file from this byte on."""
    file.seek(at)
    rest = b""
    while chunk := file.read(_CHUNK):
        if name in rest + chunk:
            return True
        rest = chunk[-len(name) :]
    return False


def _is_cut_matroska(file: BinaryIO, size: int) -> bool:
    """Compare the end of the segment (RFC 8794) with the size; a stream that was written live has no known end."""
    file.seek(0)
    head = file.read(4096)
    at = 4
    length, n = _vint(head, at)
    at += n + (length or 0)
    if head[at : at + 4] != _SEGMENT:
        return False
    length, n = _vint(head, at + 4)
    return length is not None and at + 4 + n + length > size


def _vint(data: bytes, at: int) -> tuple[int | None, int]:
    """Return (a variable-size integer of RFC 8794, its bytes); None stands for the value that means unknown."""
    if at >= len(data) or not data[at]:
        return None, 1
    n = 9 - data[at].bit_length()
    unknown = (1 << 7 * n) - 1
    value = int.from_bytes(data[at : at + n], "big") & unknown
    return None if value == unknown else value, n


def _xing_bytes(file: BinaryIO) -> int | None:
    """Return where an MP3 ends by the header in its first frame; None if there is no such header.

    Xing's header: its name, 4 bytes of flags (1: frames, 2: bytes), then 4 bytes each. Both are needed.
    """
    file.seek(0)
    head = file.read(10)
    start = 0
    if head[:3] == b"ID3":  # 4 x 7 bits of size
        start = 10 + sum((byte & 127) << 7 * (3 - k) for k, byte in enumerate(head[6:10]))
    file.seek(start)
    data = file.read(4096)
    sync = next((k for k in range(len(data) - 1) if data[k] == 0xFF and data[k + 1] & 0xE0 == 0xE0), None)
    if sync is None:
        return None
    for at in (sync + offset for offset in (36, 21, 13, 9)):
        name, flags = data[at : at + 4], data[at + 7 : at + 8]
        if name in (b"Xing", b"Info") and flags and flags[0] & 3 == 3:
            return start + sync + int.from_bytes(data[at + 12 : at + 16], "big")
    return None


def _has_whole_xing(path: Path) -> bool:
    """Return whether an MP3's header gives its length, and nothing long lies behind its sound."""
    with path.open("rb") as file:
        promised = _xing_bytes(file)
        return promised is not None and os.fstat(file.fileno()).st_size - promised <= promised / _TAIL


def _is_cut_mp3(file: BinaryIO, size: int) -> bool | None:
    promised = _xing_bytes(file)
    return None if promised is None else promised > size


def _is_cut_flac(file: BinaryIO, size: int) -> bool | None:
    return False  # decoding shows it: a cut last frame fails


def _is_cut_riff(file: BinaryIO, size: int) -> bool | None:
    file.seek(4)
    length = int.from_bytes(file.read(4), "little")
    return 0 < length < _UNKNOWN_SIZE and length + 8 > size


def _is_cut_asf(file: BinaryIO, size: int) -> bool | None:
    """Compare the size with that in the File Properties Object (Advanced Systems Format, 3.2)."""
    file.seek(0)
    head = file.read(1 << 16)
    at = head.find(_ASF_PROPERTIES) + 16 + 8 + 16  # after its name, its own size, and the file's ID
    promised = int.from_bytes(head[at : at + 8], "little")
    return None if _ASF_PROPERTIES not in head or not promised else promised > size


_LOOKS: tuple[tuple[int, bytes, Callable[[BinaryIO, int], bool | None]], ...] = (
    (0, _EBML, _is_cut_matroska),
    *((4, name, _is_cut_mp4) for name in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip")),
    (0, OGG_PAGE, _is_cut_ogg),
    (0, _ASF, _is_cut_asf),
    (0, b"fLaC", _is_cut_flac),
    (0, b"RIFF", _is_cut_riff),
)
"""Position and bytes that identify a format, and the function that finds out whether such a file is cut."""
