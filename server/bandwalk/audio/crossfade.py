"""A crossfade: the songs that were heard before fade out beneath the one that plays, with equal power."""

from dataclasses import dataclass

import numpy as np

from bandwalk.audio.sound_file import FileSource
from bandwalk.audio.source import PullSource, to_mono

_MAX_LEAVING = 8
"""Most songs that fade out at a time; who skips faster loses the oldest, which is nearly silent."""


@dataclass(slots=True)
class _Leaving:
    """A song that fades out, and the gain that it had when the present fade began."""

    source: PullSource
    level: float


class Crossfade:
    """Fades what comes in, and what leaves, over so many samples.

    At sample k of n, with t = (k + 1/2) / n and p = t^2 (3 - 2 t), the song that comes in has the gain sqrt(p), those
    that leave sqrt(1 - p): the power of two different songs stays what it was, and no gain jumps, also where another
    fade begins within one. It is all IEEE arithmetic, so no part of it depends on how many samples are read at a time.
    """

    def __init__(self) -> None:
        self._leaving: list[_Leaving] = []
        self._k, self._n = 0, 0

    @property
    def is_on(self) -> bool:
        """Whether a song is fading out."""
        return bool(self._leaving)

    def begin(self, source: PullSource, n: int) -> list[PullSource]:
        """Let the song that played fade out over n samples; returns those that are not heard any more."""
        now_in, now_out = (float(gain[0]) for gain in self._gains(1)) if self.is_on else (1.0, 0.0)
        for leaving in self._leaving:
            leaving.level *= now_out
        if isinstance(source, FileSource):
            source.loop = False
        self._leaving.append(_Leaving(source, now_in))
        self._k, self._n = 0, n
        gone, self._leaving = self._leaving[:-_MAX_LEAVING], self._leaving[-_MAX_LEAVING:]
        return [leaving.source for leaving in gone]

    def mix(self, x: np.ndarray) -> np.ndarray:
        """Return the next samples of what comes in, [n, channels] float32, with those that leave beneath them."""
        m = min(len(x), self._n - self._k)
        gain_in, gain_out = self._gains(m)
        y = x.copy()
        y[:m] *= gain_in.astype(np.float32)[:, None]
        for leaving in self._leaving:
            old = with_channels(leaving.source.read(m), x.shape[1])
            y[: len(old)] += old * (leaving.level * gain_out[: len(old)]).astype(np.float32)[:, None]
        self._k += m
        return y

    def take_silent(self) -> list[PullSource]:
        """Return the songs that have faded out since the last call; they are the caller's to close."""
        return self.stop() if self._k >= self._n else []

    def stop(self) -> list[PullSource]:
        """End the fade; returns the songs that were fading out."""
        gone, self._leaving = self._leaving, []
        return [leaving.source for leaving in gone]

    def _gains(self, m: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the gains in and out of the next m samples, [m] float64."""
        t = (np.arange(self._k, self._k + m) + 0.5) / self._n
        p = t * t * (3.0 - 2.0 * t)
        return np.sqrt(p), np.sqrt(1.0 - p)


def with_channels(x: np.ndarray, channels: int) -> np.ndarray:
    """Return samples [n, any] as [n, channels]: as they are, or the mean of all in each channel."""
    return x if x.shape[1] == channels else np.repeat(to_mono(x)[:, None], channels, axis=1)
