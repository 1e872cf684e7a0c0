"""What a moved control does: it sets its parameter or runs its command, as a message of OSC would."""

from collections.abc import Callable, Mapping

from bandwalk.control.inbox import Batch, Change, Refusal, Request
from bandwalk.control.midi.messages import Control, Event
from bandwalk.control.midi.scale import reach_of, to_position, to_value
from bandwalk.control.midi.takeover import Takeover
from bandwalk.control.midi.targets import Target
from bandwalk.control.store import Store
from bandwalk.params.controller import Controller
from bandwalk.params.row import Row, Value

Apply = Callable[[Batch | Refusal], None]
"""Applies one piece, as what OSC brings is applied."""


class Hand:
    """Acts on events of bound controls; for one thread.

    A knob sets a number over its whole range, or a choice, after soft takeover. A key, or a knob that rises through its
    middle, runs a command, switches a boolean over, or takes the next choice; a key sets a number by its velocity.

    Args:
        store: has the present values.
        apply: sets values and runs commands.
    """

    def __init__(self, store: Store, apply: Apply) -> None:
        self._store = store
        self._apply = apply
        self._takeovers: dict[Control, Takeover] = {}
        self._given: dict[Control, tuple[str, Value | None]] = {}  # (address, value) that each control set last
        self._down: dict[Control, bool] = {}

    def act(self, event: Event, target: Target, controller: Controller) -> None:
        """Do what an event asks for."""
        is_press = self._is_press(event)
        if target.is_command:
            if is_press:
                self._apply(Batch(request=Request(target.address, target.args, controller, event.t)))
            return
        row = self._store.rows().get(target.address)
        if row is None:  # a direction that the present model lacks
            return
        if event.control.is_key or row.type == "b":
            value = self._pressed(event, row) if is_press else None
        else:
            value = self._moved(event, row)
        if value is not None:
            self._apply(Batch({row.address: Change(row.address, value, value, controller)}))
            self._given[event.control] = (row.address, self._store.values.get(row.address))

    def stand(self, event: Event) -> None:
        """Note where a control stands, without acting."""
        self._takeovers.setdefault(event.control, Takeover()).stand(event.position)
        self._is_press(event)

    def forget(self, device: str) -> None:
        """Forget where the controls of a device stand: it was pulled out."""
        for control in [control for control in self._down if control.device == device]:
            del self._down[control]
            self._takeovers.pop(control, None)
            self._given.pop(control, None)

    def _is_press(self, event: Event) -> bool:
        was_down, self._down[event.control] = self._down.get(event.control, False), event.is_down
        return event.is_down and (event.control.is_key or not was_down)

    def _pressed(self, event: Event, row: Row) -> Value:
        present = self._store.values[row.address]
        if row.type == "b":
            return not present
        if row.choices:
            return row.choices[(row.choices.index(str(present)) + 1) % len(row.choices)]
        return to_value(row, event.position)

    def _moved(self, event: Event, row: Row) -> Value | None:
        """Return the value that a knob sets; None: it has not reached its parameter yet."""
        present = self._store.values[row.address]
        takeover = self._takeovers.setdefault(event.control, Takeover())
        is_own = self._given.get(event.control) == (row.address, present)
        target = to_position(row, present)
        takes = takeover.takes(event.position, target, near=reach_of(row), is_own=is_own)
        return to_value(row, event.position) if takes else None


def present_position(store: Store, target: Target) -> float | None:
    """Return where a control of a target should stand, 0..1; None: it shows nothing."""
    if target.is_command:
        return None
    rows: Mapping[str, Row] = store.rows()
    value = store.values.get(target.address)
    row = rows.get(target.address)
    return None if row is None or value is None else to_position(row, value)
