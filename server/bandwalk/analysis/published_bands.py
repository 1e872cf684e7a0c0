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
from numpy.lib.stride_tricks import sliding_window_view

RATE = 22_050
"""Hz. What librosa loads at by default."""

ORDER = 5
STEPS_PER_BEAT = 16

FILTERS = ((("low", 150),), (("low", 350), ("high", 200)), (("low", 5000), ("high", 500)))
"""Of each band, in the order of BANDS: what is run after the other, Hz."""

REACH = 2048
"""Samples after which a filter's response, to both sides, is nothing: that of the 150 Hz low-pass is at 1e-11."""

BLOCK = 1 << 15
"""Samples that are transformed as one; both ends of it only lend the middle their sound."""

STRIDE = BLOCK - 2 * REACH
ROWS = 8
"""Blocks that are transformed together: several at a time, and in float32, take half the time."""


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
    found.append(np.sqrt(np.einsum("bnh,bnh->bn", steps, steps, dtype=np.float64) / hop))
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
    """Yield the bands of a song, [3, n] with n of any size, in all as many samples as the song has.

    Args:
        chunks: the song, mono at 22,050 Hz, in pieces of any size.
    """
    held = np.zeros(0, np.float32)
    is_start = True
    for chunk in _joined(chunks, STRIDE):
        held = np.concatenate([held, chunk])
        while len(held) >= ROWS * STRIDE + 4 * REACH:  # never less than 4 REACH are left for the end
            if is_start:
                yield _filtfilt(held[: 3 * REACH])[:, :REACH]
            blocks = sliding_window_view(held, BLOCK)[: ROWS * STRIDE : STRIDE]  # [ROWS, BLOCK]
            yield _by_fft(blocks)[:, :, REACH:-REACH].reshape(len(FILTERS), -1)  # [3, ROWS * STRIDE]
            held, is_start = held[ROWS * STRIDE :], False
    if len(held):
        yield _last(held, is_start=is_start)


def _joined(chunks: Iterable[np.ndarray], n: int) -> Iterator[np.ndarray]:
    """Yield chunks joined to n samples or more, as float32."""
    joined: list[np.ndarray] = []
    for chunk in chunks:
        joined.append(chunk.astype(np.float32, copy=False))
        if sum(map(len, joined)) >= n:
            yield np.concatenate(joined)
            joined = []
    if joined:
        yield np.concatenate(joined)


def _by_fft(blocks: np.ndarray) -> np.ndarray:
    """Return the bands of some blocks [k, n], [3, k, n], right but for REACH samples at both ends."""
    from scipy import fft

    n = blocks.shape[1]
    size = fft.next_fast_len(n, real=True)
    bands: np.ndarray = fft.irfft(fft.rfft(blocks, size) * _gains(size), size)[..., :n]
    return bands


def _last(y: np.ndarray, *, is_start: bool) -> np.ndarray:
    """Return the bands of the end of a song [3, n]: all of y at its start, else all but its first REACH samples."""
    if len(y) < 4 * REACH:
        return _filtfilt(y)
    bands = _by_fft(y[None])[:, 0]
    bands[:, -REACH:] = _filtfilt(y[-3 * REACH :])[:, -REACH:]
    if not is_start:
        return bands[:, REACH:]
    bands[:, :REACH] = _filtfilt(y[: 3 * REACH])[:, :REACH]
    return bands


def _filtfilt(y: np.ndarray) -> np.ndarray:
    """Return the bands of a sound as published, [3, n]."""
    from scipy.signal import butter, filtfilt  # takes a second to import, and most clips hear other bands

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
    """Return each band's factor on a spectrum of a real signal of this size, [3, 1, size // 2 + 1] float32."""
    from scipy.signal import butter, freqz

    f_hz = np.fft.rfftfreq(size, 1 / RATE)
    gains = np.ones((len(FILTERS), len(f_hz)))
    for band, filters in enumerate(FILTERS):
        for kind, edge_hz in filters:
            gains[band] *= np.abs(freqz(*butter(ORDER, edge_hz, kind, fs=RATE), f_hz, fs=RATE)[1]) ** 2
    gains = gains[:, None].astype(np.float32)
    gains.setflags(write=False)
    return gains
