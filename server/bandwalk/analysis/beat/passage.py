"""What counts as a hit in this passage, and whether enough of them are heard to learn from."""

import math

TOP_S = 4.0
"""Time constant with which the strongest hit is forgotten, to which the others are compared."""

TOP_MIN = 0.065
"""Mean rise of the bands: what begins less than this is no hit, however quiet it is around it."""

RECENT_S, LONG_S = 1.0, 30.0
"""Time constants of the strongest hit of the last moment and of the last passage."""

BREAK, PLAYING = 0.2, 0.4
"""Where the moment's hits are under this share of the passage's, nothing is learned from them; over the second, all."""


class Passage:
    """Follows how strong hits are: just now, in the last seconds, in the last half minute.

    hit:    how much of a hit this step is, 0..1: 1 is the strongest of the last seconds.
    weight: how much is going on, 0..1; 0 in a break without hits.
    """

    def __init__(self, dt_s: float) -> None:
        self._keep_top, self._keep_recent, self._keep_long = (
            math.exp(-dt_s / tau_s) for tau_s in (TOP_S, RECENT_S, LONG_S)
        )
        self._top = self._recent = self._long = 0.0
        self.hit = 0.0
        self.weight = 0.0

    def step(self, rise: float) -> None:
        """Take one more step; rise: how much begins in it."""
        self._top = max(rise, self._keep_top * self._top, TOP_MIN)
        self._recent = max(rise, self._keep_recent * self._recent)
        self._long = max(rise, self._keep_long * self._long, TOP_MIN)
        self.hit = rise / self._top
        self.weight = min(max((self._recent / self._long - BREAK) / (PLAYING - BREAK), 0.0), 1.0)
