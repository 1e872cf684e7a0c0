"""Lyrics with times: .lrc files, as players read them.

Source: the format's usual description (en.wikipedia.org/wiki/LRC_(file_format)): ``[mm:ss.xx]`` before a line, several
where a line comes again, ``[offset:+ms]`` shows all of them earlier, other words in brackets say who sings what.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from bandwalk.errors import ParameterError

MAX_BYTES, MAX_LETTERS = 1 << 20, 200

_TIME = re.compile(r"\[(\d{1,3}):([0-5]?\d(?:[.:]\d{1,3})?)\]")
_OFFSET = re.compile(r"\[offset:\s*([+-]?\d{1,7})\s*\]", re.IGNORECASE)
_WORD_TIME = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")

SUFFIX = ".lrc"


@dataclass(frozen=True, slots=True, order=True)
class LyricLine:
    """A line of the song, from this second on; an empty one shows nothing."""

    t_s: float
    text: str


def read_lyrics(path: Path) -> tuple[LyricLine, ...]:
    """Return the lines of a file by their times.

    Raises:
        ParameterError: it cannot be read, or has no times.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ParameterError(f"--lyrics = {path}: over 1 MB; expected lyrics (.lrc)")
        found = parse_lyrics(data.decode("utf-8-sig"))
    except OSError as e:
        raise ParameterError(f"--lyrics = {path}: {e.strerror}; expected a file of lyrics (.lrc)") from e
    except UnicodeDecodeError as e:
        raise ParameterError(f"--lyrics = {path}: it is not UTF-8; expected a text with times (.lrc)") from e
    if not found:
        raise ParameterError(f"--lyrics = {path}: it has no times; expected lines as [01:23.45] words")
    return found


def parse_lyrics(text: str) -> tuple[LyricLine, ...]:
    """Return the lines of a text by their times; what has no time is left out."""
    offset = _OFFSET.search(text)
    earlier_s = int(offset[1]) / 1000 if offset else 0.0
    found = []
    for line in text.splitlines():
        times = []
        rest = line.strip()
        while match := _TIME.match(rest):
            times.append(60 * int(match[1]) + float(match[2].replace(":", ".")))
            rest = rest[match.end() :].lstrip()
        words = "".join(letter for letter in _WORD_TIME.sub("", rest) if letter.isprintable()).strip()
        found += [LyricLine(max(0.0, t_s - earlier_s), words[:MAX_LETTERS]) for t_s in times]
    return tuple(sorted(found))


def lyrics_beside(song: Path) -> Path | None:
    """Return the file of lyrics that has the song's name, if it is there."""
    path = song.with_suffix(SUFFIX)
    return path if path.is_file() else None
