"""How much each channel moves, and which moves most: the seed's "in order of the largest changes"."""

from dataclasses import dataclass

import numpy as np

from bandwalk.units import tau_to_coef

HALF_LIFE_S = 10.0
"""Of the running maxima, as of a band's."""

MEMORY_S = 10.0
"""Time constant of the mean movement by which drivers are put in order."""

ORDER_S = 1.0
"""How often they are. A style whose channel is exchanged goes on from where it is, so nothing is seen to jump."""

QUIETEST = 0.2
"""Full movement of a channel is at least this share of the most moving one's: no noise is full movement."""

_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class SongStatistics:
    """What is known of a whole song beforehand.

    order:   [n] the drivers, the most moving one first.
    largest: [n] the largest movement of each channel in one step.
    """

    order: np.ndarray
    largest: np.ndarray


def song_statistics(encoding: np.ndarray) -> SongStatistics:
    """Return the order and the largest movements of a song's encoding [steps, n]."""
    moved = np.abs(np.diff(encoding, axis=0))
    if not len(moved):
        moved = np.zeros((1, encoding.shape[1]))
    return SongStatistics(np.argsort(-moved.mean(axis=0), kind="stable"), moved.max(axis=0))


class Movement:
    """Each channel's movement, a step at a time.

        moved[c]  = |encoding[c] - encoding[c] one step before|
        change[c] = moved[c] / max(largest[c], QUIETEST * max(largest))        in 0..1

    A channel has no up and down as loudness has: a fall moves as a rise does. ``largest`` is a decaying maximum, and
    the order that of a decaying mean; of a song that is known as a whole, its own maximum and mean.

    Args:
        n:      number of drivers.
        step_s: seconds of a step.
        known:  of the whole song, where it is known.
    """

    def __init__(self, n: int, step_s: float, known: SongStatistics | None = None) -> None:
        self._known = known
        self._before: np.ndarray | None = None
        self._largest = np.zeros(n) if known is None else known.largest
        self._order = np.arange(n) if known is None else known.order
        self._mean = np.zeros(n)
        self._decay = 0.5 ** (step_s / HALF_LIFE_S)
        self._coef = tau_to_coef(MEMORY_S, step_s)
        self._steps_an_order = max(1, round(ORDER_S / step_s))
        self._step = 0

    def step(self, encoding: np.ndarray) -> tuple[float, ...]:
        """Return the change of each channel, the most moving one first, after one more step, encoding [n]."""
        before = encoding if self._before is None else self._before
        self._before = encoding
        moved = np.abs(encoding - before)
        if self._known is None:
            self._learn(moved)
        full = np.maximum(self._largest, max(QUIETEST * float(self._largest.max()), _TINY))
        change: list[float] = np.minimum(moved / full, 1.0)[self._order].tolist()
        return tuple(change)

    def _learn(self, moved: np.ndarray) -> None:
        self._largest = np.maximum(moved, self._largest * self._decay)
        self._mean += self._coef * (moved - self._mean)
        self._step += 1
        if self._step % self._steps_an_order == 0:
            self._order = np.argsort(-self._mean, kind="stable")
