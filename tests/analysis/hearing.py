"""One way to have a sound heard, and its features as arrays."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from sounds import SAMPLE_RATE

from bandwalk.analysis import Analyzer
from bandwalk.records import BandValues, BeatValues, Block, EarValues, Features

LOW, MID, HIGH = range(3)
VALUES = EarValues(
    gain=1.0,
    floor_db=-72.0,
    bands=(
        BandValues(f_lo=0.0, f_hi=150.0, gain=1.0, attack_s=0.005, release_s=0.15),
        BandValues(f_lo=200.0, f_hi=350.0, gain=1.0, attack_s=0.005, release_s=0.15),
        BandValues(f_lo=500.0, f_hi=5000.0, gain=1.0, attack_s=0.005, release_s=0.15),
    ),
    beat=BeatValues(lowest=70.0, highest=180.0, beats_per_bar=4),
)
"""The published bands, every gain 1."""


@dataclass
class Heard:
    """Features as arrays: t, rms_full [n_steps], the rest [n_steps, n_bands]."""

    t: np.ndarray
    rms: np.ndarray
    level: np.ndarray
    change: np.ndarray
    onset: np.ndarray
    rms_full: np.ndarray

    def onset_times(self, band: int) -> np.ndarray:
        """Return the audio times of a band's onsets, seconds."""
        return self.t[self.onset[:, band]]


def to_heard(features: list[Features]) -> Heard:
    """Turn records into arrays."""
    names = ("t_audio", "rms", "level", "change", "onset", "rms_full")
    return Heard(*(np.array([getattr(f, name) for f in features]) for name in names))


def to_blocks(y: np.ndarray, *sizes: int) -> list[Block]:
    """Cut y into blocks of these sizes, again and again; it was captured 100 s after the clock's zero."""
    blocks, start = [], 0
    while start < len(y):
        stop = min(start + sizes[len(blocks) % len(sizes)], len(y))
        blocks.append(Block(y[start:stop].astype(np.float32), stop, 100.0 + stop / SAMPLE_RATE))
        start = stop
    return blocks


def features_of(analyzer: Analyzer, blocks: list[Block]) -> list[Features]:
    """Let an analyzer process blocks."""
    return [features for block in blocks for features in analyzer.process(block)]


_heard: dict[tuple, Heard] = {}


def hear(y: np.ndarray, values: EarValues = VALUES, *, step_rate: float = 100.0, then=()) -> Heard:
    """Analyse a sound, once for all tests that look at it; then: (seconds, values) pairs, set on the way."""
    key = (hashlib.sha256(np.ascontiguousarray(y).data).digest(), y.dtype.str, values, step_rate, tuple(then))
    if key not in _heard:
        _heard[key] = _analyse(y, values, step_rate, then)
    return _heard[key]


def _analyse(y: np.ndarray, values: EarValues, step_rate: float, then) -> Heard:
    analyzer = Analyzer(values, step_rate=step_rate)
    features, start = [], 0
    for t_s, next_values in then:
        stop = round(t_s * SAMPLE_RATE)
        features += features_of(analyzer, to_blocks(y[start:stop], 4096))
        analyzer.set(next_values)
        start = stop
    return to_heard(features + features_of(analyzer, to_blocks(y[start:], 4096)))


def with_band(index: int, values: EarValues = VALUES, **fields) -> EarValues:
    """Return values with some fields of one band replaced."""
    bands = list(values.bands)
    bands[index] = replace(bands[index], **fields)
    return replace(values, bands=tuple(bands))
