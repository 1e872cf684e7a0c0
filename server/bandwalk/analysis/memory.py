"""What is remembered of the sound: how loud it rests, and how loud it gets. Each memory has one purpose.

    Floor   2 s      what does not change (a room, hum, a held chord) rests
    Scale   3 s      what is loud here is full scale; what is quieter is seen soon after it; one bang is no scale
    Scale   1 min    ... with some room kept for what was louder not long ago

All run on several values side by side, arrays [n]: bands, and parts of bands.
"""

import math

import numpy as np

BLOCK_S = 0.25
"""Of the floor's blocks: the longest gap between hits that a fast rhythm surely has."""

BLOCKS = 8
"""So many blocks are the floor's memory, 2 s: a sound that begins rests after them."""

CALM = 3
"""The floor's unrest is that of the block with the third smallest: hits in most blocks are no unrest."""

UNREST = 5.0
"""The floor lies by this times the unrest over the lowest value."""

NOISE = 2.5
"""Half of the standard deviations between lowest and highest of noise in some minutes, 3 under and 3 over the mean."""

RANGE_MIN = 0.25
"""Nepers. The least of it: what rests may still swell slowly."""

SWELL = 0.4
"""Nepers a second (3.5 dB). What rests may swell so fast: a fan, the sea, two notes that beat slowly."""

RISE_NEPERS = 30.0
"""Nepers a second with which the floor glides up, 260 dB; it falls at once."""

TINY = 1e-9
"""An RMS under it is as good as none; its logarithm is finite."""

BEAT_S = 0.5
"""Of the scale's blocks: a beat at 120 bpm. A bang is in one of them, or two."""

BEATS = 6
"""So many are the scale's memory, 3 s: something quiet is full scale after them."""

RANK = 3
"""The scale is the loudest of all beats but the first two: neither a bang nor its tail is one for long."""

FORGET_S = 0.1
"""Half-life with which what is louder than the scale is forgotten: 30 dB are half a second."""

ROOM_HALF_LIFE_S = 60.0
"""Of the loudest scale: a breakdown or a quiet intro lasts up to a minute."""

ROOM = 1.25
"""Most room that is kept for it (2 dB): quiet music after loud has four fifths of its motion."""


def noise_range(bandwidth_hz: float, window_s: float) -> float:
    """Return how far over its lowest RMS the highest of noise lies, nepers.

    The mean of the power of Gaussian noise over T seconds of a band of B hertz has the relative standard deviation
    (B T)^-1/2 (Rice 1954; Bendat and Piersol, Random Data, 8.3.2); its square root, half of that.
    """
    return max(RANGE_MIN, NOISE / math.sqrt(bandwidth_hz * window_s))


class Floor:
    """Tracks the top of what rests, by minimum statistics.

        floor = lowest(2 s) * exp(max(min(UNREST * unrest, most), still))

    with unrest the most that a block rises over its own lowest value so far. As in Martin, "Noise Power Spectral
    Density Estimation Based on Optimal Smoothing and Minimum Statistics", IEEE Trans. Speech and Audio Processing 9(5),
    2001: between the hits of any music the sound falls to what is always there. His bias compensation leads from the
    minimum to the mean of noise; what is wanted here is its top, and that a steady tone (no unrest) has it close by.

    Args:
        most:      the most that the floor of each value lies over its lowest, nepers, [n]: noise_range.
        still:     the least, [n].
        step_rate: steps a second.
    """

    def __init__(self, most: np.ndarray, still: np.ndarray, step_rate: float) -> None:
        n = len(most)
        self._still = still
        self._length = max(1, round(BLOCK_S * step_rate))
        self._rate = math.exp(RISE_NEPERS / step_rate)
        self._lows = np.full((BLOCKS, n), TINY)
        self._rises = np.zeros((BLOCKS, n))
        self._unrest = np.zeros(n)
        self._low = np.full(n, TINY)  # of the blocks that are over, and of this one so far
        self._glide = np.full(n, TINY)
        self._block = np.zeros((self._length, n))
        self._step = 0
        self._floor = np.zeros(n)
        self.set(most)

    def set(self, most: np.ndarray) -> None:
        """Follow another most."""
        self._most = most
        self._margin = np.exp(np.maximum(np.minimum(UNREST * self._unrest, most), self._still))

    def step(self, x: np.ndarray) -> np.ndarray:
        """Return the floor [n] after one more step, x [n], both RMS; it is overwritten in the next."""
        now = self._block[self._step % self._length]
        np.maximum(x, TINY, out=now)
        np.minimum(self._low, now, out=self._low)
        np.multiply(self._glide, self._rate, out=self._glide)
        np.minimum(self._glide, self._low, out=self._glide)
        self._step += 1
        if self._step % self._length == 0:
            self._end_block()
        floor: np.ndarray = np.multiply(self._glide, self._margin, out=self._floor)
        return floor

    def _end_block(self) -> None:
        at = self._step // self._length % BLOCKS
        lows = np.minimum.accumulate(self._block, axis=0)
        self._lows[at], self._rises[at] = lows[-1], np.log(self._block / lows).max(axis=0)
        grown = np.exp(SWELL * BLOCK_S * ((at - np.arange(BLOCKS)) % BLOCKS))
        self._low = (self._lows * grown[:, None]).min(axis=0)
        self._unrest = np.sort(self._rises, axis=0)[CALM - 1]
        self.set(self._most)


class Scale:
    """Tracks how loud it gets: at once up, down within seconds, and after a bang in half a second.

        usual = loudest of all beats of 3 s but the first two
        full  = the most of x, of usual, and of what full was before, half of it each FORGET_S
        scale = max(full, min(loudest usual of the last minute, ROOM * full))

    Beats before a first sound, or before one that follows 3 s of silence, are not known; one that is not known counts
    as the loudest that is.
    """

    def __init__(self, n: int, step_rate: float) -> None:
        self._length = max(1, round(BEAT_S * step_rate))
        self._keep = 0.5 ** (1 / (FORGET_S * step_rate))
        self._room_keep = 0.5 ** (self._length / (ROOM_HALF_LIFE_S * step_rate))
        self._beats = np.full((BEATS, n), np.inf)
        self._most = np.full(n, np.inf)  # what usual is at most
        self._step = 0
        # the loudest of this beat, usual, full, the loudest usual of the last minute, and room to work in
        self._loud, self._usual, self._full, self._best, self._room = np.zeros((5, n))

    def step(self, x: np.ndarray, silence: np.ndarray) -> np.ndarray:
        """Return the scale [n] after one more step; it is overwritten in the next.

        Args:
            x:       [n], linear.
            silence: what counts as nothing, [n]; asked at the end of a beat.
        """
        usual, full, room = self._usual, self._full, self._room
        np.maximum(self._loud, x, out=self._loud)
        np.minimum(self._most, x, out=room)
        np.maximum(usual, room, out=usual)
        np.multiply(full, self._keep, out=full)
        np.maximum(full, usual, out=full)
        np.maximum(full, x, out=full)
        self._step += 1
        if self._step % self._length == 0:
            self._end_beat(silence)
        np.multiply(full, ROOM, out=room)
        np.minimum(self._best, room, out=room)
        scale: np.ndarray = np.maximum(full, room, out=room)
        return scale

    def _end_beat(self, silence: np.ndarray) -> None:
        self._best = np.maximum(self._usual, self._room_keep * self._best)
        self._beats[self._step // self._length % BEATS] = np.where(self._loud > silence, self._loud, 0.0)
        self._loud.fill(0.0)
        known = np.where(np.isinf(self._beats), 0.0, self._beats).max(axis=0)
        self._beats[:, known == 0] = np.inf
        ranked = np.sort(self._beats, axis=0)
        self._most = ranked[-RANK + 1]
        self._usual = np.minimum(ranked[-RANK], known)
