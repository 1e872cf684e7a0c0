"""z and c to w."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bandwalk.generator.stylegan2.weights import Affine, Mapping

_MEAN_OF = 8192  # draws, where the file has no mean style
_AT_ONCE = 256  # a divisor of it, so that many classes need no more memory


def normalize(x: Tensor) -> Tensor:
    """Scale rows [N, C] to a mean square of 1."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


def to_w(mapping: Mapping, z: Tensor, c: Tensor) -> Tensor:
    """Map z [N, z_dim] and classes c [N, c_dim], not read without classes, to w [N, w_dim]."""
    x = z
    if mapping.embed is not None:
        y = _apply(mapping.embed, c)  # [N, E]
        x = torch.cat([x, y] if mapping.joint else [normalize(x), normalize(y)], dim=1)  # [N, z_dim + E]
    if mapping.embed is None or mapping.joint:
        x = normalize(x)
    for layer in mapping.layers:
        x = F.leaky_relu(_apply(layer, x), 0.2)
    return x


def mean_w(mapping: Mapping) -> Tensor:
    """Return the mean style [w_dim]: the file's, or that of many draws, classes in turn."""
    if mapping.w_avg is not None:
        return mapping.w_avg
    device, classes = mapping.layers[0].weight.device, max(mapping.c_dim, 1)
    rng = np.random.Generator(np.random.PCG64(0))
    total = torch.zeros(mapping.w_dim, device=device)
    for first in range(0, _MEAN_OF, _AT_ONCE):
        z = torch.from_numpy(rng.standard_normal((_AT_ONCE, mapping.z_dim)).astype(np.float32)).to(device)
        turn = torch.arange(first, first + _AT_ONCE, device=device) % classes
        total += to_w(mapping, z, F.one_hot(turn, classes).float()).sum(0)
    return total / _MEAN_OF


def _apply(layer: Affine, x: Tensor) -> Tensor:
    return F.linear(x, layer.weight, layer.bias)
