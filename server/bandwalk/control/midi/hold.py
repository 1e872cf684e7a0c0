"""Keys that are let go at once: routes look 100 times a second and would miss a hit that is shorter."""

from collections.abc import Callable

from bandwalk.control.midi.messages import Event

MIN_PRESS_S = 0.05
"""Shortest time that a key counts as pressed; two steps of the slowest analysis."""


class Hold:
    """Passes positions on; the end of a short press comes later. For one thread.

    Args:
        moved: takes the name of a control (midi/1/cc/21) and its position, 0..1.
    """

    def __init__(self, moved: Callable[[str, float], None]) -> None:
        self._moved = moved
        self._pressed: dict[str, float] = {}  # {name: time of its newest press}, of keys that are down
        self._ends: dict[str, float] = {}  # {name: time at which it counts as let go}

    @property
    def due(self) -> float:
        """When :meth:`turn` has something to do."""
        return min(self._ends.values(), default=float("inf"))

    def pass_on(self, event: Event, now: float) -> None:
        """Take a position."""
        name = f"midi/{event.control.name}"
        if event.control.is_key and event.is_down:
            self._pressed[name] = now
            self._ends.pop(name, None)
        elif event.control.is_key and now - self._pressed.pop(name, now - MIN_PRESS_S) < MIN_PRESS_S:
            self._ends[name] = now + MIN_PRESS_S
            return
        self._moved(name, event.position)

    def turn(self, now: float) -> None:
        """Let go of the keys whose time is over."""
        for name in [name for name, end in self._ends.items() if end <= now]:
            del self._ends[name]
            self._moved(name, 0.0)
