"""Numbers for one picture as tensors: the functions of `styles`, with gradients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bandwalk.generator.builtin.styles import FLOOR


def read_styles(ws: Tensor, affine: NDArray[np.float32]) -> list[Tensor]:
    """Return the style parameters of ws [num_ws, w_dim]: num_ws of [n_params], float64 on the CPU."""
    return list(torch.einsum("lw,lwp->lp", ws.cpu().double(), torch.from_numpy(affine).double()))


def choose(logits: Tensor, sharpness: float, bias: Sequence[float] | None = None) -> Tensor:
    """Convert logits [n] to weights that sum to 1; weak ones become exactly 0: `styles.choose`."""
    shifted = sharpness * logits if bias is None else sharpness * logits + logits.new_tensor(bias)
    above = (shifted.softmax(0) - FLOOR).clamp(min=0.0)
    gained = above * above / (above + FLOOR)
    return gained / gained.sum()


def equal_power(weights: Tensor) -> Tensor:
    """Scale weights to unit energy."""
    return weights / weights.square().sum().sqrt()


def matrix(rows: Sequence[Sequence[Tensor | float]], like: Tensor) -> Tensor:
    """Return a small matrix of numbers, some of them tensors, as float32 beside the maps ``like``."""
    flat = [torch.as_tensor(number, dtype=torch.float64) for row in rows for number in row]
    return torch.stack(flat).view(len(rows), -1).to(like)
