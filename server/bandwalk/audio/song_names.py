"""Names under which a song that comes over the network is kept: good on every system, and inside one folder."""

import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath

from bandwalk.audio.songs import SUFFIXES
from bandwalk.errors import ParameterError

MAX_BYTES = 200
"""Most bytes of a name: a file system takes 255, and a number may follow."""

MAX_NUMBER = 99
"""Highest number that is added to a name that is taken."""

_FORBIDDEN = frozenset('<>:"/\\|?*')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
"""What Windows takes in no name, and the names of its devices (Naming Files, Paths, and Namespaces)."""


def song_name(name: str) -> str:
    """Return the name of one file of a folder, its letters composed (NFC).

    Raises:
        ParameterError: it is no such name, or none of a sound file.
    """
    name = unicodedata.normalize("NFC", name)
    path = PurePosixPath(name)
    is_plain = name.isprintable() and not _FORBIDDEN & set(name) and not name.startswith((".", " "))
    if not is_plain or len(name.encode()) > MAX_BYTES or name.partition(".")[0].strip().lower() in _RESERVED:
        raise ParameterError(f"{name[:80]!r}: expected the name of one file, at most {MAX_BYTES} bytes")
    if path.suffix.lower() not in SUFFIXES:
        raise ParameterError(f"{name[:80]!r}: expected a sound file, as .wav, .flac, .mp3, .ogg, .opus or .m4a")
    return name


def numbered(name: str) -> Iterator[str]:
    """Yield a name, and those to take where it is taken: "song.mp3", "song 2.mp3" and so on."""
    path = PurePosixPath(name)
    yield name
    for n in range(2, MAX_NUMBER + 1):
        yield f"{path.stem} {n}{path.suffix}"
