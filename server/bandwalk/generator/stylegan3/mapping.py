"""The mapping network: z and a class -> w."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from bandwalk.generator.stylegan3.weights import Dense, Mapping

_EPS = 1e-8


def map_to_w(z: torch.Tensor, c: torch.Tensor, mapping: Mapping) -> torch.Tensor:
    """Map latents to styles.

        x = [z / rms(z), embed(c) / rms(embed(c))];  x = sqrt(2) leaky_relu(W x + b), layer by layer

    Args:
        z:       Latents [N, z_dim].
        c:       Class weights [N, c_dim]; not read without classes.
        mapping: The weights.

    Returns:
        w [N, w_dim].
    """
    x = _normalize(z)
    if mapping.embed is not None:
        x = torch.cat([x, _normalize(apply(c, mapping.embed))], dim=1)
    for dense in mapping.layers:
        x = functional.leaky_relu(apply(x, dense), 0.2) * math.sqrt(2.0)
    return x


def apply(x: torch.Tensor, dense: Dense) -> torch.Tensor:
    """Return W x + b of x [N, in], [N, out]."""
    return functional.linear(x, dense.weight, dense.bias)


def _normalize(x: torch.Tensor) -> torch.Tensor:
    """Scale each row to unit mean square."""
    return x * (x.square().mean(dim=1, keepdim=True) + _EPS).rsqrt()
