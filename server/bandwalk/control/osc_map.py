"""Sends features to other programs' own addresses: a fader follows a value, a button is pressed by a hit.

Each message is a packet of its own: programs that know nothing of us need not know bundles.
"""

from collections.abc import Iterator, Mapping, Sequence

from bandwalk.control.route import Route
from bandwalk.osc import encode

_SLACK = 1e-6  # audio times are sums of floats


class OscMap:
    """What each analysis step sends along the routes.

    Args:
        routes: in the order in which they are sent.
        rate:   most messages a second along a route that follows a value; 0: one each step. Hits are never left out.
    """

    def __init__(self, routes: Sequence[Route], *, rate: float = 0.0) -> None:
        self._routes = routes
        self._rate = rate
        self._tick = -1
        self._pressed: set[str] = set()

    def packets(self, numbers: Mapping[str, float], t_audio: float) -> Iterator[tuple[Route, bytes]]:
        """Return what one step sends: (the route, its packet). A hit is sent in its step, its end in the next one.

        Args:
            numbers: the step's features by :data:`~bandwalk.control.route.NAMES`.
            t_audio: its audio time, seconds; it leads the rate, so that a file gives the same messages at any speed.
        """
        pressed = {route.feature for route in self._routes if route.is_trigger and numbers[route.feature]}
        told, self._pressed = pressed | self._pressed, pressed
        tick = int(t_audio * self._rate + _SLACK)
        is_due, self._tick = not self._rate or tick != self._tick, tick
        for route in self._routes:
            if route.feature in told if route.is_trigger else is_due:
                yield route, encode(route.address, route.value_of(numbers[route.feature]))
