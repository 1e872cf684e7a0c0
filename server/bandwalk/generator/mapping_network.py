"""The mapping network of all StyleGAN families: z and a class -> w."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from bandwalk.generator.dense import Dense

_EPS = 1e-8  # added to the mean square
_SLOPE = 0.2  # of leaky ReLU
_MEAN_OF = 8192  # latents of which a mean w is taken
_AT_ONCE = 256  # of them, so that many classes need no more memory; a divisor of _MEAN_OF


@dataclass(frozen=True, eq=False, slots=True)
class MappingNetwork:
    """z and a class -> w.

    embed:  Class weights -> what is appended to z [c_dim -> E]; None: no classes.
    joint:  Whether z and the embedded class are normalised together, as one vector; otherwise each for itself.
    layers: The fully connected layers, each followed by a leaky ReLU.
    gain:   Factor on the output of each leaky ReLU; 1 where the layers' weights already contain it.
    w_avg:  Mean w [w_dim].
    """

    embed: Dense | None
    joint: bool
    layers: list[Dense]
    gain: float
    w_avg: torch.Tensor

    @property
    def c_dim(self) -> int:
        """Number of classes."""
        return 0 if self.embed is None else self.embed.weight.shape[1]

    @property
    def z_dim(self) -> int:
        """Size of z."""
        return self.layers[0].weight.shape[1] - (0 if self.embed is None else self.embed.weight.shape[0])

    @property
    def w_dim(self) -> int:
        """Size of w."""
        return self.layers[-1].weight.shape[0]


def map_to_w(mapping: MappingNetwork, z: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    """Map latents to w.

        x = n([z, embed(c)]) or [n(z), n(embed(c))], n(x) = x / rms(x);  x = gain * leaky_relu(W x + b), layer by layer

    Args:
        mapping: The weights.
        z:       Latents [N, z_dim].
        c:       Class weights [N, c_dim]; not read without classes.

    Returns:
        w [N, w_dim].
    """
    if mapping.embed is None:
        x = _normalize(z)
    elif mapping.joint:
        x = _normalize(torch.cat([z, mapping.embed(c)], dim=1))  # [N, z_dim + E]
    else:
        x = torch.cat([_normalize(z), _normalize(mapping.embed(c))], dim=1)
    for layer in mapping.layers:
        x = functional.leaky_relu(layer(x), _SLOPE)
        if mapping.gain != 1.0:
            x = x * mapping.gain
    return x


def mean_w(mapping: MappingNetwork) -> torch.Tensor:
    """Return the mean w [w_dim] of 8192 latents, their classes in turn; the `w_avg` of the mapping is not read."""
    device, classes = mapping.layers[0].weight.device, max(mapping.c_dim, 1)
    rng = np.random.Generator(np.random.PCG64(0))
    total = torch.zeros(mapping.w_dim, device=device)
    for first in range(0, _MEAN_OF, _AT_ONCE):
        z = torch.from_numpy(rng.standard_normal((_AT_ONCE, mapping.z_dim)).astype(np.float32)).to(device)
        turn = torch.arange(first, first + _AT_ONCE, device=device) % classes
        total += map_to_w(mapping, z, functional.one_hot(turn, classes).float()).sum(0)
    return total / _MEAN_OF


def _normalize(x: torch.Tensor) -> torch.Tensor:
    """Scale each row to a mean square of 1."""
    return x * (x.square().mean(dim=1, keepdim=True) + _EPS).rsqrt()
