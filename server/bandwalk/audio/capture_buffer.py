"""Sound from one open sound card: passed from its thread to ours, at 48 kHz, with its capture time."""

import time

import numpy as np

from bandwalk.audio.resample import Resampler
from bandwalk.audio.ring import Ring
from bandwalk.audio.source import clean
from bandwalk.clock import StreamClock
from bandwalk.records import Counters
from bandwalk.units import samples_to_s

RING_S = 1.0
"""Most sound that waits; older sound is dropped."""


class CaptureBuffer:
    """A ring that the sound card's thread fills, and a resampler that our thread reads.

    Args:
        sample_rate: of the incoming sound, Hz.
        channels:    those to keep.
    """

    def __init__(self, sample_rate: int, channels: slice) -> None:
        n = channels.stop - channels.start
        self._rate, self._channels = sample_rate, channels
        self._ring = Ring(round(RING_S * sample_rate), n)
        self._sound = Resampler(sample_rate, n)
        self._stream_clock = StreamClock(sample_rate)
        self._newest = (0, time.monotonic())  # samples captured, and the capture time of the last one
        self._taken = self._given = 0  # samples: from the ring, at its rate; to the listener, at 48 kHz
        self._is_heard = False
        self.counters = Counters()

    def put(self, x: np.ndarray, was_lost: bool) -> None:
        """Copy x [n, channels], in the sound card's thread; was_lost: samples before it were lost."""
        now = time.monotonic()
        if was_lost:  # the sample count no longer gives the time
            self.counters.add("audio_overflow")
            self._stream_clock.reset()
        dropped = self._ring.put(x[:, self._channels])
        captured = self._ring.written
        self._newest = (captured, self._stream_clock.capture_time(captured, now))
        if dropped and self._is_heard:
            self.counters.add("audio_dropped", dropped)

    def take(self, n: int, deadline: float) -> tuple[np.ndarray, float] | None:
        """Return ([n, channels] at 48 kHz, capture time of the last sample); None if they do not come in time."""
        if not self._is_heard:
            self._ring.skip_to(0)  # drop what came before the first take
            self._is_heard = True
        while len(self._sound) < n:
            x = self._ring.take(self._rate // 100, max(0.0, deadline - time.monotonic()))
            if x is None:
                return None
            self._taken += len(x)
            self._sound.push(clean(x, self.counters))
        self._given += n
        return self._sound.take(n), self._capture_time()

    def close(self) -> None:
        """End a :meth:`take` that is waiting."""
        self._ring.close()

    def _capture_time(self) -> float:
        """Return when the last returned sample was captured, estimated from arrival times.

        The newest captured sample's time minus what waits in the ring and in the resampler.
        """
        captured, t_s = self._newest
        in_ring_s = (captured - self._ring.position) / self._rate
        in_resampler_s = self._taken / self._rate - samples_to_s(self._given)
        return t_s - in_ring_s - in_resampler_s
