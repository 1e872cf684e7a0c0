"""The demo track: composed and mixed here from a seed, each bar when it is needed. No file; it loops without a gap."""

import functools
import threading
from collections.abc import Iterable

import numpy as np

from bandwalk.audio.demo_mix import DemoMix
from bandwalk.audio.demo_score import BAR, BARS, LENGTH
from bandwalk.audio.source import SourceOptions, channel_slice
from bandwalk.machine import lower_priority
from bandwalk.records import Counters
from bandwalk.units import SAMPLE_RATE, s_to_samples

SEED = 1

_AHEAD = 2
"""Bars that are mixed ahead of the one that plays, on a thread behind all others."""


class Track:
    """The track of a seed; each bar is mixed once, whoever needs it first."""

    def __init__(self, seed: int) -> None:
        self._mix = DemoMix(seed)
        self.onsets = self._mix.onsets()
        self._y = np.empty((LENGTH, 2), np.float32)
        self._mixed = [False] * BARS
        self._mixing = threading.Lock()
        self._playing = 0
        self._went_on = threading.Event()
        self._thread: threading.Thread | None = None

    def is_mixed(self, bar: int) -> bool:
        """Return whether a bar is there already."""
        return self._mixed[bar]

    def whole(self) -> np.ndarray:
        """Return all of it, [LENGTH, 2] float32, read-only."""
        self._mix_bars(range(BARS))
        y = self._y.view()
        y.flags.writeable = False
        return y

    def read(self, at: int, n: int) -> np.ndarray:
        """Return n samples from this one on, [n, 2]; after the end it goes on at the start."""
        self._mix_bars({place // BAR % BARS for place in (*range(at, at + n, BAR), at + n - 1)} if n else ())
        if at + n <= LENGTH:
            y = self._y[at : at + n]
            y.flags.writeable = False
            return y
        return np.take(self._y, np.arange(at, at + n), axis=0, mode="wrap")

    def go_to(self, at: int) -> None:
        """Mix the bar of this sample, and on a thread those after it."""
        bar = at // BAR % BARS
        self._mix_bars((bar,))
        if bar != self._playing or self._thread is None:
            self._playing = bar
            self._went_on.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._mix_ahead, name="demo", daemon=True)
                self._thread.start()

    def _mix_ahead(self) -> None:
        lower_priority()
        while not all(self._mixed):
            self._went_on.wait()
            self._went_on.clear()
            self._mix_bars((self._playing + i) % BARS for i in range(1, 1 + _AHEAD))

    def _mix_bars(self, bars: Iterable[int]) -> None:
        """Mix those of these bars that are not mixed yet."""
        for bar in bars:
            if not self._mixed[bar]:
                with self._mixing:
                    if not self._mixed[bar]:
                        self._y[bar * BAR : (bar + 1) * BAR] = self._mix.bar(bar)
                        self._mixed[bar] = True


track_of = functools.cache(Track)
"""Returns the track of a seed, the same each time."""


def demo_onsets() -> dict[str, np.ndarray]:
    """Return when each voice of the demo plays: rising seconds from the start, by "kick", "snare", "lead" ..."""
    return {voice: np.array(sorted(at)) / SAMPLE_RATE for voice, at in track_of(SEED).onsets.items()}


class DemoSource:
    """Plays the demo track in a loop."""

    def __init__(self, options: SourceOptions) -> None:
        self.name = "demo"
        self.counters = Counters()
        self.length: int | None = LENGTH
        self.is_about = self.is_cut = False
        self._channels = channel_slice(options.channels, 2, self.name)
        self._track = track_of(SEED)
        self._at = 0
        self._lock = threading.Lock()

    def read(self, n: int) -> np.ndarray:
        """Return the next n samples, [n, channels] float32 at 48 kHz; it never ends."""
        with self._lock:
            at = self._at
            self._at = (at + n) % LENGTH
        self._track.go_to(at)
        return self._track.read(at, n)[:, self._channels]

    def seek(self, t_s: float) -> None:
        """Go to this second, modulo the length of the track."""
        at = s_to_samples(t_s) % LENGTH
        self._track.go_to(at)
        with self._lock:
            self._at = at

    def close(self) -> None:
        """Do nothing: nothing is open."""
