"""The encoder as it was published, a convolution at a time over all of the sound: what the fast one must equal."""

import numpy as np
import torch
import torch.nn.functional as F

from bandwalk.analysis.nsynth.mu_law import to_input
from bandwalk.analysis.nsynth.weights import HOP, STAGES, Conv, EncoderWeights
from bandwalk.units import N_DRIVERS


def encode_plain(weights: EncoderWeights, y: torch.Tensor) -> torch.Tensor:
    """Encode sound at 16 kHz: y [N, samples] float32 -> [N, samples // 512, 16] float32.

    Source: Magenta, ``nsynth/wavenet/h512_bo16.py``.
    """
    y = y[:, : y.shape[1] // HOP * HOP]
    x = _conv(weights.start, to_input(y)[:, None])  # [N, width, samples]
    for i, (dilated, residual) in enumerate(zip(weights.dilated, weights.residual, strict=True)):
        d = _conv(dilated, F.relu(x), 2 ** (i % STAGES))
        x = x + _conv(residual, F.relu(d))
    x = _conv(weights.bottleneck, x)  # [N, 16, samples]
    return x.view(len(y), N_DRIVERS, -1, HOP).mean(3).mT  # [N, steps, 16]


def _conv(conv: Conv[np.ndarray], x: torch.Tensor, dilation: int = 1) -> torch.Tensor:
    W = torch.from_numpy(conv.W).permute(2, 1, 0)  # [out, in, taps]
    return F.conv1d(x, W, torch.from_numpy(conv.biases), padding=dilation * (len(conv.W) // 2), dilation=dilation)
