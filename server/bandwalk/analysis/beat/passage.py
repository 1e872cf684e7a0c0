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

MOMENT_S, SHAPE_S = 0.5, 3.0
"""Time constants: of the strongest rise and fall of a moment, and of their means, which begin at 0."""

LOPSIDED = (0.03, 0.05)
"""How far rises exceed falls, surely no hits, surely hits (measured: music over 0.05, detuned pads up to 0.03)."""

STRONG = (0.18, 0.25)
"""How much rises, the same (measured: music with gated chords over 0.3, detuned pads up to 0.18)."""

BACK_S = 2.0
"""So long kicks must be back before a break is over: a roll leads to it."""


class Passage:
    """Follows how strong hits are: just now, in the last seconds, in the passage.

    A hit is struck and dies away: it rises faster than it falls. Partials that beat do not: |sin(pi d t)| falls as it
    rises, whatever their distance d. So what begins counts as hits where rises exceed falls, or where they are more
    than a few partials' beating.

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
        self._keep_moment, self._shape = math.exp(-dt_s / MOMENT_S), tau_to_coef(SHAPE_S, dt_s)
        self._most_rise = self._most_fall = 0.0
        self._rises = self._falls = 0.0

    @property
    def struck(self) -> float:
        """How surely what begins are hits, 0..1."""
        return max(_within(self._rises - self._falls, LOPSIDED), _within(self._rises, STRONG))

    def step(self, rise: float, fall: float) -> None:
        """Take one more step; rise, fall: how much begins and ends in it."""
        self._count += 1
        self._top = max(rise, self._keep_top * self._top, TOP_MIN)
        self._recent = max(rise, self._keep_recent * self._recent)
        coef = self._resting + self.weight**2 * (self._playing - self._resting)
        self._usual += max(coef, 1.0 / self._count) * (self._recent - self._usual)
        self.hit = rise / self._top
        share = self._recent / max(self._usual, TOP_MIN)
        self.weight = _within(share, (BREAK, PLAYING))
        self._compare(rise, fall)

    def _compare(self, rise: float, fall: float) -> None:
        self._most_rise = max(rise, self._keep_moment * self._most_rise)
        self._most_fall = max(fall, self._keep_moment * self._most_fall)
        coef = self.weight * self._shape
        self._rises += coef * (self._most_rise - self._rises)
        self._falls += coef * (self._most_fall - self._falls)


class Kicks:
    """Whether the lowest drums play."""

    def __init__(self, dt_s: float) -> None:
        self._dt_s = dt_s
        self._passage = Passage(dt_s)
        self._left_s = 0.0

    @property
    def are_missing(self) -> bool:
        """Whether it is a break without them, or they are just back."""
        return self._left_s > 0.0

    def step(self, low: float) -> None:
        """Take one more step; low: how much begins in the lowest bands."""
        self._passage.step(low, low)
        self._left_s = BACK_S if self._passage.weight < 1.0 else max(self._left_s - self._dt_s, 0.0)


def _within(x: float, ends: tuple[float, float]) -> float:
    """Return where x lies between the two, 0..1."""
    return min(max((x - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0)
