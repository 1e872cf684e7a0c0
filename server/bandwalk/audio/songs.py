"""The songs of a folder, and lists of songs."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bandwalk.audio.decode import open_decoder
from bandwalk.audio.opening import find_file
from bandwalk.errors import AudioError, ParameterError
from bandwalk.units import inside

SUFFIXES = frozenset(
    (
        *(".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".aifc", ".wma"),
        *(".caf", ".au", ".w64", ".mka", ".webm", ".ac3", ".mp2", ".wv", ".ape"),
    )
)
"""Names of sound files end so."""

LISTS = frozenset((".m3u8", ".m3u"))
"""Names of lists of songs end so."""

ALL = "songs"
"""The source that is all songs of the music folder."""

MAX_SONGS = 2000
"""Most songs of a list or a folder; the rest is left out."""

MAX_DEPTH = 4
"""Folders below the music folder that are searched."""

MAX_LIST_BYTES = 1 << 20

SCENE_MARK = "#BANDWALK-SCENE:"
"""Begins a line of a list that names the scene which begins with the next song."""

_MAX_NAME = 256
"""Longest name of a scene."""


class Songs(NamedTuple):
    """What a name stands for.

    paths:   of the songs, in order.
    faults:  entries of a list that are left out, one line each.
    is_list: whether it is a folder or a list, not one song.
    scenes:  name of the scene that begins with each song, empty: none; as many as songs, or none at all.
    """

    paths: tuple[Path, ...]
    faults: tuple[str, ...] = ()
    is_list: bool = True
    scenes: tuple[str, ...] = ()


def songs_of(spec: str, *, music: Path | None, fallback: Path | None = None) -> Songs:
    """Return the songs that a name stands for: one, those of a folder, of a list, or of the whole music folder.

    Args:
        spec:     "songs", a folder, a .m3u8 or a sound file.
        music:    if given, the request came over the network: only files in this folder may be named.
        fallback: the music folder for who may name any file.

    Raises:
        AudioError: there is no such file, or it names no song.
        ParameterError: a name that leaves the folder.
    """
    folder = music or fallback
    if spec == ALL and folder is not None and not os.path.exists(spec):
        path = folder
    else:
        path = find_file(spec, music=music, fallback=fallback)
    if path.is_dir():
        found = Songs(tuple(list_songs(path)))
    elif path.suffix.lower() in LISTS:
        found = read_list(path)
    else:
        return Songs((path,), is_list=False)
    if not found.paths:
        raise AudioError(f"opening {spec}: no song in it" + "".join(f"; {fault}" for fault in found.faults[:1]))
    return found


def list_songs(folder: Path, suffixes: frozenset[str] = SUFFIXES) -> list[Path]:
    """Return the sound files of a folder and of those in it, sorted, at most 2,000; none that a link leads out of."""
    root = folder.resolve()
    found: list[Path] = []
    for path in _walk(folder, MAX_DEPTH):
        if path.suffix.lower() in suffixes and (not path.is_symlink() or path.resolve().is_relative_to(root)):
            found.append(path)
            if len(found) == MAX_SONGS:
                break
    return found


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the files of a folder by name, then those of its folders; nothing hidden."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name.casefold())
    except OSError:
        return
    shown = [entry for entry in entries if not entry.name.startswith(".") and entry.name.isprintable()]
    yield from (Path(entry.path) for entry in shown if entry.is_file())
    if depth:
        for entry in shown:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), depth - 1)


def read_list(path: Path) -> Songs:
    """Read a list: UTF-8, one path a line, relative to the list and inside its folder; # begins a comment.

    The comment ``#BANDWALK-SCENE:name`` names the scene of the next song.

    Raises:
        AudioError: it cannot be read, or is no text.
    """
    try:
        with path.open("rb") as file:
            lines = file.read(MAX_LIST_BYTES).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        reason = e.strerror if isinstance(e, OSError) else "not UTF-8"
        raise AudioError(f"opening {path.name}: {reason}, expected a list of songs") from e
    songs: list[tuple[Path, str]] = []
    faults: list[str] = []
    scene = ""
    for line in filter(None, map(str.strip, lines)):
        if line.startswith("#"):
            scene = line.removeprefix(SCENE_MARK).strip()[:_MAX_NAME] if line.startswith(SCENE_MARK) else scene
            continue
        try:
            songs.append((inside(path.parent, line), scene))
        except ParameterError:
            faults.append(f"{line[:80]!r} in {path.name}: expected a path inside its folder; it is left out")
        scene = ""
    songs = songs[:MAX_SONGS]
    return Songs(tuple(song for song, _ in songs), tuple(faults), scenes=tuple(scene for _, scene in songs))


def song_length(path: Path) -> float:
    """Return the length of a song by its header, seconds; 0: not known.

    Raises:
        AudioError: it cannot be read.
    """
    with closing(open_decoder(path)) as decoder:
        return (decoder.frames or 0) / decoder.sample_rate
