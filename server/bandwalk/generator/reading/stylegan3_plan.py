"""How the layers of a StyleGAN3 follow from its resolution, as its published configurations T and R have them.

    cutoff[i]   = 2 * (r / 4) ** e[i],  stopband[i] = 2**2.1 * (r / 2 * 2**0.3 / 2**2.1) ** e[i],  e[i] = min(i / 12, 1)
    rate[i]     = 2 ** ceil(log2(min(2 * stopband[i], r)))
    size[i]     = rate[i] + 20; of the last two layers r

for layers 0 to 14, r being the resolution. BoundedFile: Karras et al., "Alias-Free Generative Adversarial Networks",
NeurIPS 2021, appendix C.1 and F.1; filters by Kaiser's windows, appendix C.3 (as SciPy's ``firwin`` has them).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LAYERS = 15  # the last one is the colours'
TAPS = 6  # of a filter, for each factor of its resampling

_CRITICAL = 2
_FIRST_CUTOFF = 2.0
_FIRST_STOPBAND = 2.0**2.1
_LAST_STOPBAND = 2.0**0.3
_MARGIN = 10


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """What a layer's tensors do not say.

    size:    Samples across of what it draws.
    up:      Factor of the filter before the nonlinearity.
    down:    Factor of the filter after it.
    padding: Left, right, top, bottom.
    taps:    Filter that it doubles with; None for the colours.
    """

    size: int
    up: int
    down: int
    padding: tuple[int, int, int, int]
    taps: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole synthesis.

    size, rate, cutoff: of the waves that it begins with.
    """

    size: int
    rate: float
    cutoff: float
    layers: tuple[LayerPlan, ...]


def plan(resolution: int, *, kernel: int) -> Plan:
    """Return the plan of a generator of ``resolution``, whose convolutions are ``kernel`` across (T: 3, R: 1)."""
    steps = np.minimum(np.arange(LAYERS) / (LAYERS - 1 - _CRITICAL), 1.0)
    last = resolution / 2.0
    cutoffs = _FIRST_CUTOFF * (last / _FIRST_CUTOFF) ** steps
    stopbands = _FIRST_STOPBAND * (last * _LAST_STOPBAND / _FIRST_STOPBAND) ** steps
    rates = 2.0 ** np.ceil(np.log2(np.minimum(2.0 * stopbands, resolution)))
    widths = np.maximum(stopbands, rates / 2.0) - cutoffs
    sizes = (rates + 2 * _MARGIN).astype(int)
    sizes[-2:] = resolution
    layers = []
    for i in range(LAYERS):
        before, is_rgb = max(i - 1, 0), i == LAYERS - 1
        between = max(rates[before], rates[i]) * (1 if is_rgb else 2)
        up, down = round(between / rates[before]), round(between / rates[i])
        taps = None if is_rgb else lowpass(TAPS * up, cutoffs[before], 2.0 * widths[before], between)
        added = (sizes[i] - 1) * down + 1 - (sizes[before] + (1 if is_rgb else kernel) - 1) * up
        added += 0 if is_rgb else TAPS * (up + down) - 2
        low = (int(added) + up) // 2
        layers.append(LayerPlan(int(sizes[i]), up, down, (low, int(added) - low) * 2, taps))
    return Plan(int(sizes[0]), float(rates[0]), float(cutoffs[0]), tuple(layers))


def lowpass(count: int, cutoff: float, width: float, rate: float) -> NDArray[np.float64]:
    """Return ``count`` taps, sum 1, of a filter that passes up to ``cutoff`` and turns over within ``width``."""
    nyquist = rate / 2.0
    taps = np.sinc(cutoff / nyquist * (np.arange(count) - (count - 1) / 2.0))
    taps *= np.kaiser(count, _kaiser_beta(count, width / nyquist))
    return np.asarray(taps / taps.sum())


def _kaiser_beta(count: int, width: float) -> float:
    """Return the shape of Kaiser's window for a turn-over of ``width``, the Nyquist frequency being 1."""
    attenuation = 2.285 * (count - 1) * math.pi * width + 7.95  # dB
    if attenuation > 50.0:
        return 0.1102 * (attenuation - 8.7)
    if attenuation > 21.0:
        return float(0.5842 * (attenuation - 21.0) ** 0.4 + 0.07886 * (attenuation - 21.0))
    return 0.0
