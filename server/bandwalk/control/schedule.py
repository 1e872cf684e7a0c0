"""A timetable: what is on by the hour and the weekday, as a file says.

zone = "Europe/Berlin"      # local time, if it is left out

[doors]                     # a name of your own
at = 18:30:00               # or "18:30"
days = "mon-fri"            # or ["tue", "sat"]; every day, if it is left out
source = "warm-up.m3u8"
scene = "tide"
black = false

[closing]
at = "03:00"
black = true
"""

from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bandwalk.control import safe_toml
from bandwalk.control.timetable import Entry, Timetable
from bandwalk.errors import ParameterError
from bandwalk.params.row import MAX_TEXT

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TEXTS = ("scene", "look", "source")
MAX_ENTRIES = 256

_EVERY_DAY = frozenset(range(7))
_AT = "expected a time of day, such as 18:30"


def load(path: Path) -> tuple[Timetable, tuple[str, ...]]:
    """Return the timetable of a file, without the entries that cannot be read, and one line for each of these.

    Raises:
        ParameterError: the file cannot be read, or is no TOML.
    """
    try:
        with path.open("rb") as file:
            doc = safe_toml.parse(file.read(safe_toml.MAX_BYTES + 1))
    except OSError as e:
        raise ParameterError(f"--schedule {path}: {e.strerror}; expected a file that can be read") from e
    except ParameterError as e:
        raise ParameterError(f"--schedule {path}: {e}") from e
    entries: list[Entry] = []
    faults: list[str] = []
    zone = None
    for name, fields in doc.items():
        try:
            if name == "zone":
                zone = _zone(fields)
            elif len(entries) == MAX_ENTRIES:
                raise ParameterError(f"more than {MAX_ENTRIES} entries; expected fewer")
            else:
                entries.append(_entry(name, fields))
        except ParameterError as e:
            faults.append(f"--schedule {path.name}: {name[:80]}: {e}")
    return Timetable(tuple(entries), zone), tuple(faults)


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ValueError, OSError, LookupError) as e:
        raise ParameterError(f"{str(value)[:80]!r} is unknown here; expected a zone, such as Europe/Berlin") from e


def _entry(name: str, value: object) -> Entry:
    if not isinstance(value, dict):
        raise ParameterError(f"{str(value)[:80]!r}; expected [{name[:80]}] with at = and what is on then")
    fields: dict[str, Any] = dict(value)
    at, days = _at(fields.pop("at", None)), _days(fields.pop("days", None))
    does = tuple(_does(fields))
    if fields:
        expected = ", ".join(("at", "days", *TEXTS, "black"))
        raise ParameterError(f"{next(iter(fields))[:80]} is unknown; expected one of {expected}")
    if not does:
        raise ParameterError(f"nothing is on then; expected {', '.join(TEXTS)} or black")
    if {"scene", "look"} <= {what for what, _ in does}:
        raise ParameterError("a scene and a look; expected one of them")
    return Entry(name, at, days, does)


def _does(fields: dict[str, Any]) -> Iterator[tuple[str, str | bool]]:
    """Take what is on out of the fields."""
    for what in TEXTS:
        if what in fields:
            text = fields.pop(what)
            if not isinstance(text, str) or not 0 < len(text) <= MAX_TEXT:
                raise ParameterError(f"{what} = {str(text)[:80]!r}; expected a name")
            yield what, text
    if "black" in fields:
        black = fields.pop("black")
        if not isinstance(black, bool):
            raise ParameterError(f"black = {str(black)[:80]!r}; expected true or false")
        yield "black", black


def _at(value: object) -> time:
    if isinstance(value, time):
        return value.replace(microsecond=0)
    if not isinstance(value, str):
        raise ParameterError(f"at = {str(value)[:80]!r}; {_AT}")
    parts = value.split(":")
    try:
        if not 2 <= len(parts) <= 3 or not all(part.isdecimal() and len(part) <= 2 for part in parts):
            raise ValueError
        hour, minute, second = (*map(int, parts), 0)[:3]
        return time(hour, minute, second)
    except ValueError as e:
        raise ParameterError(f"at = {value[:80]!r}; {_AT}") from e


def _days(value: object) -> frozenset[int]:
    if value is None:
        return _EVERY_DAY
    parts = value if isinstance(value, list) else [value]
    return frozenset(day for part in parts for day in _span(part)) or _refuse_days(value)


def _span(part: object) -> Iterator[int]:
    """Yield the numbers of the days of a day or a span, such as fri-mon."""
    first, dash, last = str(part).strip().lower().partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        _refuse_days(part)
    a, b = DAYS.index(first), DAYS.index(last or first)
    yield from (day % 7 for day in range(a, b + 1 if b >= a else b + 8))


def _refuse_days(value: object) -> frozenset[int]:
    raise ParameterError(f"days = {str(value)[:80]!r}; expected a day, a span or a list of them: {' '.join(DAYS)}")


def describe(does: tuple[tuple[str, str | bool], ...]) -> str:
    """Return what is on, in words."""
    black = {True: "black", False: "no black"}
    return ", ".join(black[value] if isinstance(value, bool) else f"{what} {value}" for what, value in does)
