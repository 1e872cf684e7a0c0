"""How long each stage takes, how many frames go out, and what was lost."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from bandwalk.audio import HealthReading
from bandwalk.pipeline.stalls import Stalls
from bandwalk.records import Counters, Stats

STAGES = ("capture", "analyze", "walk", "synth", "encode", "publish")
"""The phases, by the names that code, /stats, benchmark and README share."""

KEPT_RUNS = 2000
_FPS_FRAMES = 120


class Stopwatch:
    """Times of the last runs of every stage; one writer a stage, any number of readers."""

    def __init__(self) -> None:
        self._times = {stage: deque[float](maxlen=KEPT_RUNS) for stage in STAGES}
        self._lock = threading.Lock()

    def add(self, stage: str, seconds: float) -> None:
        """Note one run of a stage."""
        with self._lock:
            self._times[stage].append(seconds)

    def newest(self, stage: str) -> float:
        """Return how many seconds the last run of a stage took."""
        with self._lock:
            return self._times[stage][-1]

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Time the body as one run of a stage."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter() - begun)

    def read(self) -> list[Stats]:
        """Return median and p99 of every stage that has run, milliseconds."""
        with self._lock:
            times = {stage: np.array(runs) for stage, runs in self._times.items() if runs}
        return [
            Stats(stage, len(runs), float(np.median(runs) * 1e3), float(np.percentile(runs, 99) * 1e3))
            for stage, runs in times.items()
        ]


class FrameMeter:
    """Frames a second, by the times at which the last frames went out."""

    def __init__(self) -> None:
        self._times = deque[float](maxlen=_FPS_FRAMES)

    def tick(self, now: float) -> None:
        """Note that a frame went out."""
        self._times.append(now)

    def fps(self, now: float) -> float:
        """Return frames a second; 0 when none went out for two seconds."""
        times = tuple(self._times)
        if len(times) < 2 or now - times[-1] > 2.0 or times[-1] <= times[0]:
            return 0.0
        return (len(times) - 1) / (times[-1] - times[0])


class Tally:
    """All that /stats reports, in one place.

    Args:
        counters: to count in; None: new ones.
    """

    def __init__(self, counters: Counters | None = None) -> None:
        self.stopwatch = Stopwatch()
        self.frames = FrameMeter()
        self.counters = Counters() if counters is None else counters
        self.stalls = Stalls()
        self.restarts = 0
        """Threads that had ended and were started again."""
        self.input = HealthReading()
        """How the sound arrives now."""
        self.key = ""
        """Of the music; empty: not known."""
        self.held = 0
        """Pictures that were held back so that they do not flash."""

    def messages(self, now: float) -> list[tuple[str, float | int | str]]:
        """Return the answers to /stats as (address, value)."""
        messages: list[tuple[str, float | int | str]] = [
            ("/audio/level_db", self.input.db),
            ("/audio/health", self.input.sentence),
            ("/feature/key", self.key),
        ]
        for stats in self.stopwatch.read():
            messages.append((f"/stats/{stats.stage}/median_ms", stats.median_ms))
            messages.append((f"/stats/{stats.stage}/p99_ms", stats.p99_ms))
        messages.append(("/stats/fps", self.frames.fps(now)))
        counts = dict(self.counters.counts)
        messages.append(("/stats/held", self.held))
        messages.append(("/stats/restarts", self.restarts))
        messages.extend((f"/stats/stalls/{stage}", n) for stage, n in self.stalls.counts.items())
        messages.append(("/stats/late", counts.pop("late", 0)))
        messages.extend((f"/stats/dropped/{cause}", n) for cause, n in sorted(counts.items()))
        return messages
