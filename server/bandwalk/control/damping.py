"""Echoes that run in a circle: two surfaces that send back what they are told, a little late, never come to rest.

A parameter that goes back and forth between controllers more than MAX_TURNS times in a second is told once a second,
its newest value, until it rests. So one value is under way at a time, and the circle ends.
"""

import logging
from collections import deque
from collections.abc import Sequence
from functools import partial

from bandwalk.clock import Clock
from bandwalk.control.store import Listener, Store
from bandwalk.params.row import Value

MAX_TURNS = 20
"""Changes of hands in a second that two hands on one fader may make."""

DAMPED_S = 1.0
"""Seconds between two echoes of a parameter that runs in a circle."""

REST_S = 2.0
"""Time without a change of hands after which a circle has come to rest."""

logger = logging.getLogger(__name__)


class _Circle:
    """What is known of one parameter that controllers set."""

    def __init__(self) -> None:
        self.controller: object = None
        self.turns: deque[float] = deque(maxlen=MAX_TURNS)  # when it changed hands
        self.told_at = 0.0
        self.is_running = False
        self.waiting: tuple[Value, object] | None = None


class Damping:
    """Stands between the store and those who echo its changes: a listener of the store, called in its writers' turn.

    Args:
        echoes: get (address, value, controller) of what is to be told.
        clock:  tells how fast it goes.
    """

    def __init__(self, echoes: Sequence[Listener], clock: Clock) -> None:
        self._echoes = echoes
        self._clock = clock
        self._circles: dict[str, _Circle] = {}
        self._waiting: frozenset[str] = frozenset()

    def follow(self, address: str, value: Value, controller: object) -> None:
        """Tell a change, or keep it for :meth:`turn` where its parameter runs in a circle."""
        if self._is_due(address, value, controller):
            self._tell(address, value, controller)

    def turn(self, store: Store) -> None:
        """Tell what has waited long enough; to be called a few times a second."""
        for address in self._waiting:
            store.read(partial(self._tell_waiting, address))

    def _tell_waiting(self, address: str, values: object) -> None:
        circle, now = self._circles[address], self._clock.now()
        if circle.waiting is not None and now - circle.told_at < DAMPED_S:
            return
        self._waiting -= {address}
        if circle.waiting is not None:
            (value, controller), circle.waiting, circle.told_at = circle.waiting, None, now
            self._tell(address, value, controller)

    def _is_due(self, address: str, value: Value, controller: object) -> bool:
        circle, now = self._circles.setdefault(address, _Circle()), self._clock.now()
        self._note_turn(address, circle, controller, now)
        if not circle.is_running or (circle.waiting is None and now - circle.told_at >= DAMPED_S):
            circle.told_at, circle.waiting = now, None
            return True
        circle.waiting = value, controller
        self._waiting |= {address}
        return False

    def _note_turn(self, address: str, circle: _Circle, controller: object, now: float) -> None:
        if circle.turns and now - circle.turns[-1] >= REST_S:
            circle.is_running = False
        if controller is not None and circle.controller is not None and controller != circle.controller:
            circle.turns.append(now)
            is_fast = len(circle.turns) == MAX_TURNS and now - circle.turns[0] < 1.0
            if is_fast and not circle.is_running:
                circle.is_running = True
                logger.warning(
                    "%s goes back and forth between controllers: echoed once a second until it rests", address
                )
        circle.controller = controller

    def _tell(self, address: str, value: Value, controller: object) -> None:
        for echo in self._echoes:
            echo(address, value, controller)
