"""What counts as a hit in this passage, and whether enough of them are heard to learn from."""

import math

from bandwalk.units import tau_to_coef

TOP_S = 4.0
"""Time constant with which the strongest hit is forgotten, to which the others are compared."""

TOP_MIN = 0.065
"""Mean rise of the bands: what begins less than this is no hit, however quiet it is around it."""

RECENT_S = 1.0
"""Time constant of the strongest hit of the last moment."""

USUAL_S, REST_S = 4.0, 60.0
"""Time constants of its mean, while it plays, and in a break."""

BREAK, PLAYING = 0.25, 0.5
"""Where the moment's strongest hit is under this share of the usual one, nothing is learned; over the second, all."""


class Passage:
    """Follows how strong hits are: just now, in the last seconds, in the passage.

    hit:    how much of a hit this step is, 0..1: 1 is the strongest of the last seconds.
    weight: how much is going on, 0..1; 0 in a break without hits.
    """

    def __init__(self, dt_s: float) -> None:
        self._keep_top, self._keep_recent = (math.exp(-dt_s / tau_s) for tau_s in (TOP_S, RECENT_S))
        self._playing, self._resting = tau_to_coef(USUAL_S, dt_s), tau_to_coef(REST_S, dt_s)
        self._top = self._recent = self._usual = 0.0
        self._count = 0
        self.hit = 0.0
        self.weight = 0.0

    def step(self, rise: float) -> None:
        """Take one more step; rise: how much begins in it."""
        self._count += 1
        self._top = max(rise, self._keep_top * self._top, TOP_MIN)
        self._recent = max(rise, self._keep_recent * self._recent)
        coef = self._resting + self.weight**2 * (self._playing - self._resting)
        self._usual += max(coef, 1.0 / self._count) * (self._recent - self._usual)
        self.hit = rise / self._top
        share = self._recent / max(self._usual, TOP_MIN)
        self.weight = min(max((share - BREAK) / (PLAYING - BREAK), 0.0), 1.0)
