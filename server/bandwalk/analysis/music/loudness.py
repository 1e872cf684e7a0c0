"""Short-term loudness in LUFS."""

import math

import numpy as np

from bandwalk.analysis.follow import clamp

WINDOW_S = 3.0
"""Of short-term loudness (EBU Tech 3341, 2.2); it is not gated."""

OFFSET_DB = -0.691
"""So that a sine of 997 Hz at full scale in one channel is -3.01 (ITU-R BS.1770-4)."""

CHANNELS = 2
"""The one channel that is heard counts as both speakers', of which the standard adds the powers.

So a song in mono, or what is the same left and right, has the loudness that a meter of the stereo sound shows. What is
different left and right counts up to 3 LU less: the mean of both is heard.
"""

LOWEST, HIGHEST = -70.0, 0.0


class ShortTermLoudness:
    """Loudness of the last 3 s; silence before the first.

    L = -0.691 + 10 log10(sum over the channels of the mean square of the K-weighted sound)   (ITU-R BS.1770-4)
    """

    def __init__(self, step_rate: float) -> None:
        self._squares = np.zeros(max(1, round(WINDOW_S * step_rate)))
        self._shares = np.full(len(self._squares), CHANNELS / len(self._squares))
        self._step = 0

    def step(self, mean_square: float) -> float:
        """Return the loudness, LUFS, -70..0, after one more step; mean_square: of the weighted sound in it."""
        self._squares[self._step % len(self._squares)] = mean_square
        self._step += 1
        power = float(self._squares.dot(self._shares))
        if power <= 0.0:
            return LOWEST
        return clamp(OFFSET_DB + 10.0 * math.log10(power), LOWEST, HIGHEST)
