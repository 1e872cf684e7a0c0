"""A clip for each of several songs, in one folder, with a contact sheet; one damaged song stops no other."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from bandwalk.errors import BandwalkError, ParameterError, WorkError
from bandwalk.machine import whole_file
from bandwalk.output.jpeg import open_encoder
from bandwalk.pipeline.start import Start
from bandwalk.render.contact_sheet import contact_sheet
from bandwalk.render.replay import render_replay
from bandwalk.render.run import render
from bandwalk.render.state_file import state_path

logger = logging.getLogger(__name__)

SUFFIXES = frozenset(
    {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac", ".aif", ".aiff", ".wv", ".mka", ".wma"}
)
"""What counts as a song in a folder; a file that is named itself may have any name."""

SHEET = "contact.jpg"
_QUALITY = 90


def render_named(named: Sequence[str], output: str, start_of: Callable[[str], Start]) -> str:
    """Render what the command line names: a song as a clip, several or a folder as a folder of clips, no song a replay.

    Args:
        output:   as of :func:`render`, or the folder; empty: clip.mp4, or clips.
        start_of: makes settings and values for a song.

    Returns:
        One line that says what was made.

    Raises:
        BandwalkError: as :func:`render` and :func:`render_several`.
    """
    if not named:
        start = start_of("")
        if not start.settings.clip.replay:
            raise ParameterError("no AUDIO; expected a song, or --replay LOG")
        return render_replay(start, output or "clip.mp4")
    songs = songs_of(named)
    if songs == list(named) and len(songs) == 1:
        return render(start_of(songs[0]), output or "clip.mp4")
    return render_several(songs, output or "clips", start_of)


def songs_of(named: Sequence[str]) -> list[str]:
    """Return what is named, for a folder the songs in it, by name.

    Raises:
        ParameterError: a folder without songs.
    """
    found = []
    for name in named:
        if not Path(name).is_dir():
            found.append(name)
            continue
        inside = sorted(str(path) for path in Path(name).iterdir() if path.suffix.lower() in SUFFIXES)
        if not inside:
            raise ParameterError(f"AUDIO = {name}: no songs in this folder; expected {' '.join(sorted(SUFFIXES))}")
        found += inside
    return found


def render_several(songs: Sequence[str], folder: str, start_of: Callable[[str], Start]) -> str:
    """Render a clip of each song into a folder, and return what was made in one line.

    With --resume, clips that are complete are left as they are.

    Args:
        start_of: makes settings and values for a song.

    Raises:
        ParameterError: the folder cannot be made, or is a file.
        WorkError:      some songs could not be rendered; the others are.
        KeyboardInterrupt: it was stopped.
    """
    home = Path(folder)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise ParameterError(f"--output = {folder}: {e.strerror}; expected a folder for {len(songs)} clips") from e
    clips = _names(songs, home)
    done = [clip for song, clip in clips.items() if _is_made(song, clip, start_of)]
    if done:
        _write_sheet(done, home / SHEET)
    said = f"{folder}: {len(done)} of {len(songs)} clips" + (f", all on {SHEET}" if done else "")
    if len(done) < len(songs):
        raise WorkError(f"{said}; what failed is said above")
    return said


def _names(songs: Sequence[str], home: Path) -> dict[str, Path]:
    """Return the clip of each song: its name; songs of one name but for the ending keep it in the clip's."""
    stems = Counter(Path(song).stem for song in set(songs))
    return {song: home / f"{Path(song).stem if stems[Path(song).stem] == 1 else Path(song).name}.mp4" for song in songs}


def _is_made(song: str, clip: Path, start_of: Callable[[str], Start]) -> bool:
    """Render a song's clip; return whether it is complete, and report if it cannot be made."""
    try:
        start = start_of(song)
        if start.settings.clip.resume and clip.exists() and not state_path(clip).exists():
            logger.info("%s: complete already", clip)
            return True
        logger.info("%s", render(start, str(clip)))
    except BandwalkError as e:
        logger.error("%s: %s", song, e)
        return False
    return True


def _write_sheet(clips: Sequence[Path], path: Path) -> None:
    jpeg = open_encoder().encode(contact_sheet(clips), quality=_QUALITY, chroma="444")
    try:
        with whole_file(path) as part:
            part.write_bytes(jpeg)
    except OSError as e:
        raise WorkError(f"{path}: {e.strerror}; expected a file that can be written") from e
