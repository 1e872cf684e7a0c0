"""Reads TOML from outside: what it may cost is checked before it is parsed.

``tomllib`` keeps every beginning of a dotted key, so a key of n parts costs n squared: one line of 240 KB takes 23 GB.
And it goes one call deeper for each bracket. So the text is looked through first, once, in a time that grows with its
length: strings and comments are skipped, what is left can be counted.
"""

import re
import tomllib
from typing import Any

from bandwalk.errors import ParameterError

MAX_BYTES = 64 * 1024
"""Largest file; the whole state is a tenth of it."""

MAX_LINE = 12 * 1024
"""Letters of a line; the longest text of a parameter has 1,000, each of which may be written as ``\\U0001F600``."""

MAX_PARTS = 8
"""Parts of a dotted key, and depth of brackets; the deepest parameter has four parts."""

_SKIPPED = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?'{3,5}'''  # strings of several lines
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*""",  # strings of one line, comments
    re.DOTALL,
)
_TOO_MANY_PARTS = re.compile(rf"(?:[\w-]+[ \t]*\.[ \t]*){{{MAX_PARTS}}}")
_BRACKETS = {"[": 1, "{": 1, "]": -1, "}": -1}


def parse(data: bytes) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises:
        ParameterError: it is no TOML, or more of it than a preset can be.
    """
    if len(data) > MAX_BYTES:
        raise ParameterError(f"more than {MAX_BYTES} bytes, expected at most so many")
    try:
        text = data.decode()
        _check(text)
        return tomllib.loads(text)
    except (ValueError, RecursionError) as e:  # no UTF-8, no TOML, or a number of thousands of digits
        raise ParameterError(f"{e}, expected TOML") from e


def _check(text: str) -> None:
    """Refuse what would cost more than a file of this size should.

    Raises:
        ParameterError: a line too long, a key of too many parts, or brackets too deep.
    """
    longest = max(map(len, text.split("\n")), default=0)
    if longest > MAX_LINE:
        raise ParameterError(f"a line of {longest} letters, expected at most {MAX_LINE}")
    bare = _SKIPPED.sub(_stand_in, text)
    if _TOO_MANY_PARTS.search(bare):
        raise ParameterError(f"a key of more than {MAX_PARTS} parts, expected an address of the table")
    depth = 0
    for letter in bare:
        depth = max(0, depth + _BRACKETS.get(letter, 0))
        if depth > MAX_PARTS:
            raise ParameterError(f"brackets more than {MAX_PARTS} deep, expected TOML of a preset")


def _stand_in(skipped: re.Match[str]) -> str:
    """Return one letter for a string, which may be part of a key, and nothing for a comment."""
    return "" if skipped[0].startswith("#") else "s"
