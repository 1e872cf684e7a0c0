"""What the lines of a session log say, and how each of them is checked: the file may come from anybody.

    {"bandwalk_session": 1, ...}                 the head: model, start values, how sound is heard
    ["v", n, {address: value}, [address]]        values n: what is different from values n - 1, and what is gone
    ["m", n, name, sha256]                       model n
    ["g", n, begins, lands, {starts}, {ends}]    glide n
    ["b", end, {...}]                            from the block on that ends at this sample: v, m, g, t or z, p, n
    ["s", step, {...}]                           in this analysis step: v, g, c, k, h
    ["c", step, kind, ...]                       what the beat clock got in its step: a tap, a resync, a line
    ["d", t, {...}]                              pictures from this audio time on: v, g, m; f: hash of the ws
    ["w", t, ws]                                 at these ws begins the way to a style that was chosen at this time
    ["i", ...]                                   for people: songs, signals, recordings
    ["x", why]                                   from here on the replay is another show

v, m and g are the numbers of values, models and glides; the g of a block or a step is [glide, place, left, in beats];
n are the model's gains; u is with what a model was taken: [values, place of the glide]. Arrays are [rows, columns,
float32 in base64].
"""

import json
import math
from dataclasses import dataclass
from typing import Any

from bandwalk.errors import ParameterError
from bandwalk.params.row import Value

SUFFIX = ".session"
FORMAT = 2

MAX_LINE = 1024 * 1024
"""Bytes of a line: all values are a twentieth of it, a saved style is up to half of it."""

MAX_NUMBER = 1e12
"""No time, place or count is larger."""


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a log.

    version:   of bandwalk.
    model:     name of the first model.   sha256: of its weights.   screen: size of its pictures, [width, height].
    sound:     name of the file of heard sound, in the same folder.
    features, nsynth, step_rate: how sound is heard.
    values:    that the show began with.
    """

    version: str
    model: str
    sha256: str
    sound: str
    features: str
    nsynth: str
    step_rate: float
    values: dict[str, Any]
    drawn: tuple[int, int]

    def line(self) -> bytes:
        """Return it as the first line of a file."""
        said = {name: getattr(self, name) for name in self.__slots__}
        return to_line({"bandwalk_session": FORMAT, **said})


def to_line(said: object) -> bytes:
    """Return a line."""
    return json.dumps(said, separators=(",", ":"), allow_nan=False, default=_plain).encode() + b"\n"


def _plain(value: object) -> object:
    raise TypeError(f"{type(value).__name__} in a session log")


def from_line(line: bytes) -> Any:
    """Return what a line says.

    Raises:
        ParameterError: it is no JSON, or has numbers that are not finite.
    """
    if len(line) > MAX_LINE:
        raise ParameterError(f"a line of more than {MAX_LINE} bytes")
    try:
        return json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError) as e:
        raise ParameterError("a line that is no JSON") from e


def _refuse(name: str) -> None:
    raise ValueError(name)


def header_of(said: Any) -> Header:
    """Return the head that a first line says.

    Raises:
        ParameterError: it is none.
    """
    if not isinstance(said, dict) or said.get("bandwalk_session") != FORMAT:
        raise ParameterError(f"no session log of format {FORMAT}")
    texts = {name: text_of(said.get(name)) for name in ("version", "model", "sha256", "sound", "features", "nsynth")}
    drawn = list_of(said.get("drawn"), 2)
    return Header(
        **texts,
        step_rate=number_of(said.get("step_rate"), 25, 400),
        values=dict_of(said.get("values")),
        drawn=(whole_of(drawn[0]), whole_of(drawn[1])),
    )


def number_of(said: Any, lo: float = -MAX_NUMBER, hi: float = MAX_NUMBER) -> float:
    """Return a number; raise ParameterError if it is none, or out of range."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not lo <= said <= hi or not math.isfinite(said):
        raise ParameterError(f"{str(said)[:40]}: expected a number")
    return float(said)


def whole_of(said: Any) -> int:
    """Return a whole number from 0 on; raise ParameterError if it is none."""
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= MAX_NUMBER:
        raise ParameterError(f"{str(said)[:40]}: expected a whole number")
    return said


def text_of(said: Any) -> str:
    """Return a text; raise ParameterError if it is none, or too long."""
    if not isinstance(said, str) or len(said) > 1000:
        raise ParameterError(f"{str(said)[:40]}: expected a text")
    return said


def list_of(said: Any, n: int | None = None) -> list[Any]:
    """Return a list of n; raise ParameterError if it is none."""
    if not isinstance(said, list) or (n is not None and len(said) != n):
        raise ParameterError(f"{str(said)[:40]}: expected a list")
    return said


def dict_of(said: Any) -> dict[str, Any]:
    """Return an object; raise ParameterError if it is none."""
    if not isinstance(said, dict):
        raise ParameterError(f"{str(said)[:40]}: expected an object")
    return said


Values = dict[str, Value]
