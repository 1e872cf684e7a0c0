"""Style parameters: the numbers that each layer reads from its w."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.tensors import refuse_broken

# A layer's parameters, each about N(0, 1): its rows of the affine map are orthonormal.
Params = list[float]

FLOOR = 0.04  # choices weaker than this are off: they cost no time


def read_styles(ws: torch.Tensor, affine: NDArray[np.float32]) -> list[Params]:
    """Return the style parameters of one frame, a list for each layer.

        s[l] = ws[l] @ A[l]

    Args:
        ws:     Styles [num_ws, w_dim].
        affine: A [num_ws, w_dim, n_params].

    Raises:
        WorkError: the styles are no numbers. All pictures of the embedded model begin here, and nothing else of it can
                   be NaN.
    """
    w = ws.detach().to("cpu", torch.float32).numpy()
    if not np.isfinite(w).all():
        refuse_broken()
    s: list[Params] = np.matmul(w[:, None, :], affine)[:, 0].tolist()
    return s


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), for any x."""
    return 0.5 + 0.5 * math.tanh(0.5 * x)


def choose(logits: Sequence[float], sharpness: float, bias: Sequence[float] | None = None) -> list[float]:
    """Convert logits to weights that sum to 1; weak ones become exactly 0.

        p = softmax(bias + sharpness * logits);  d = max(p - floor, 0);  g = d^2 / (d + floor), over their sum

    A weight is smooth where it leaves 0, so that the speed of a walk does not jump there.
    """
    x = [sharpness * a + b for a, b in zip(logits, bias or [0.0] * len(logits), strict=True)]
    top = max(x)
    p = [math.exp(a - top) for a in x]
    total = sum(p)
    d = [max(a / total - FLOOR, 0.0) for a in p]
    g = [a * a / (a + FLOOR) for a in d]
    rest = sum(g)
    return [a / rest for a in g]


def equal_power(weights: Sequence[float]) -> list[float]:
    """Scale weights to unit energy, so that a blend of patterns is as strong as a single one."""
    norm = math.sqrt(sum(a * a for a in weights))
    return [a / norm for a in weights]
