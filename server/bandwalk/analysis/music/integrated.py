"""Integrated loudness of a whole piece of sound, and its highest peak (Recommendation ITU-R BS.1770-4)."""

import math
from collections.abc import Iterable

import numpy as np

from bandwalk.analysis.music.fixed_filters import K_WEIGHTING
from bandwalk.analysis.music.loudness import OFFSET_DB
from bandwalk.units import SAMPLE_RATE

_HOP = SAMPLE_RATE // 10
_HOPS = 4
"""A block is 400 ms; each begins 100 ms after the one before."""

_ABSOLUTE, _RELATIVE = -70.0, -10.0
"""LUFS under which a block does not count, and LU under the loudness of those that do."""

_SURROUND = 1.41
_WEIGHTS = {
    6: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND),
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, _SURROUND, _SURROUND),
}
"""By the number of channels, in FFmpeg's order; others count 1 each (table 3; the deep channel does not count)."""


def loudness_and_peak(blocks: Iterable[np.ndarray], channels: int) -> tuple[float, float]:
    """Return (integrated loudness in LUFS, highest absolute sample) of sound.

    Args:
        blocks:   pieces of it, [n, channels] float32 at 48 kHz, any n.
        channels: their number.

    Returns:
        Minus infinity for the loudness of what is silent, or shorter than 400 ms.
    """
    from scipy.signal import sosfilt  # takes a second to import

    sos = np.array(K_WEIGHTING)
    state = np.zeros((len(sos), 2, channels))
    rest = np.zeros((0, channels))
    squares: list[np.ndarray] = []  # mean square of each channel in each 100 ms
    peak = 0.0
    for x in blocks:
        peak = max(peak, float(np.abs(x).max(initial=0.0)))
        y, state = sosfilt(sos, x.astype(np.float64), axis=0, zi=state)
        rest = np.concatenate([rest, y])
        n = len(rest) // _HOP
        squares += list(np.square(rest[: n * _HOP]).reshape(n, _HOP, channels).mean(1))
        rest = rest[n * _HOP :]
    return _gated(np.array(squares).reshape(-1, channels), channels), peak


def _gated(squares: np.ndarray, channels: int) -> float:
    """Return the loudness of the blocks that count; squares: [n, channels]."""
    powers = squares @ np.array(_WEIGHTS.get(channels, (1.0,) * channels))
    if len(powers) < _HOPS:
        return -math.inf
    blocks = np.convolve(powers, np.full(_HOPS, 1 / _HOPS), "valid")
    loud = blocks[blocks > _power(_ABSOLUTE)]
    if not len(loud):
        return -math.inf
    loud = loud[loud > loud.mean() * 10 ** (_RELATIVE / 10)]
    return OFFSET_DB + 10 * math.log10(loud.mean())


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_DB) / 10))
