"""Ends echo loops: two controllers that send back what they receive, a little late, would never stop.

If controllers change a parameter in turn more than MAX_TURNS times in a second, its newest value is echoed only once
a second until it is stable. So only one value is under way at a time, and the loop ends.
"""

import logging
from collections import deque
from collections.abc import Sequence
from functools import partial

from bandwalk.clock import Clock
from bandwalk.control.store import Listener, Store
from bandwalk.params.row import Value

MAX_TURNS = 20
"""How often in a second a parameter may change hands; two people on one fader stay below it."""

DAMPED_S = 1.0
"""Seconds between two echoes of a parameter in a loop."""

REST_S = 2.0
"""Time without a change of hands after which a loop has ended."""

logger = logging.getLogger(__name__)


class _Circle:
    """The recent changes of one parameter."""

    def __init__(self) -> None:
        self.controller: object = None
        self.turns: deque[float] = deque(maxlen=MAX_TURNS)  # times at which it changed hands
        self.echoed_at = 0.0
        self.is_running = False
        self.waiting: tuple[Value, object] | None = None


class Damping:
    """Passes the store's changes on to the echoes, slowly if there is a loop. It is a listener of the store.

    Args:
        echoes: called with (address, value, controller) of each change to send.
        clock:  measures how fast a parameter changes hands.
    """

    def __init__(self, echoes: Sequence[Listener], clock: Clock) -> None:
        self._echoes = echoes
        self._clock = clock
        self._circles: dict[str, _Circle] = {}
        self._waiting: frozenset[str] = frozenset()

    def follow(self, address: str, value: Value, controller: object) -> None:
        """Pass a change on; if its parameter is in a loop, keep it for :meth:`turn`."""
        if self._is_due(address, value, controller):
            self._pass_on(address, value, controller)

    def turn(self, store: Store) -> None:
        """Pass on what has waited long enough; call it a few times a second."""
        for address in self._waiting:
            store.read(partial(self._pass_waiting, address))

    def _pass_waiting(self, address: str, values: object) -> None:
        circle, now = self._circles[address], self._clock.now()
        if circle.waiting is not None and now - circle.echoed_at < DAMPED_S:
            return
        self._waiting -= {address}
        if circle.waiting is not None:
            (value, controller), circle.waiting, circle.echoed_at = circle.waiting, None, now
            self._pass_on(address, value, controller)

    def _is_due(self, address: str, value: Value, controller: object) -> bool:
        circle, now = self._circles.setdefault(address, _Circle()), self._clock.now()
        self._note_turn(address, circle, controller, now)
        if not circle.is_running or (circle.waiting is None and now - circle.echoed_at >= DAMPED_S):
            circle.echoed_at, circle.waiting = now, None
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
                    "%s goes back and forth between controllers: echoed once a second until it is stable", address
                )
        circle.controller = controller

    def _pass_on(self, address: str, value: Value, controller: object) -> None:
        for echo in self._echoes:
            echo(address, value, controller)
