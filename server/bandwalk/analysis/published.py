"""The published analysis: zero-phase bands of the whole song, one RMS a step, changes over the song's largest rise.

As in "Stylizing Audio Reactive Visuals" (NeurIPS 2019 workshop on creativity) and its published code: mono at
22,050 Hz, Butterworth filters of order 5 run forwards and backwards, 16 steps a beat. A zero-phase filter is a real
factor |H(f)|^2 on the spectrum, so the song's middle is filtered by FFT, block by block; its two ends are filtered by
``filtfilt`` itself, whose padding decides what they hold. Memory holds a block, and three numbers a step.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache

import numpy as np
from scipy import fft
from scipy.signal import butter, filtfilt, freqz

RATE = 22_050
"""Hz. What librosa loads at by default."""

ORDER = 5
STEPS_PER_BEAT = 16

FILTERS = ((("low", 150),), (("low", 350), ("high", 200)), (("low", 5000), ("high", 500)))
"""Of each band, in the order of BANDS: what is run after the other, Hz."""

REACH = 4096
"""Samples after which a filter's response, to both sides, is nothing: the 150 Hz low-pass is at 1e-20."""

BLOCK = 1 << 16
"""Samples that are transformed at a time."""


def hop_of(bpm: float) -> int:
    """Return the samples of a step: int(22050 / (bpm * 16 / 60)), as published."""
    return int(RATE / (bpm * STEPS_PER_BEAT / 60))


def step_rate_of(bpm: float) -> Fraction:
    """Return the steps a second, exactly."""
    return Fraction(RATE, hop_of(bpm))


def band_rms(chunks: Iterable[np.ndarray], hop: int) -> tuple[np.ndarray, int]:
    """Return (RMS of each band and step [3, n_steps] float64, number of samples).

    Step i is the RMS over hop samples around sample i * hop, with silence before the song and after it:
    1 + (n + 2 * (hop // 2) - hop) // hop steps.

    Args:
        chunks: the song, mono at 22,050 Hz, in pieces of any size.
        hop:    samples of a step.
    """
    found = [np.zeros((len(FILTERS), 0))]
    held = np.zeros((len(FILTERS), hop // 2))  # silence before the song
    n = 0
    for bands in zero_phase_bands(chunks):
        n += bands.shape[1]
        held = np.concatenate([held, bands], axis=1)
        held = _take_steps(held, hop, found)
    _take_steps(np.concatenate([held, np.zeros((len(FILTERS), hop // 2))], axis=1), hop, found)
    return np.concatenate(found, axis=1), n


def _take_steps(bands: np.ndarray, hop: int, found: list[np.ndarray]) -> np.ndarray:
    """Add the RMS of all whole steps to those found; return what is left over."""
    n = bands.shape[1] // hop
    steps = bands[:, : n * hop].reshape(len(bands), n, hop)
    found.append(np.sqrt(np.einsum("bnh,bnh->bn", steps, steps) / hop))
    rest: np.ndarray = bands[:, n * hop :]
    return rest


def to_change(rms: np.ndarray) -> np.ndarray:
    """Return each step's difference to the one before, over the band's largest rise: [3, n_steps], first 0.

    A fall may be more than the largest rise: the change is then under -1, as published. A band that never rises
    does not change.
    """
    change = np.diff(rms, axis=1, prepend=rms[:, :1])
    largest = change.max(axis=1, initial=0.0, keepdims=True)
    return np.asarray(np.divide(change, largest, out=np.zeros_like(change), where=largest > 0))


def zero_phase_bands(chunks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the bands of a song, [3, n] float64 with n of any size, in all as many samples as the song has.

    Args:
        chunks: the song, mono at 22,050 Hz, in pieces of any size.
    """
    held = np.zeros(0)
    before = 0  # samples held that have been filtered: what the next block needs behind it
    for block in _blocks(chunks):
        held = np.concatenate([held, block])
        if len(held) < BLOCK + 2 * REACH:
            continue  # never less than this is left for the end
        part = held[:BLOCK]
        yield _filtered(part, is_start=before == 0)[:, before : BLOCK - REACH]
        held, before = held[BLOCK - 2 * REACH :], REACH
    if len(held):
        yield _filtered(held, is_start=before == 0, is_end=True)[:, before:]


def _blocks(chunks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield chunks joined to about half a block each."""
    joined: list[np.ndarray] = []
    for chunk in chunks:
        joined.append(chunk)
        if sum(map(len, joined)) >= BLOCK // 2:
            yield np.concatenate(joined)
            joined = []
    if joined:
        yield np.concatenate(joined)


def _filtered(y: np.ndarray, *, is_start: bool = False, is_end: bool = False) -> np.ndarray:
    """Return the bands of a piece of a song [3, n], right but for REACH samples at an end that is not the song's."""
    if is_start and is_end and len(y) < 4 * REACH:
        return _filtfilt(y)
    size = fft.next_fast_len(len(y), real=True)
    bands: np.ndarray = fft.irfft(fft.rfft(y, size) * _gains(size), size)[:, : len(y)]
    if is_start:
        bands[:, :REACH] = _filtfilt(y[: 3 * REACH])[:, :REACH]
    if is_end:
        bands[:, -REACH:] = _filtfilt(y[-3 * REACH :])[:, -REACH:]
    return bands


def _filtfilt(y: np.ndarray) -> np.ndarray:
    """Return the bands of a sound as published, [3, n]."""
    if len(y) <= 3 * (ORDER + 1):  # shorter than its padding
        return np.zeros((len(FILTERS), len(y)))
    bands = []
    for filters in FILTERS:
        x = y
        for kind, f_hz in filters:
            x = filtfilt(*butter(ORDER, f_hz, kind, fs=RATE), x)
        bands.append(x)
    return np.stack(bands)


@lru_cache(maxsize=4)
def _gains(size: int) -> np.ndarray:
    """Return each band's factor on a spectrum of a real signal of this size, [3, size // 2 + 1]."""
    f_hz = fft.rfftfreq(size, 1 / RATE)
    gains = np.ones((len(FILTERS), len(f_hz)))
    for band, filters in enumerate(FILTERS):
        for kind, edge_hz in filters:
            gains[band] *= np.abs(freqz(*butter(ORDER, edge_hz, kind, fs=RATE), f_hz, fs=RATE)[1]) ** 2
    gains.setflags(write=False)
    return gains
