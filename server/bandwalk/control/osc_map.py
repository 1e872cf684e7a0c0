"""Sends features to other programs' own addresses: a fader follows a value, a hit presses a button.

Each message is a separate packet, because some programs do not support bundles.
"""

from collections.abc import Iterator, Mapping, Sequence

from bandwalk.control.route import Route
from bandwalk.osc import encode

_SLACK = 1e-6  # audio times are sums of floats


class OscMap:
    """Makes the messages that each analysis step sends along the routes.

    Args:
        routes: in the order in which they are sent.
        rate:   most messages per second along a route that follows a value; 0: one per step. Hits are always sent.
    """

    def __init__(self, routes: Sequence[Route], *, rate: float = 0.0) -> None:
        self._routes = routes
        self._rate = rate
        self._tick = -1
        self._pressed: set[str] = set()

    def packets(self, numbers: Mapping[str, float], t_audio: float) -> Iterator[tuple[Route, bytes]]:
        """Return the messages of one step: (route, packet). A hit is sent in its step, its end in the next one.

        Args:
            numbers: the step's features by :data:`~bandwalk.control.route.NAMES`.
            t_audio: its audio time, seconds; the rate counts by it: a file gives the same messages at any speed.
        """
        pressed = {route.feature for route in self._routes if route.is_trigger and numbers[route.feature]}
        hits, self._pressed = pressed | self._pressed, pressed
        tick = int(t_audio * self._rate + _SLACK)
        is_due, self._tick = not self._rate or tick != self._tick, tick
        for route in self._routes:
            if route.feature in hits if route.is_trigger else is_due:
                yield route, encode(route.address, route.value_of(numbers[route.feature]))
