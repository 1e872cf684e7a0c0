"""One endless stream of blocks, also while the source fails."""

import logging
import math
import threading
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bandwalk.audio.conditioning import Conditioning
from bandwalk.audio.health import Health
from bandwalk.audio.monitor import Monitor
from bandwalk.audio.source import BLOCK, PullSource, PushSource, Source
from bandwalk.clock import Clock
from bandwalk.records import Block, Counters
from bandwalk.units import samples_to_s

logger = logging.getLogger(__name__)

PATIENCE_S = 0.15
"""Longest wait for a block of a sound card; after it, silence replaces the sound until it comes back."""

BEHIND_S = 0.2
"""A reader that is later than this skips to the present instead of getting all missed blocks at once.

It is longer than the patience.
"""

REPORT_S = 1.0
"""A source that fails at each block is reported at this interval."""

MAX_SEEK_S = 1e6
"""No file is longer; a seek past it, even to infinity, goes to the end."""

Heard = tuple[np.ndarray, float | None]
"""Samples [n, channels], and the capture time of the last one; None: the time at which it is due."""


class Feed:
    """Yields a source's sound as blocks of 10 ms whose time rises without a gap.

    A file is paced by the clock: block k of a run comes when its last sample is due. A sound card paces itself.
    Without sound (paused, at the end of a file, the sound card lost, the source failing) it yields
    silence, paced by the clock. All methods but :meth:`blocks` may be called from any thread.

    Args:
        source:   an open source; the feed closes it.
        clock:    paces files and silence; with a stepped clock blocks come as fast as they are read.
        counters: count the faults of the sources.
        monitor:  plays the sound if the source is not live; the feed closes it.
        ends:     whether the blocks end with the file; the last one may be short.
    """

    def __init__(
        self, source: Source, *, clock: Clock, counters: Counters, monitor: Monitor | None = None, ends: bool = False
    ) -> None:
        self.tap: Callable[[np.ndarray, Block], object] = lambda x, block: None
        """Called with each block before it is heard, and the samples [n, channels] it is made of; must not wait."""
        self.rounded: Callable[[np.ndarray], np.ndarray] = lambda y: y
        """What becomes of the samples [n] that are heard, before all else."""
        self._clock = clock
        self._counters = counters
        self._monitor = monitor
        self._ends = ends
        self._switching = threading.Lock()
        self._closing = threading.Event()
        self._t_reported = -math.inf
        self._take_up(source)
        self._end = 0  # samples yielded
        self._t_zero = clock.now()  # monotonic time of audio time 0, in the present run
        self.anchor = (0.0, self._t_zero)
        """(t_audio, t_capture) of the newest block: maps audio time to monotonic time."""

    @property
    def is_monitored(self) -> bool:
        """Whether the sound is also played through a sound card."""
        return self._monitor is not None

    def blocks(self) -> Iterator[Block]:
        """Yield blocks until :meth:`close` (or, with ends, until the file has ended)."""
        self._t_zero = self._clock.now() - samples_to_s(self._end)
        while not self._closing.is_set():
            listen = self._listen
            x, t_capture = self._heard(listen)
            if listen is not self._listen:
                continue  # the source was replaced during the read
            if self._ends and not len(x):
                return
            end = self._end + len(x)
            if t_capture is None:
                t_capture = self._wait_until_due(end)
                if self._monitor is not None:
                    self._monitor.play(x)
            else:
                self._t_zero = t_capture - samples_to_s(end)
            if self._closing.is_set():
                return
            self._end = end
            self.anchor = (samples_to_s(end), t_capture)
            block = Block(self.rounded(self._edge.pass_on(x)), end, t_capture)
            self.tap(x, block)
            yield block

    @property
    def source(self) -> Source:
        """What is heard now."""
        return self._source

    @property
    def is_playing(self) -> bool:
        """Whether the source is heard: not paused, and not at its end."""
        return not self._paused and not self._source_ended

    def play(self) -> None:
        """Play the source; a file at its end starts again."""
        if self._source_ended:
            self.seek(0.0)
        self._paused = False

    def pause(self) -> None:
        """Pause: a file stops where it is, a sound card keeps running, and the blocks are silent."""
        self._paused = True

    def seek(self, t_s: float) -> None:
        """Go to this second of the file; live sound cannot seek."""
        source = self._source
        if isinstance(source, PullSource):
            source.seek(min(max(0.0, t_s), MAX_SEEK_S))
        else:
            logger.debug("seek %g: %s is live sound, which cannot seek", t_s, source.name)

    def switch(self, source: Source) -> None:
        """Switch to an open source at the next block, which also ends a pause; close the source before."""
        with self._switching:
            if self._closing.is_set():
                source.close()
                return
            old = self._source
            self._take_up(source)
        old.close()

    def close(self) -> None:
        """End the blocks and close the source; a wait for a block ends."""
        with self._switching:
            self._closing.set()
        if self._monitor is not None:
            self._monitor.begin_close()  # both sound cards at once
        self._source.close()
        if self._monitor is not None:
            self._monitor.close()

    def _take_up(self, source: Source) -> None:
        source.counters = self._counters
        self.health = Health(source.name)
        """Health of the present source's sound, measured before its channels are mixed."""
        self._source_ended = False
        self._standing_in = True  # silence replaces a sound card that gives nothing (yet)
        self._source = source
        self._edge = Conditioning()
        self._paused = False
        self._listen: Callable[[], Heard]
        if isinstance(source, PullSource):
            self._listen = partial(self._listen_to_file, source)
            return
        self._listen = partial(self._listen_live, source)
        if self._monitor is not None:
            logger.info("%s is not played through the monitor: it would be heard twice, or howl", source.name)

    def _heard(self, listen: Callable[[], Heard]) -> Heard:
        """Return the next sound; silence if the source fails, but with ends the error is raised."""
        try:
            return listen()
        except Exception as e:  # whatever a decoder raises, the show continues; the error is counted and reported
            if self._ends:
                raise
            self._counters.add("audio_error")
            self._standing_in = True
            self._report(e)
            return _silence(), None

    def _report(self, error: Exception) -> None:
        now = self._clock.now()
        if now - self._t_reported >= REPORT_S:
            self._t_reported = now
            logger.error("%s: %s: %s; playing silence", self._source.name, type(error).__name__, error)
            logger.debug("", exc_info=error)

    def _listen_to_file(self, source: PullSource) -> Heard:
        if self._paused:
            self.health.rest()
            return _silence(), None
        x = source.read(BLOCK)
        self._source_ended = len(x) < BLOCK
        if self._source_ended:
            self.health.rest()
        else:
            self.health.hear(x)
        if self._source_ended and not self._ends:
            x = np.pad(x, ((0, BLOCK - len(x)), (0, 0)))
        return x, None

    def _listen_live(self, source: PushSource) -> Heard:
        due = self._t_zero + samples_to_s(self._end + BLOCK)
        # Patience counts from now: after lost samples a capture time may be wrong for a while.
        wait_s = max(0.0, due - self._clock.now()) if self._standing_in else PATIENCE_S
        taken = source.take(BLOCK, wait_s)
        if taken is None:
            if not self._standing_in and not self._closing.is_set():
                self._counters.add("audio_late")
            self._standing_in = True
            self.health.miss(samples_to_s(BLOCK))
            return _silence(), None
        self._standing_in = False
        x, t_capture = taken
        self.health.hear(x)
        return _silence() if self._paused else x, t_capture

    def _wait_until_due(self, end: int) -> float:
        """Wait until the sample at end is due and return that time; if far behind, start a new run now."""
        due = self._t_zero + samples_to_s(end)
        now = self._clock.now()
        if now - due > BEHIND_S:
            self._t_zero = now - samples_to_s(end)
            return self._t_zero + samples_to_s(end)
        self._clock.sleep_until(due, self._closing)
        return due


def _silence() -> np.ndarray:
    return np.zeros((BLOCK, 1), np.float32)
