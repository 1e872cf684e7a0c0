"""What is heard in a whole song: its bands step by step, with the outline of its waveform, in one pass.

Memory holds some numbers a step, no sound.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from bandwalk.analysis import Analyzer
from bandwalk.analysis.onset import LoudnessRise, OnsetDetector
from bandwalk.analysis.published_bands import RATE, band_rms, hop_of, to_change
from bandwalk.audio import Feed, SourceOptions, open_source
from bandwalk.audio.mono import mono_at
from bandwalk.clock import SteppedClock
from bandwalk.errors import AudioError
from bandwalk.params.settings import HearSettings
from bandwalk.params.values import Values
from bandwalk.pipeline import stage_values as plain
from bandwalk.pipeline.prefetch import ahead
from bandwalk.records import BANDS, Block, Counters
from bandwalk.units import SAMPLE_RATE

_DECODED_AHEAD = 8
"""Pieces that the decoder may be ahead of the filters."""


@dataclass(frozen=True, slots=True)
class HeardSong:
    """A song step by step.

    rms, level, change: of each band and step, [n_bands, n_steps] float64.
    onset:       whether one was found there, [n_bands, n_steps] bool.
    step_rate:   steps a second, exactly.   sample_rate: at which it was heard, Hz.
    first_s:     second of the song that step 0 stands for.
    outline:     lowest and highest sample of each step, [2, about n_steps].
    samples:     of the song at sample_rate.
    """

    rms: np.ndarray
    level: np.ndarray
    change: np.ndarray
    onset: np.ndarray
    step_rate: Fraction
    sample_rate: int
    first_s: float
    outline: np.ndarray
    samples: int

    @property
    def t_s(self) -> np.ndarray:
        """The second that each step stands for, [n_steps]."""
        return self.first_s + np.arange(self.rms.shape[1]) / float(self.step_rate)


@dataclass(slots=True)
class Outline:
    """Lowest and highest sample of each step."""

    hop: int
    found: list[np.ndarray] = field(default_factory=list)
    left: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))

    def watch(self, chunks: Iterator[np.ndarray]) -> Generator[np.ndarray, None, None]:
        """Yield the chunks on, looking at them."""
        for chunk in chunks:
            y = np.concatenate([self.left, chunk])
            n = len(y) // self.hop * self.hop
            steps = y[:n].reshape(-1, self.hop)
            self.found.append(np.stack([steps.min(axis=1), steps.max(axis=1)]))
            self.left = y[n:]
            yield chunk

    def table(self) -> np.ndarray:
        """Return all of it, [2, n_steps]."""
        return np.concatenate([np.zeros((2, 0)), *self.found], axis=1)


def hear_published(audio: Path, channels: str, bpm: float) -> HeardSong:
    """Hear a song by the published method; levels are over the band's largest RMS.

    Raises:
        AudioError: the song cannot be read, or holds no sound.
    """
    hop = hop_of(bpm)
    outline = Outline(hop)
    rms, n = published_rms(audio, channels, outline)
    if not n:
        raise AudioError(f"hearing {audio}: it holds no sound, expected a sound file")
    level = rms / np.maximum(rms.max(axis=1, keepdims=True), np.finfo(float).tiny)
    rate = Fraction(RATE, hop)
    onset = np.stack([_onsets(row, float(rate)) for row in level])
    return HeardSong(rms, level, to_change(rms), onset, rate, RATE, 0.0, outline.table(), n)


def published_rms(audio: Path, channels: str, outline: Outline) -> tuple[np.ndarray, int]:
    """Return (RMS of each band and step [3, n_steps] float64, number of samples), decoding beside filtering.

    Raises:
        AudioError: the song cannot be read.
    """
    with closing(ahead(mono_at(audio, RATE, channels=channels), _DECODED_AHEAD, "decode")) as chunks:
        return band_rms(outline.watch(chunks), outline.hop)


def _onsets(level: np.ndarray, step_rate: float) -> np.ndarray:
    """Find onsets as a show does, which the published method did not, [n_steps] bool."""
    rise, detector = LoudnessRise(step_rate), OnsetDetector(step_rate)
    steps = level.tolist()
    return np.array([detector.step(rise.step(now, before)) for before, now in pairwise([0.0, *steps])])


def feed_of(audio: Path, channels: str, *, is_quiet: bool = False) -> Feed:
    """Return a whole song as a show's blocks, as fast as they are taken.

    Args:
        audio:    the song.
        channels: those that are heard ("1-2"); "": all.
        is_quiet: do not log what is wrong with it.

    Raises:
        AudioError: the song cannot be read.
    """
    source = open_source(str(audio), SourceOptions(channels=channels, is_quiet=is_quiet))
    return Feed(source, clock=SteppedClock(), counters=Counters(), ends=True)


def hear_live(audio: Path, settings: HearSettings, values: Values) -> HeardSong:
    """Hear a song as a show hears it, causally.

    Raises:
        AudioError: the song cannot be read, or is shorter than a step.
    """
    analyzer = Analyzer(plain.ear(values), step_rate=settings.step_rate)
    feed = feed_of(audio, settings.channels)
    outline = Outline(analyzer.hop)
    steps = []
    n = 0
    with closing(feed):
        for y in outline.watch(block.y for block in feed.blocks()):
            n += len(y)
            steps += [(f.rms, f.level, f.change, f.onset) for f in analyzer.process(Block(y, n, 0.0))]
    if not steps:
        raise AudioError(f"hearing {audio}: it is shorter than a step of {analyzer.hop} samples")
    rms, level, change, onset = (np.array(column).T.reshape(len(BANDS), -1) for column in zip(*steps, strict=True))
    rate = Fraction(SAMPLE_RATE, analyzer.hop)
    return HeardSong(rms, level, change, onset, rate, SAMPLE_RATE, float(1 / rate), outline.table(), n)
