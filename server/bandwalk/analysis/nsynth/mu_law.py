"""Eight bits a sample by mu-law, as the encoder hears."""

import math

import torch

_MU = 255
_LEVELS = 128


def quantize(y: torch.Tensor) -> torch.Tensor:
    """Return samples by mu-law, float32 of whole numbers in -128..128 (128 only for full scale).

        floor(128 * sign(y) * ln(1 + 255 |y|) / ln 256)

    A floor tells two neighbouring floats apart: the operations stand in Magenta's order, in float32.

    Args:
        y: float32, -1..1, any shape.

    Source: Magenta, ``nsynth/utils.py``.
    """
    curved = torch.sign(y) * torch.log(1 + _MU * torch.abs(y)) / math.log(1 + _MU)
    return torch.floor(curved * _LEVELS)


def to_input(y: torch.Tensor) -> torch.Tensor:
    """Return samples as the network takes them: quantized, -1..1."""
    return quantize(y) / _LEVELS
