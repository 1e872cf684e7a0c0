"""Numbers for one picture as tensors: the functions of `styles`, with gradients."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from bandwalk.generator.builtin.styles import FLOOR


def read_styles(ws: Tensor, affine: Tensor) -> list[Tensor]:
    """Return the style parameters of ws [num_ws, w_dim]: num_ws of [n_params], as the affine maps are."""
    return list(torch.einsum("lw,lwp->lp", ws.to(affine), affine))


def choose(logits: Tensor, sharpness: float, bias: Tensor | None = None) -> Tensor:
    """Convert logits [n] to weights that sum to 1; weak ones become exactly 0: `styles.choose`."""
    shifted = sharpness * logits if bias is None else sharpness * logits + bias
    above = (shifted.softmax(0) - FLOOR).clamp(min=0.0)
    gained = above * above / (above + FLOOR)
    return gained / gained.sum()


def equal_power(weights: Tensor) -> Tensor:
    """Scale weights to unit energy."""
    return weights / weights.square().sum().sqrt()


def drawn(weights: Tensor) -> list[int]:
    """Return which of some forms are drawn: those of weight 0 are not, their gradient is 0 as well.

    On a GPU all of them: reading the weights would wait for it, and a graph is the same operations each time.
    """
    if weights.device.type != "cpu":
        return list(range(len(weights)))
    return [k for k, weight in enumerate(weights.tolist()) if weight != 0.0]


def matrix(rows: Sequence[Sequence[Tensor]], like: Tensor) -> Tensor:
    """Return a small matrix of numbers in the dtype and beside the maps ``like``."""
    return torch.stack([torch.stack(list(row)) for row in rows]).to(like)


def inverse(m: Tensor) -> Tensor:
    """Return the inverse of a matrix [2, 2]."""
    (a, b), (c, d) = m
    out: Tensor = torch.stack([torch.stack([d, -b]), torch.stack([-c, a])]) / (a * d - b * c)
    return out
