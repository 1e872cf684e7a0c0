"""Routes: which feature goes to which address of a different program, with which range and curve.

    FEATURE=ADDRESS[:LO..HI][:CURVE][@HOST:PORT]

A file of routes has one route per line; "#" starts a comment; a line "@HOST:PORT" sets the target of later lines.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bandwalk.errors import ParameterError
from bandwalk.params.signals import FEATURES, HITS, RANGES
from bandwalk.units import parse_host_port

CURVES: dict[str, Callable[[float], float]] = {
    "linear": lambda x: x,
    "square": lambda x: x * x,
    "root": math.sqrt,
    "log": lambda x: math.log10(1.0 + 9.0 * x),
    "exp": lambda x: (10.0**x - 1.0) / 9.0,
}
"""The curves, functions of 0..1; each maps 0 to 0 and 1 to 1."""

NAMES = (*RANGES, "time")
"""The features; the time has no upper limit, so it has no range."""

_TRIGGERS = frozenset(FEATURES[i].address.removeprefix("/feature/") for i in HITS)

MAX_ROUTES = 128
MAX_FILE = 64 * 1024

_MAX_VALUE = 1e9  # beyond it a 32-bit integer overflows and a float loses its digits
_FORM = "FEATURE=ADDRESS[:LO..HI][:CURVE][@HOST:PORT]"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})")
_ADDRESS = re.compile(r"(?:/[^\s#*,/?\[\]{}:@]+)+")


@dataclass(frozen=True, slots=True)
class Route:
    """Sends one feature to a different program.

    feature: one of :data:`NAMES`.
    address: the other program's OSC address.
    lo, hi:  values for the feature's smallest and largest value; hi may be below lo.
    curve:   one of :data:`CURVES`.
    target:  (host, port); None: the targets of ``--osc-to``.
    """

    feature: str
    address: str
    lo: float
    hi: float
    curve: str = "linear"
    target: tuple[str, int] | None = None

    @property
    def is_trigger(self) -> bool:
        """Return whether a hit presses a button; else a value moves a fader."""
        return self.feature in _TRIGGERS

    def value_of(self, number: float) -> float | int:
        """Return the number to send for a feature's number.

            lo + (hi - lo) * curve((number - least) / (most - least)), the fraction clamped to 0..1

        A trigger with integer ends sends integers, as buttons expect.
        """
        span = RANGES.get(self.feature)
        if span is None:
            return number
        share = min(max((number - span[0]) / (span[1] - span[0]), 0.0), 1.0)
        value = self.lo + (self.hi - self.lo) * CURVES[self.curve](share)
        is_whole = self.is_trigger and self.lo.is_integer() and self.hi.is_integer()
        return int(value) if is_whole else value


def parse_route(text: str, target: tuple[str, int] | None = None) -> Route:
    """Return the route that a text describes; spaces around its parts do not matter.

    Args:
        target: its target if the text does not name one.

    Raises:
        ParameterError: not a route, or it has an unknown feature or curve, or an address that OSC does not allow.
    """
    feature, equals, rest = (part.strip() for part in text.partition("="))
    rest, at, where = (part.strip() for part in rest.partition("@"))
    address, *options = (part.strip() for part in rest.split(":"))
    feature = feature.removeprefix("/feature/")
    if not equals or len(text) > 1000:
        raise _error(text, _FORM)
    if feature not in NAMES:
        raise _error(text, f"a feature: {', '.join(NAMES)}")
    if not (_ADDRESS.fullmatch(address) and address.isascii() and address.isprintable()):
        raise _error(text, f"an OSC address without patterns after {feature}=, as /composition/master")
    return Route(
        feature, address, *_parse_options(text, feature, options), _parse_target(text, where) if at else target
    )


def _parse_options(text: str, feature: str, options: list[str]) -> tuple[float, float, str]:
    """Return (lo, hi, curve) from the parts after the address; each part may be left out."""
    lo, hi = RANGES.get(feature, (0.0, 0.0))
    if options and feature == "time":
        raise _error(text, "no range and no curve for the time, which has no upper limit")
    match = _RANGE.fullmatch(options[0]) if options else None
    if match:
        lo, hi = float(match[1]), float(match[2])
        options = options[1:]
    if not all(abs(end) <= _MAX_VALUE for end in (lo, hi)):
        raise _error(text, f"a range within -{_MAX_VALUE:g}..{_MAX_VALUE:g}")
    if len(options) > 1 or not set(options) <= CURVES.keys():
        raise _error(text, f"after the address a range LO..HI, a curve ({', '.join(CURVES)}), or both in this order")
    return lo, hi, options[0] if options else "linear"


def _parse_target(text: str, where: str) -> tuple[str, int]:
    try:
        return parse_host_port(where)
    except ParameterError as e:
        raise _error(text, "HOST:PORT after @") from e


def _error(text: str, expected: str) -> ParameterError:
    return ParameterError(f"--osc-map = {text.strip()[:120]}: expected {expected}")


def open_routes(texts: Sequence[str], file: str) -> list[Route]:
    """Return the routes of a file, if one is given, and those given singly.

    Raises:
        ParameterError: a route is invalid, the file cannot be read, or there are too many routes.
    """
    routes = [*(read_routes(Path(file).expanduser()) if file else []), *map(parse_route, texts)]
    if len(routes) > MAX_ROUTES:
        raise ParameterError(f"--osc-map: {len(routes)} routes; expected at most {MAX_ROUTES}")
    return routes


def read_routes(path: Path) -> list[Route]:
    """Return the routes of a file, in order.

    Raises:
        ParameterError: the file cannot be read, or a line is not a route.
    """
    target: tuple[str, int] | None = None
    routes = []
    for number, line in enumerate(_read(path).splitlines(), 1):
        text = line.partition("#")[0].strip()
        try:
            if text.startswith("@"):
                target = _parse_target(text, text[1:])
            elif text:
                routes.append(parse_route(text, target))
        except ParameterError as e:
            raise ParameterError(f"{path}, line {number}: {e}".replace("--osc-map = ", "", 1)) from e
    return routes


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise ParameterError(f"--osc-map-file = {path}: more than {MAX_FILE} bytes; expected a short text file")
        return data.decode("utf-8-sig")
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None) or e
        raise ParameterError(f"--osc-map-file = {path}: {reason}; expected a text file of routes") from e
