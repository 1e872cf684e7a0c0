"""Reads TOML from outside: its cost is checked before it is parsed.

``tomllib`` stores every prefix of a dotted key, so a key of n parts costs n squared: one line of 240 KB takes 23 GB. It
also recurses for each bracket. So the text is scanned first, once, in linear time: strings and comments are skipped,
and dots and brackets are counted.
"""

import re
import tomllib
from typing import Any

from bandwalk.errors import ParameterError

MAX_BYTES = 64 * 1024
"""Most bytes of a file; the whole state needs a tenth of it."""

MAX_LINE = 12 * 1024
"""Most characters of a line: a parameter has up to 1,000, each of which may be written as ``\\U0001F600``."""

MAX_PARTS = 8
"""Most parts of a dotted key, and levels of brackets; the deepest parameter has four parts."""

_SKIPPED = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?'{3,5}'''  # strings of several lines
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*""",  # strings of one line, comments
    re.DOTALL,
)
_TOO_MANY_PARTS = re.compile(rf"(?:[\w-]+[ \t]*\.[ \t]*){{{MAX_PARTS}}}")
_BRACKETS = {"[": 1, "{": 1, "]": -1, "}": -1}


def parse(data: bytes) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises:
        ParameterError: it is not TOML, or larger or more complex than a preset can be.
    """
    if len(data) > MAX_BYTES:
        raise ParameterError(f"more than {MAX_BYTES} bytes; expected a shorter file")
    try:
        text = data.decode()
        _check(text)
        return tomllib.loads(text)
    except (ValueError, RecursionError) as e:  # not UTF-8, not TOML, or a number of thousands of digits
        raise ParameterError(f"{e}; expected TOML") from e


def _check(text: str) -> None:
    """Refuse a text that would be unusually expensive to parse.

    Raises:
        ParameterError: a line too long, a key of too many parts, or brackets too deep.
    """
    longest = max(map(len, text.split("\n")), default=0)
    if longest > MAX_LINE:
        raise ParameterError(f"a line of {longest} characters; expected at most {MAX_LINE}")
    bare = _SKIPPED.sub(_stand_in, text)
    if _TOO_MANY_PARTS.search(bare):
        raise ParameterError(f"a key of more than {MAX_PARTS} parts; expected an address of the table")
    depth = 0
    for letter in bare:
        depth = max(0, depth + _BRACKETS.get(letter, 0))
        if depth > MAX_PARTS:
            raise ParameterError(f"brackets more than {MAX_PARTS} levels deep; expected a preset in TOML")


def _stand_in(skipped: re.Match[str]) -> str:
    """Return one character for a string, which may be part of a key, and nothing for a comment."""
    return "" if skipped[0].startswith("#") else "s"
