"""A fully connected layer, as all StyleGAN families have it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional


@dataclass(frozen=True, eq=False, slots=True)
class Dense:
    """A fully connected layer: y = x W^T + b, its gains and learning rates applied.

    weight: W [out, in].
    bias:   b [out].
    """

    weight: torch.Tensor
    bias: torch.Tensor

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return y [..., out] for x [..., in]."""
        return functional.linear(x, self.weight, self.bias)
