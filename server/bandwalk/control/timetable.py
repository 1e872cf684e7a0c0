"""When the entries of a timetable are due: local times of day on weekdays, also where the clocks change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEK = 8
"""Days in which each entry is due at least once, wherever in a day one looks from."""

KINDS = {"scene": "picture", "look": "picture", "source": "source", "black": "black"}
"""What may be on, and what it takes the place of: of each kind one thing is on."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timetable.

    at:   local time of day.
    days: 0 is Monday.
    does: what is on from then: scene, look, source or black, and its name or whether.
    """

    name: str
    at: time
    days: frozenset[int]
    does: tuple[tuple[str, str | bool], ...]


@dataclass(frozen=True, slots=True)
class Due:
    """What is on of a kind. t: since when, unix time, seconds; name: of the entry; what, value: as in the entry."""

    t: float
    name: str
    what: str
    value: str | bool


class Timetable:
    """Entries, and the zone that their times are in; None: that of this machine.

    A time that the clocks leave out in spring is due as much later; one that they have twice in autumn is due the first
    time only.
    """

    def __init__(self, entries: tuple[Entry, ...] = (), zone: ZoneInfo | None = None) -> None:
        self.entries = entries
        self._zone = zone

    def on(self, t: float) -> dict[str, Due]:
        """Return what is on at a unix time, by its kind: the last entry that says so in the week before it."""
        found: dict[str, Due] = {}
        for entry in self.entries:
            begun = max((due for due in self._times(entry, t, -_WEEK, 1) if due <= t), default=None)
            for what, value in entry.does if begun is not None else ():
                assert begun is not None
                before = found.get(KINDS[what])
                if before is None or begun >= before.t:
                    found[KINDS[what]] = Due(begun, entry.name, what, value)
        return found

    def next(self, t: float) -> tuple[float, Entry] | None:
        """Return the first entry after a unix time, and when it is due; None: there are no entries."""
        coming = (
            (due, n, entry)
            for n, entry in enumerate(self.entries)
            for due in self._times(entry, t, -1, _WEEK)
            if due > t
        )
        first = min(coming, default=None, key=lambda each: each[:2])
        return None if first is None else (first[0], first[2])

    def local(self, t: float) -> datetime:
        """Return a unix time as local time."""
        return datetime.fromtimestamp(t, self._zone)

    def _times(self, entry: Entry, t: float, first: int, last: int) -> Iterator[float]:
        """Yield when an entry is due on the days around a unix time, counted from its day."""
        today: date = self.local(t).date()
        for day in range(first, last + 1):
            there = today + timedelta(days=day)
            if there.weekday() in entry.days:
                yield datetime.combine(there, entry.at, self._zone).timestamp()
