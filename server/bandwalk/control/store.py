"""The store: the present value of every live parameter.

Controllers write to it from any thread; the video loop takes one snapshot a frame. A parameter's value is what it
was last set to. Recalled over time, a number's value is where it goes, at once, and the snapshot travels there: so
controllers agree on where the faders stand, and only the picture glides.
"""

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bandwalk.clock import Clock
from bandwalk.errors import ParameterError
from bandwalk.params import LIVE, defaults, find_row, missing
from bandwalk.params.row import Row, Value
from bandwalk.params.values import Values

MAX_GLIDE_S = 3600.0
"""Longest glide, seconds."""

_FLOAT32 = 2.0**-24
"""Largest relative error of a number that has been through an OSC float."""

Listener = Callable[[str, Value, object], None]
"""Gets (address, value, origin) of a change."""

RowsListener = Callable[[frozenset[str], frozenset[str]], None]
"""Gets the addresses that went and those that came."""


def parse_live(address: str, value: object, *, clamp: bool) -> Value:
    """Return value as the live parameter's row wants it, whether the present model brings the row or not.

    Texts of numbers are for command lines: here a text is not a number, and true and false are not one either.

    Raises:
        ParameterError: no live parameter has this address, or its row refuses the value.
    """
    return parse_typed(find_row(address), value, clamp=clamp)


def parse_typed(row: Row, value: object, *, clamp: bool = False) -> Value:
    """Return value as the row wants it, refusing a text or a boolean where a number is meant.

    Raises:
        ParameterError: as :meth:`Row.parse`.
    """
    if (row.type in "ifb" and isinstance(value, str)) or (row.type in "if" and isinstance(value, bool)):
        raise row.error(value)
    return row.parse(value, clamp=clamp)


@dataclass(frozen=True, slots=True)
class _Glide:
    start: float
    end: float
    t_start: float
    t_end: float

    def at(self, now: float) -> float:
        if now >= self.t_end:
            return self.end
        return self.start + (self.end - self.start) * max(now - self.t_start, 0.0) / (self.t_end - self.t_start)


@dataclass(frozen=True, slots=True)
class _State:
    """One moment of the store; never changed, only replaced, so that readers need no lock."""

    rows: Mapping[str, Row]
    values: Values
    glides: Mapping[str, _Glide]

    def at(self, now: float) -> Values:
        moving = {address: glide.at(now) for address, glide in self.glides.items() if now < glide.t_end}
        return MappingProxyType({**self.values, **moving}) if moving else self.values


class Store:
    """Values by address.

    Args:
        values:  values at the start, by address of the table; its default where there is none.
        clock:   tells how far a glide has come.
        touched: addresses that somebody has chosen already (by a flag).
    """

    def __init__(self, values: Values, *, clock: Clock, touched: Iterable[str] = ()) -> None:
        start = {address: parse_live(address, value, clamp=False) for address, value in values.items()}
        for address in start.keys() - LIVE.keys():
            raise missing(address)
        self._state = _State(MappingProxyType(LIVE), MappingProxyType({**defaults(), **start}), {})
        self._clock = clock
        self._touched = set(touched)
        self._writes = 0
        self._written: dict[str, int] = {}  # which write was the last to an address
        self._listeners: list[Listener] = []
        self._rows_listeners: list[RowsListener] = []
        self._writing = threading.RLock()

    def rows(self) -> Mapping[str, Row]:
        """Return the rows of all live parameters by address: the table's, then those that the model brings."""
        return self._state.rows

    @property
    def values(self) -> Values:
        """Return what each parameter was last set to: where the faders stand."""
        return self._state.values

    def snapshot(self, now: float | None = None) -> Values:
        """Return the values that hold at a time (the present one), numbers on their way in between; no lock."""
        state = self._state
        if not state.glides:
            return state.values
        return state.at(self._clock.now() if now is None else now)

    def read(self, reader: Callable[[Values], None]) -> None:
        """Call reader with the values while nobody changes them, so that what it tells is not older than an echo."""
        with self._writing:
            reader(self._state.values)

    @property
    def touched(self) -> frozenset[str]:
        """Return the addresses that somebody has set; writing the present value back does not count."""
        with self._writing:
            return frozenset(self._touched)

    @property
    def mark(self) -> int:
        """Return the present moment in the order of all writes, for ``since``."""
        return self._writes

    def is_written_since(self, address: str, mark: int) -> bool:
        """Tell whether a parameter was set after a moment."""
        return self._written.get(address, 0) > mark

    def listen(self, listener: Listener) -> None:
        """Call listener after each change, in the order of the changes, in the thread that made it.

        It must not wait or raise: the next writer stands behind it.
        """
        self._listeners.append(listener)

    def listen_rows(self, listener: RowsListener) -> None:
        """Call listener with the addresses that went and came after each change of :meth:`rows`, as :meth:`listen`."""
        self._rows_listeners.append(listener)

    def bring(self, rows: Iterable[Row]) -> None:
        """Take the rows that a model brings in place of those of the model before.

        An address that both have keeps its value; what the new model has not goes back to its default, and
        whoever listens hears so, before its row goes.
        """
        with self._writing:
            table = {**LIVE, **{row.address: row for row in rows}}
            went = frozenset(self._state.rows.keys() - table.keys())
            came = frozenset(table.keys() - self._state.rows.keys())
            if not went and not came:
                return
            self._write({address: self._state.rows[address].default for address in went}, None, None)
            old = self._state
            values = {address: old.values.get(address, row.default) for address, row in table.items()}
            glides = {address: glide for address, glide in old.glides.items() if address in table}
            self._touched -= went
            self._state = _State(MappingProxyType(table), MappingProxyType(values), glides)
            for listener in self._rows_listeners:
                listener(went, came)

    def set(self, address: str, value: object, *, clamp: bool, origin: object = None) -> Value:
        """Set one parameter, ending its glide, and return its value as applied.

        The present value written back changes nothing, calls nobody and leaves a glide alone: controllers echo.

        Args:
            address: of the parameter.
            value:   a number, a text or a boolean.
            clamp:   bring a number into its range instead of refusing it.
            origin:  who asks; handed to the listeners.

        Raises:
            ParameterError: unknown address, one that the model has not, or a value that the row refuses.
        """
        applied = parse_live(address, value, clamp=clamp)
        if self._write({address: applied}, None, origin):
            raise missing(address)
        return applied

    def set_many(
        self,
        values: Mapping[str, object],
        seconds: float | None = None,
        *,
        origin: object = None,
        since: int | None = None,
    ) -> tuple[str, ...]:
        """Set several parameters together: all of them, or none if one is refused.

        Args:
            values:  by address.
            seconds: None: each as by :meth:`set`. A number: a recall; numbers glide there for so long (0: at
                once), all else switches now, and what was gliding to another end starts from where it is.
            origin:  who asks; handed to the listeners.
            since:   the :attr:`mark` when it was asked for, where that was before now: what was set after it stays.

        Returns:
            The addresses that were left out: another model would bring them, the present one does not.

        Raises:
            ParameterError: unknown address, a refused value, or seconds out of 0..3600.
        """
        if seconds is not None and not 0 <= seconds <= MAX_GLIDE_S:
            raise ParameterError(f"glide = {seconds} s: expected 0..{MAX_GLIDE_S:g}")
        asked = {a: parse_live(a, value, clamp=False) for a, value in values.items()}
        with self._writing:
            if since is not None:
                asked = {a: value for a, value in asked.items() if not self.is_written_since(a, since)}
            return self._write(asked, seconds, origin)

    def is_touched(self, address: str) -> bool:
        """Tell whether somebody has chosen a parameter's value."""
        return address in self._touched

    def offer(self, address: str, value: Value) -> None:
        """Set a parameter that nobody has touched (a model's own psi); it stays untouched."""
        with self._writing:
            if address not in self._touched:
                self.set(address, value, clamp=True)
                self._touched.discard(address)

    def _write(self, asked: Values, seconds: float | None, origin: object) -> tuple[str, ...]:
        """Set what there is, and return the addresses that there are not: under the lock, a model may be exchanged."""
        with self._writing:
            old, now = self._state, self._clock.now()
            values = {a: value for a, value in asked.items() if a in old.rows}
            left_out = tuple(a for a in asked if a not in old.rows)
            changed = {a: value for a, value in values.items() if not _is_same(value, old.values[a])}
            moved = changed if seconds is None else values
            if not moved:
                return left_out
            glides = {a: glide for a, glide in old.glides.items() if glide.t_end > now and a not in moved}
            if seconds:
                glides |= _begin_glides(old, values, t_start=now, t_end=now + seconds)
            self._touched.update(moved)
            self._writes += 1
            self._written.update(dict.fromkeys(moved, self._writes))
            self._state = _State(old.rows, MappingProxyType({**old.values, **changed}), glides)
            for address, value in changed.items():
                for listener in self._listeners:
                    listener(address, value, origin)
            return left_out


def _begin_glides(old: _State, values: Values, *, t_start: float, t_end: float) -> dict[str, _Glide]:
    """Return glides from what is seen now to the new values; only floats can stand in between."""
    glides, seen = {}, old.at(t_start)
    for address, end in values.items():
        start = seen[address]
        if old.rows[address].glides and isinstance(start, float) and isinstance(end, float) and start != end:
            glides[address] = _Glide(start, end, t_start, t_end)
    return glides


def _is_same(a: Value, b: Value) -> bool:
    """Tell whether two values are one on the wire, where a number has 24 bits."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=_FLOAT32)
    return a == b
