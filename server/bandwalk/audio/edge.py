"""The edge at which every source is freed of what nobody hears, and its channels become one.

A cable that is wired the wrong way round turns one channel upside down; the mean of two such channels is silence.
"""

import numpy as np
from scipy.signal import butter, sosfilt

from bandwalk.units import SAMPLE_RATE

CUT_HZ = 20.0
"""Under it lie DC and rumble: nobody hears it, and it would move the lowest band."""

ORDER = 2
"""Of the high-pass, Butterworth, 12 dB an octave: 8 Hz are 16 dB down, 30 Hz less than 1 dB; DC is gone."""

SPLIT_HZ = 200.0
"""Channels are joined below and above it on their own: a bass may be upside down where the voices are not."""

POWER_S = 0.3
"""Time constant of the powers of sum and difference: long enough that no hit decides."""

MARGIN = 2.0
"""The difference takes over where it has so many times the power of the sum (3 dB), and gives back at the inverse."""

FADE_S = 0.05
"""In this time one takes over from the other."""

DEAD = 1e-30
"""A filter's state under it is 0: denormal numbers are slow."""

ITU = {
    5: ((1, 0), (0, 1), (0.7071, 0.7071), (0.7071, 0), (0, 0.7071)),
    6: ((1, 0), (0, 1), (0.7071, 0.7071), (0, 0), (0.7071, 0), (0, 0.7071)),
    8: ((1, 0), (0, 1), (0.7071, 0.7071), (0, 0), (0.7071, 0), (0, 0.7071), (0.7071, 0), (0, 0.7071)),
}
"""Shares in left and right of the channels of 5.0, 5.1 and 7.1 (left, right, centre, LFE, surrounds), as ITU-R BS.775-3
mixes them down: the LFE is left out, and the centre is 3 dB down on both sides."""


def to_stereo(x: np.ndarray) -> np.ndarray:
    """Mix [n, channels] down to two, [n, 2], or one, [n, 1].

    Five, six and eight channels are taken for surround sound, any other number for so many alike: every other one is
    left, the rest right, each the mean.
    """
    n_channels = x.shape[1]
    if n_channels <= 2:
        return x
    if n_channels in ITU:
        return np.asarray(x @ np.array(ITU[n_channels], x.dtype))
    return np.stack([x[:, ::2].mean(axis=1), x[:, 1::2].mean(axis=1)], axis=1)


class HighPass:
    """Frees sound of DC and of what lies under 20 Hz, causally; the same bits however the sound is cut.

    Begins as if the first sample had stood there for ever: no click at the start of sound that has an offset.
    """

    def __init__(self) -> None:
        self._sos = butter(ORDER, CUT_HZ, "highpass", fs=SAMPLE_RATE, output="sos")
        self._state: np.ndarray | None = None

    def filter(self, x: np.ndarray) -> np.ndarray:
        """Return the next samples [n, channels] float64, of x [n, channels]."""
        if not len(x):
            return x.astype(np.float64)
        if self._state is None or self._state.shape[2] != x.shape[1]:
            self._state = _settled(self._sos, x[0].astype(np.float64))
        y, self._state = sosfilt(self._sos, x, axis=0, zi=self._state)
        self._state[np.abs(self._state) < DEAD] = 0.0
        return np.asarray(y)


class Joiner:
    """Makes one channel of two, as loud as they are: the mean, or where the two are opposed half their difference.

    Below and above SPLIT_HZ on their own; the two parts add up to the whole. Channels that are alike, and all that is
    mixed as music is, give the mean, bit for bit.
    """

    def __init__(self) -> None:
        self._sos = butter(2, SPLIT_HZ, fs=SAMPLE_RATE, output="sos")
        self._state = np.zeros((1, 2, 2))
        self._power = np.zeros((2, 2))  # [below/above, sum/difference]
        self._opposed = np.zeros(2, bool)
        self._share = np.zeros(2)

    def join(self, x: np.ndarray) -> np.ndarray:
        """Return one channel [n] of the next samples x [n, 2]; a block is decided upon as one."""
        half = x * 0.5
        pair = np.stack([half[:, 0] + half[:, 1], half[:, 0] - half[:, 1]], axis=1)  # [n, 2] sum, difference
        below, self._state = sosfilt(self._sos, pair, axis=0, zi=self._state)
        self._state[np.abs(self._state) < DEAD] = 0.0
        split = np.stack([below, pair - below])  # [2, n, 2]
        before = self._share
        brightened = np.diff(split[1], axis=0)  # of the upper part the bass that is left in it must not decide
        self._decide(np.stack([np.square(split[0]).sum(axis=0), np.square(brightened).sum(axis=0)]), len(x))
        y = pair[:, 0]
        if before.any() or self._share.any():
            ramp = np.linspace(before, self._share, len(x) + 1)[1:].T  # [2, n]
            y = y + (ramp * (split[:, :, 1] - split[:, :, 0])).sum(axis=0)
        return np.asarray(y)

    def _decide(self, energy: np.ndarray, n: int) -> None:
        keep = np.exp(-n / (POWER_S * SAMPLE_RATE))
        self._power = keep * self._power + (1 - keep) * energy / max(n, 1)
        both = self._power[:, 0], self._power[:, 1]
        self._opposed = np.where(self._opposed, both[1] * MARGIN > both[0], both[1] > MARGIN * both[0])
        step = n / (FADE_S * SAMPLE_RATE)
        self._share = np.clip(self._share + np.where(self._opposed, step, -step), 0.0, 1.0)


class Edge:
    """What every source passes: channels mixed down to two, the high-pass, then one channel."""

    def __init__(self) -> None:
        self._high_pass = HighPass()
        self._joiner = Joiner()

    def pass_on(self, x: np.ndarray) -> np.ndarray:
        """Return one channel [n] float32 of the next samples [n, channels]."""
        y = self._high_pass.filter(to_stereo(x))
        mono = y[:, 0] if y.shape[1] == 1 else self._joiner.join(y)
        return mono.astype(np.float32)


def _settled(sos: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the state in which x [channels] has stood for ever, [1, 2, channels]: nothing of it comes out."""
    b, a = sos[0, :3], sos[0, 3:]
    y = x * 0.0  # a high-pass of one section lets none of it through
    second = b[2] * x - a[2] * y
    return np.stack([b[1] * x - a[1] * y + second, second])[None]
