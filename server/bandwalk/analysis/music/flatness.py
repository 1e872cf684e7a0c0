"""Whether the sound is noise or tones."""

import numpy as np

from bandwalk.analysis.music.long_spectrum import BIN_HZ

LOWEST_HZ, HIGHEST_HZ = 65.0, 16_000.0

BANDS = np.rint(np.geomspace(LOWEST_HZ, HIGHEST_HZ, 17) / BIN_HZ).astype(int)
"""Edges of its bands, bins: half octaves. The lowest has 9 bins, of which a tone fills 4."""

NOISE = 0.561
"""Geometric over arithmetic mean of the power of white noise: e^-0.5772, each bin being distributed exponentially."""

LEAST = np.float32(1e-20)
"""Power that is added before logarithms are taken: far under what 24 bits hold."""

_WIDTHS = np.diff(BANDS).astype(np.float32)


def flatness(power: np.ndarray) -> float:
    """Return how flat a long spectrum is, 0 tones, 1 noise; 0 where there is nothing. power [BINS] float32.

        flatness = sum of a (geometric / arithmetic mean of the bins' power) / sum of a / NOISE,   a: a band's amplitude

    Band by band, as in MPEG-7's AudioSpectrumFlatness (ISO/IEC 15938-4): a slope of the spectrum is no tone.
    """
    heard = power[BANDS[0] : BANDS[-1]]
    starts = BANDS[:-1] - BANDS[0]
    mean = np.add.reduceat(heard, starts) / _WIDTHS
    weights = np.sqrt(mean * _WIDTHS)
    total = float(weights.sum())
    if total <= 0.0:
        return 0.0
    geometric = np.exp(np.add.reduceat(np.log(heard + LEAST), starts) / _WIDTHS)
    return min(1.0, float((weights * geometric / (mean + LEAST)).sum()) / total / NOISE)
