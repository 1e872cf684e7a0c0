"""The edge at which every source is freed of what nobody hears, and its channels become one.

A cable that is wired the wrong way round turns one channel upside down; the mean of two such channels is silence.
"""

import math

import numpy as np

from bandwalk.audio.linear_filter import find_linear_filter
from bandwalk.units import SAMPLE_RATE

CUT_HZ = 20.0
"""Under it lie DC and rumble: nobody hears it, and it would move the lowest band. 12 dB an octave: 8 Hz are 16 dB down,
30 Hz less than 1 dB; DC is gone."""


SPLIT_HZ = 200.0
"""Channels are joined below and above it on their own: a bass may be upside down where the voices are not."""

POWER_S = 0.3
"""Time constant of the powers of sum and difference: long enough that no hit decides."""

MARGIN = 2.0
"""The difference takes over where it has so many times the power of the sum (3 dB), and gives back at the inverse."""

FADE_S = 0.05
"""In this time one takes over from the other."""

HOP = 480
"""Samples that are decided together: 10 ms."""

FADE_STEP = HOP / (FADE_S * SAMPLE_RATE)

POWER_SHARE = 1 - math.exp(-HOP / (POWER_S * SAMPLE_RATE))

DEAD = 1e-30
"""A filter's state far under it is 0: denormal numbers are slow."""

ITU = {
    5: ((1, 0), (0, 1), (0.7071, 0.7071), (0.7071, 0), (0, 0.7071)),
    6: ((1, 0), (0, 1), (0.7071, 0.7071), (0, 0), (0.7071, 0), (0, 0.7071)),
    8: ((1, 0), (0, 1), (0.7071, 0.7071), (0, 0), (0.7071, 0), (0, 0.7071), (0.7071, 0), (0, 0.7071)),
}
"""Shares in left and right of the channels of 5.0, 5.1 and 7.1 (left, right, centre, LFE, surrounds), as ITU-R BS.775-3
mixes them down: the LFE is left out, and the centre is 3 dB down on both sides."""

_linear_filter = find_linear_filter()


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


class Biquad:
    """A filter of second order, causal; the same bits however the sound is cut.

    Butterworth of order 2 (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.1), run as scipy's ``sosfilt``
    does, which spends three quarters of its time on checking its arguments where blocks are short (a test holds the two
    equal).

    Args:
        kind:   "lowpass" or "highpass".
        cut_hz: where it is 3 dB down.
    """

    def __init__(self, kind: str, cut_hz: float) -> None:
        warped = math.tan(math.pi * cut_hz / SAMPLE_RATE)
        whole = 1.0 + math.sqrt(2.0) * warped + warped**2
        passing = [warped**2, 2.0 * warped**2, warped**2] if kind == "lowpass" else [1.0, -2.0, 1.0]
        self.b = np.array(passing) / whole
        self.a = np.array([1.0, 2.0 * (warped**2 - 1.0) / whole, (1.0 - math.sqrt(2.0) * warped + warped**2) / whole])

    def filter(self, x: np.ndarray, state: np.ndarray) -> np.ndarray:
        """Return what passes of x [channels, n], float64; state [channels, 2] is brought forward."""
        y, state[:] = _linear_filter(self.b, self.a, x, state)
        state += DEAD
        state -= DEAD  # what is far under it is 0 now
        return np.asarray(y)

    def settled(self, x: np.ndarray) -> np.ndarray:
        """Return the state in which x [channels] has stood for ever, [channels, 2]."""
        y = x * (self.b.sum() / self.a.sum())
        second = self.b[2] * x - self.a[2] * y
        return np.stack([self.b[1] * x - self.a[1] * y + second, second], axis=1)


class HighPass:
    """Frees sound of DC and of what lies under 20 Hz, causally; the same bits however the sound is cut.

    Begins as if the first sample had stood there for ever: no click at the start of sound that has an offset.
    """

    def __init__(self) -> None:
        self._section = Biquad("highpass", CUT_HZ)
        self._state = np.zeros((0, 2))

    def filter(self, x: np.ndarray) -> np.ndarray:
        """Return the next samples, [channels, n] float64, of x [channels, n]."""
        if not x.size:
            return x.astype(np.float64)
        if len(self._state) != len(x):
            self._state = self._section.settled(x[:, 0].astype(np.float64))
        return self._section.filter(x, self._state)


class MonoMixer:
    """Makes one channel of two, as loud as they are: the mean, or where the two are opposed half their difference.

    Below and above SPLIT_HZ on their own; the two parts add up to the whole. Channels that are alike, and all that is
    mixed as music is, give the mean, bit for bit. What is heard in a hop decides what is taken from the next on: the
    same bits however the sound is cut.
    """

    def __init__(self) -> None:
        self._section = Biquad("lowpass", SPLIT_HZ)
        self._state = np.zeros((2, 2))
        self._split = np.zeros((2, 2, HOP))  # [below/above, sum/difference, samples of this hop]
        self._fill = 0
        self._power = [0.0] * 4  # below: sum, difference; above: sum, difference
        self._opposed = [False, False]  # below, above
        self._share = [0.0, 0.0]  # of the difference, where this hop ends
        self._ramp: np.ndarray | None = None  # of it over this hop, [2, HOP]; None: 0

    def join(self, x: np.ndarray) -> np.ndarray:
        """Return one channel [n] of the next samples x [2, n]."""
        pair = np.empty_like(x)  # sum, difference
        np.add(x[0], x[1], out=pair[0])
        np.subtract(x[0], x[1], out=pair[1])
        pair *= 0.5
        below = self._section.filter(pair, self._state)
        start, length = 0, x.shape[1]
        while start < length:
            part = slice(start, min(start + HOP - self._fill, length))
            self._join_within(pair[:, part], below[:, part])
            start = part.stop
        return np.asarray(pair[0])

    def _join_within(self, pair: np.ndarray, below: np.ndarray) -> None:
        """Take samples [2, n] that lie in one hop; where the difference has a share it is mixed into the sum."""
        here = slice(self._fill, self._fill + pair.shape[1])
        split = self._split[:, :, here]
        split[0] = below
        np.subtract(pair, below, out=split[1])
        if self._ramp is not None:
            pair[0] += (self._ramp[:, here] * (split[:, 1] - split[:, 0])).sum(axis=0)
        self._fill = here.stop
        if self._fill == HOP:
            self._fill = 0
            self._decide()

    def _decide(self) -> None:
        below, above = self._split
        brightened = above[:, 1:] - above[:, :-1]  # of the upper part the bass that is left in it must not decide
        energies = [float(y.dot(y)) for y in (*below, *brightened)]
        self._power = [p + POWER_SHARE * (e / HOP - p) for p, e in zip(self._power, energies, strict=True)]
        before, self._share = self._share, []
        for part, share in enumerate(before):
            both, off = self._power[2 * part : 2 * part + 2]
            is_opposed = self._opposed[part] = off * MARGIN > both if self._opposed[part] else off > MARGIN * both
            self._share.append(min(share + FADE_STEP, 1.0) if is_opposed else max(share - FADE_STEP, 0.0))
        is_mean = not any(before) and not any(self._share)
        self._ramp = None if is_mean else np.linspace(before, self._share, HOP + 1, axis=1)[:, 1:]


class Conditioning:
    """What every source passes: channels mixed down to two, the high-pass, then one channel."""

    def __init__(self) -> None:
        self._high_pass = HighPass()
        self._joiner = MonoMixer()

    def pass_on(self, x: np.ndarray) -> np.ndarray:
        """Return one channel [n] float32 of the next samples [n, channels]."""
        y = self._high_pass.filter(to_stereo(x).T)
        mono = y[0] if len(y) == 1 else self._joiner.join(y)
        return mono.astype(np.float32)
