"""The mapping network: z and a class -> w."""

from __future__ import annotations

import torch
from torch.nn import functional

from bandwalk.generator.stylegan1.weights import Mapping

_EPS = 1e-8


def map_to_w(z: torch.Tensor, c: torch.Tensor, mapping: Mapping) -> torch.Tensor:
    """Map latents to styles.

        x = [z, c L];  x = x / rms(x);  x = leaky_relu(x W + b), layer by layer

    Args:
        z:       Latents [N, z_dim].
        c:       Class weights [N, c_dim]; not read without classes.
        mapping: The weights.

    Returns:
        w [N, w_dim].
    """
    x = z if mapping.labels is None else torch.cat([z, c @ mapping.labels], dim=1)
    x = x * (x.square().mean(dim=1, keepdim=True) + _EPS).rsqrt()
    for dense in mapping.layers:
        x = functional.leaky_relu(torch.addmm(dense.bias, x, dense.weight), 0.2)
    return x
