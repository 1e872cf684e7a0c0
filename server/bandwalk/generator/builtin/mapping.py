"""The mapping network: z -> w, two orthonormal layers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# For leaky_relu(x, 0.2) of a standard normal x: the gain for a second moment of 1, and the mean after it. If the mean
# were not subtracted, all seeds would share an offset.
_SLOPE = 0.2
_GAIN = 1.3868
_MEAN = 0.4425


def map_to_w(z: NDArray[np.float32], layers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Map latents to styles of unit mean square.

        x = z / rms(z);  h = gain * leaky_relu(x W0) - mean;  y = h W1;  w = y / rms(y)

    Args:
        z:      Latents [N, z_dim], float32.
        layers: W0 and W1 [2, z_dim, w_dim].

    Returns:
        Styles w [N, w_dim], float32.
    """
    h = _normalize(z) @ layers[0]
    h = np.maximum(h, _SLOPE * h) * np.float32(_GAIN) - np.float32(_MEAN)
    return _normalize(h @ layers[1])


def _normalize(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale each row to unit mean square; a row of zeros stays zero."""
    out: NDArray[np.float32] = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + np.float32(1e-8))
    return out
