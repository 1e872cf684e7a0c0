"""MIDI messages of one device become events: a control and how far it was moved.

Names of controls: ``1/cc/21`` (channel 1, controller 21, 7 bit), ``1/cc14/21`` (14 bit: controllers 21 and 53),
``1/nrpn/1234`` (14 bit), ``1/note/36`` (velocity; 0: let go) and ``1/bend`` (pitch bend, 14 bit). Channels are 1..16,
as devices show them. The facts are those of the MIDI 1.0 detailed specification.
"""

import re
from typing import Any, NamedTuple

from bandwalk.control.midi.pairs import Pair
from bandwalk.errors import ParameterError

KINDS = {"cc": 128, "cc14": 32, "nrpn": 1 << 14, "note": 128, "bend": 1}
"""Kinds of controls: how many of each a channel has."""

MAX_RAW = {"cc": 127, "cc14": 16383, "nrpn": 16383, "note": 127, "bend": 16383}
"""The largest number that each kind sends."""

FINE = 32
"""Controllers 32..63 have the lower 7 bits of controllers 0..31."""

_DATA, _NRPN, _RPN = (6, 38), (99, 98), (101, 100)  # each: upper 7 bits, lower 7 bits
_NOTHING = (1 << 14) - 1  # 127, 127: no parameter is chosen
_NAME = re.compile(r"(\d{1,2})/(?:(cc|cc14|nrpn|note)/(\d{1,5})|(bend))")


class Control(NamedTuple):
    """One knob, fader, key or wheel.

    device:  name of the device.
    channel: 1..16.
    kind:    one of :data:`KINDS`.
    number:  of the controller, key or parameter, from 0.
    """

    device: str
    channel: int
    kind: str
    number: int = 0

    @property
    def name(self) -> str:
        """Its name without the device: 1/cc/21."""
        return f"{self.channel}/{self.kind}" + ("" if self.kind == "bend" else f"/{self.number}")

    @property
    def is_key(self) -> bool:
        """Whether it is pressed and let go, not moved."""
        return self.kind == "note"

    @classmethod
    def parse(cls, device: str, name: str) -> "Control":
        """Return the control of a name such as 1/cc/21.

        Raises:
            ParameterError: there is no such control.
        """
        found = _NAME.fullmatch(name)
        if found:
            channel, kind, number = int(found[1]), found[2] or found[4], int(found[3] or 0)
            if 1 <= channel <= 16 and number < KINDS[kind]:
                return cls(device, channel, kind, number)
        raise ParameterError(f"control {name[:80]}: expected CHANNEL/KIND/NUMBER, e.g. 1/cc/21, 1/note/36, or 1/bend")


class Event(NamedTuple):
    """A control was moved.

    raw: 0 to :data:`MAX_RAW` of its kind.
    t:   when its message arrived, monotonic seconds.
    """

    control: Control
    raw: int
    t: float = 0.0

    @property
    def position(self) -> float:
        """How far it is moved, 0..1."""
        return to_position(self.raw, MAX_RAW[self.control.kind])

    @property
    def is_down(self) -> bool:
        """Whether a key is pressed, or a knob stands in its upper half."""
        return self.raw > (0 if self.control.is_key else MAX_RAW[self.control.kind] // 2)


def to_position(raw: int, most: int) -> float:
    """Return raw of 0..most as 0..1; the notch in the middle of a knob, 64 of 127, is exactly 0.5."""
    middle = (most + 1) // 2
    return 0.5 * raw / middle if raw <= middle else 0.5 + 0.5 * (raw - middle) / (most - middle)


def to_raw(position: float, most: int) -> int:
    """Return the number whose :func:`to_position` is nearest to a position."""
    middle = (most + 1) // 2
    return round(2 * position * middle if position <= 0.5 else middle + (2 * position - 1) * (most - middle))


class Decoder:
    """Makes events from the messages of one device, as mido's parser gives them.

    Args:
        device: its name.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._pairs: dict[tuple[int, int], Pair] = {}  # {(channel, upper controller): ...}
        self._chosen: dict[int, list[int]] = {}  # {channel: [upper, lower 7 bits of the parameter]}
        self._data: dict[int, tuple[int, Pair]] = {}  # {channel: (parameter, its value)}

    def hear(self, message: Any, t: float = 0.0) -> list[Event]:
        """Return the events of one message that arrived at t: none, one, or two for the second half of a pair."""
        return [event._replace(t=t) for event in self._events(message)]

    def _events(self, message: Any) -> list[Event]:
        if message.type == "control_change":
            return self._hear_controller(message.channel + 1, message.control, message.value)
        if message.type in ("note_on", "note_off"):
            raw = message.velocity if message.type == "note_on" else 0
            return [Event(Control(self._device, message.channel + 1, "note", message.note), raw)]
        if message.type == "pitchwheel":
            return [Event(Control(self._device, message.channel + 1, "bend"), message.pitch + 8192)]
        return []

    def _hear_controller(self, channel: int, number: int, value: int) -> list[Event]:
        if number in _NRPN:
            self._chosen.setdefault(channel, [127, 127])[_NRPN.index(number)] = value
            return []
        if number in _RPN:  # a registered parameter is chosen: none of ours
            self._chosen.pop(channel, None)
            return []
        parameter = self._parameter(channel)
        if number in _DATA and parameter is not None:
            return self._hear_data(channel, parameter, number, value)
        events = [Event(Control(self._device, channel, "cc", number), value)]
        if number < 2 * FINE:
            pair = self._pairs.setdefault((channel, number % FINE), Pair())
            raw = pair.upper(value) if number < FINE else pair.lower(value)
            if raw is not None:
                events.append(Event(Control(self._device, channel, "cc14", number % FINE), raw))
        return events

    def _parameter(self, channel: int) -> int | None:
        upper, lower = self._chosen.get(channel, (127, 127))
        parameter = upper << 7 | lower
        return None if parameter == _NOTHING else parameter

    def _hear_data(self, channel: int, parameter: int, number: int, value: int) -> list[Event]:
        known, pair = self._data.get(channel, (-1, Pair()))
        if known != parameter:
            pair = Pair()
            self._data[channel] = (parameter, pair)
        raw = pair.upper(value) if number == _DATA[0] else pair.lower(value)
        return [] if raw is None else [Event(Control(self._device, channel, "nrpn", parameter), raw)]
