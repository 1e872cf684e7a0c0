"""The store: the present value of every live parameter.

Controllers write to it from any thread; the video loop takes one snapshot per frame. A parameter's value is what it
was last set to. When a preset is recalled over some time, the value is the final one at once, so that all controllers
show the same fader positions; only the picture glides (:mod:`bandwalk.pipeline.glide`).
"""

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bandwalk.params import LIVE, defaults, find_row, missing
from bandwalk.params.row import Row, Value
from bandwalk.params.values import Values

_FLOAT32 = 2.0**-24
"""Largest relative error of a number that was sent as an OSC float."""

Listener = Callable[[str, Value, object], None]
"""Called with (address, value, controller) of a change."""

RowsListener = Callable[[frozenset[str], frozenset[str]], None]
"""Called with the addresses that were removed and those that were added."""


def parse_live(address: str, value: object, *, clamp: bool) -> Value:
    """Return value converted by the live parameter's row, also if the present model lacks this parameter.

    Numbers as text are only for command lines: here a text is not a number, and neither is a boolean.

    Raises:
        ParameterError: no live parameter has this address, or its row refuses the value.
    """
    return parse_typed(find_row(address), value, clamp=clamp)


def parse_typed(row: Row, value: object, *, clamp: bool = False) -> Value:
    """Return value converted by the row; refuse a text or a boolean in place of a number.

    Raises:
        ParameterError: as in :meth:`Row.parse`.
    """
    if (row.type in "ifb" and isinstance(value, str)) or (row.type in "if" and isinstance(value, bool)):
        raise row.error(value)
    return row.parse(value, clamp=clamp)


@dataclass(frozen=True, slots=True)
class _State:
    """The store at one moment; never changed, only replaced, so that readers need no lock."""

    rows: Mapping[str, Row]
    values: Values


class Store:
    """Values by address.

    Args:
        values:  values at the start, by address; others start with the table's default.
        touched: addresses that the user has already set (by a flag).
    """

    def __init__(self, values: Values, *, touched: Iterable[str] = ()) -> None:
        start = {address: parse_live(address, value, clamp=False) for address, value in values.items()}
        for address in start.keys() - LIVE.keys():
            raise missing(address)
        self._state = _State(MappingProxyType(LIVE), MappingProxyType({**defaults(), **start}))
        self._touched = set(touched)
        self._writes = 0
        self._written: dict[str, int] = {}  # number of the last write to each address
        self._listeners: list[Listener] = []
        self._rows_listeners: list[RowsListener] = []
        self._writing = threading.RLock()

    def rows(self) -> Mapping[str, Row]:
        """Return the rows of all live parameters by address: the table's, then the model's own."""
        return self._state.rows

    @property
    def values(self) -> Values:
        """Return the value that each parameter was last set to."""
        return self._state.values

    def snapshot(self) -> Values:
        """Return the values of this moment, which never change; takes no lock."""
        return self._state.values

    def read(self, reader: Callable[[Values], None]) -> None:
        """Call reader with the values while nobody changes them, so that it cannot send a value older than an echo."""
        with self._writing:
            reader(self._state.values)

    @property
    def touched(self) -> frozenset[str]:
        """Return the addresses that were set; writing the present value again does not count."""
        with self._writing:
            return frozenset(self._touched)

    @property
    def mark(self) -> int:
        """Return the number of the latest write, for ``since``."""
        return self._writes

    def is_written_since(self, address: str, mark: int) -> bool:
        """Return whether a parameter was set after a mark."""
        return self._written.get(address, 0) > mark

    def listen(self, listener: Listener) -> None:
        """Call listener after each change, in the order of the changes, in the thread that made it.

        It must not wait or raise: the next writer waits for it.
        """
        self._listeners.append(listener)

    def listen_rows(self, listener: RowsListener) -> None:
        """Call listener with the removed and added addresses after each change of :meth:`rows`, as :meth:`listen`."""
        self._rows_listeners.append(listener)

    def bring(self, rows: Iterable[Row]) -> None:
        """Replace the rows of the model before with those of a new model.

        An address that both have keeps its value. An address that the new model lacks is set to its default, which
        the listeners get, before its row is removed.
        """
        with self._writing:
            table = {**LIVE, **{row.address: row for row in rows}}
            went = frozenset(self._state.rows.keys() - table.keys())
            came = frozenset(table.keys() - self._state.rows.keys())
            if not went and not came:
                return
            self._write({address: self._state.rows[address].default for address in went}, None)
            old = self._state
            values = {address: old.values.get(address, row.default) for address, row in table.items()}
            self._touched -= went
            self._state = _State(MappingProxyType(table), MappingProxyType(values))
            for listener in self._rows_listeners:
                listener(went, came)

    def set(self, address: str, value: object, *, clamp: bool, controller: object = None) -> Value:
        """Set one parameter and return its value as applied.

        Setting the present value again changes nothing and calls no listener: controllers echo.

        Args:
            address: of the parameter.
            value:   a number, a text or a boolean.
            clamp:   bring a number into its range instead of refusing it.
            controller: passed to the listeners.

        Raises:
            ParameterError: unknown address, one that the model lacks, or a value that the row refuses.
        """
        applied = parse_live(address, value, clamp=clamp)
        if self._write({address: applied}, controller):
            raise missing(address)
        return applied

    def set_many(
        self,
        values: Mapping[str, object],
        *,
        controller: object = None,
        since: int | None = None,
        is_recall: bool = False,
    ) -> tuple[str, ...]:
        """Set several parameters together: all of them, or none if one is refused.

        Args:
            values:  by address.
            controller: passed to the listeners.
            since:   the :attr:`mark` at the time of the request: parameters set after it keep their values.
            is_recall: a value that is the present one counts as set too.

        Returns:
            The addresses that were left out, because the present model lacks them.

        Raises:
            ParameterError: unknown address, or a refused value.
        """
        asked = {a: parse_live(a, value, clamp=False) for a, value in values.items()}
        with self._writing:
            if since is not None:
                asked = {a: value for a, value in asked.items() if not self.is_written_since(a, since)}
            return self._write(asked, controller, is_recall=is_recall)

    def is_touched(self, address: str) -> bool:
        """Return whether a parameter was set."""
        return address in self._touched

    def offer(self, address: str, value: Value) -> None:
        """Set a parameter that nobody has set (a model's own psi); it still counts as not set."""
        with self._writing:
            if address not in self._touched:
                self.set(address, value, clamp=True)
                self._touched.discard(address)

    def _write(self, asked: Values, controller: object, *, is_recall: bool = False) -> tuple[str, ...]:
        """Set the addresses that exist and return the others; under the lock, because the model may change."""
        with self._writing:
            old = self._state
            values = {a: value for a, value in asked.items() if a in old.rows}
            left_out = tuple(a for a in asked if a not in old.rows)
            changed = {a: value for a, value in values.items() if not is_same(value, old.values[a])}
            moved = values if is_recall else changed
            if not moved:
                return left_out
            self._touched.update(moved)
            self._writes += 1
            self._written.update(dict.fromkeys(moved, self._writes))
            self._state = _State(old.rows, MappingProxyType({**old.values, **changed}))
            for address, value in changed.items():
                for listener in self._listeners:
                    listener(address, value, controller)
            return left_out


def is_same(a: Value, b: Value) -> bool:
    """Return whether two values are equal on the wire, where a number has 24 bits."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=_FLOAT32)
    return a == b
