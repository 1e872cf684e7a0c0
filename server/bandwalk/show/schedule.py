"""Follows a timetable: what should be on is done when its time comes, whatever happens to the clock."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bandwalk.control.schedule import DAYS, describe, load
from bandwalk.control.timetable import Due
from bandwalk.errors import BandwalkError, ParameterError

logger = logging.getLogger(__name__)

TURN_S = 0.25
"""Time between two looks at the clock."""

_JUMP_S = 30.0
"""A wall clock that is off by more against the monotonic one was set, or the machine has slept."""

_FILE_S = 5.0
"""Time between two looks at the file."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where the time comes from. wall: unix time; steady: monotonic; both in seconds."""

    wall: Callable[[], float]
    steady: Callable[[], float]


class Stage(Protocol):
    """What a timetable happens on. Both may wait for a disk."""

    def do(self, what: str, value: str | bool, *, is_due: bool) -> None:
        """Let a scene, a look, a source or black be on; is_due: its time has come just now.

        Raises:
            BandwalkError: it cannot be.
        """

    def fault_of(self, what: str, value: str | bool) -> str:
        """Return why there is no such scene, look or source; empty: there is."""


class Schedule:
    """Does what a timetable says, one :meth:`turn` at a time, by one thread.

    A clock that is set, and a file that is written again, do not repeat what has been: only what is different now is
    done. At the start all that should be on is done.

    Args:
        path: of the file.

    Raises:
        ParameterError: the file is not as it should be; each fault is logged.
    """

    def __init__(self, path: Path, clocks: Clocks) -> None:
        self._path, self._clocks = path, clocks
        self.next_told = ""
        self._seen = self._mark()
        self._table, faults = load(path)
        for fault in faults:
            logger.error("%s", fault)
        if faults:
            more = f" ({len(faults) - 1} more faults are above)" if len(faults) > 1 else ""
            raise ParameterError(f"{faults[0]}{more}")
        self._on: dict[str, tuple[str, str | bool]] = {}
        self._wall, self._steady = clocks.wall(), clocks.steady()
        self._t_next, self._t_file = float("-inf"), self._steady

    def begin(self, stage: Stage) -> None:
        """Take what it happens on, and report names that are unknown there; they may still come before their time."""
        self._stage = stage
        for entry in self._table.entries:
            for what, value in entry.does:
                reason = stage.fault_of(what, value)
                if reason:
                    logger.warning("--schedule %s: %s: %s %s: %s", self._path.name, entry.name, what, value, reason)

    def turn(self, *, enabled: bool) -> None:
        """Look at the clock and do what is due."""
        wall, steady = self._clocks.wall(), self._clocks.steady()
        jumped = abs(wall - self._wall - (steady - self._steady)) > _JUMP_S
        read_again = steady - self._t_file >= _FILE_S and self._read_again(steady)
        if jumped or read_again:
            self._wall, self._t_next = wall, float("-inf")
        since, self._steady = self._wall, steady
        self._wall = max(wall, self._wall)
        if not enabled:
            self._t_next, self._on, self.next_told = float("-inf"), {}, ""
        elif self._wall >= self._t_next:
            self._follow(since)

    def _follow(self, since: float) -> None:
        """Do what is new, or is due since a time; and look for what is next."""
        t = self._wall
        for kind, due in self._table.on(t).items():
            is_due = due.t > since
            if is_due or self._on.get(kind) != (due.what, due.value):
                self._on[kind] = (due.what, due.value)
                self._do_one(due, is_due=is_due)
        coming = self._table.next(t)
        self._t_next = float("inf") if coming is None else coming[0]
        self.next_told = ""
        if coming is not None:
            local = self._table.local(coming[0])
            day, at = DAYS[local.weekday()], f"{local:%H:%M}"
            self.next_told = f"{day} {at} {coming[1].name}: {describe(coming[1].does)}"

    def _do_one(self, due: Due, *, is_due: bool) -> None:
        logger.info("schedule: %s: %s", due.name, describe(((due.what, due.value),)))
        try:
            self._stage.do(due.what, due.value, is_due=is_due)
        except BandwalkError as e:
            logger.error("schedule: %s: %s", due.name, e)

    def _mark(self) -> tuple[int, int]:
        """Return what changes with the file."""
        try:
            stat = self._path.stat()
        except OSError:
            return 0, 0
        return stat.st_mtime_ns, stat.st_size

    def _read_again(self, steady: float) -> bool:
        """Read the file if it has changed; one with a fault is reported, and the timetable before it goes on."""
        self._t_file = steady
        mark = self._mark()
        if mark == self._seen:
            return False
        self._seen = mark
        try:
            table, faults = load(self._path)
        except ParameterError as e:
            faults = (str(e),)
        for fault in faults:
            logger.error("%s; the timetable before it goes on", fault)
        if faults:
            return False
        self._table = table
        logger.info("--schedule %s: read again, %d entries", self._path.name, len(table.entries))
        self.begin(self._stage)
        return True


def open_schedule(name: str) -> Schedule | None:
    """Return the timetable of a file by this machine's clocks; None: no file is named.

    Raises:
        ParameterError: the file is not as it should be.
    """
    return Schedule(Path(name).expanduser(), Clocks(time.time, time.monotonic)) if name else None
