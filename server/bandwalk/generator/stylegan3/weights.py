"""The weights of a StyleGAN3 generator in the one form that is drawn from: gains are applied."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import torch

from bandwalk.generator.dense import Dense
from bandwalk.generator.mapping_network import MappingNetwork
from bandwalk.generator.tensors import RGB
from bandwalk.generator.wider import samples_beside

Size = tuple[int, int]  # samples across and down


@dataclass(frozen=True, eq=False, slots=True)
class Waves:
    """The input: waves over the picture plane, in place of the constant of StyleGAN1 and 2."""

    affine: Dense  # w -> cos, sin, x, y of the plane's rotation and shift [w_dim -> 4]
    frequencies: torch.Tensor  # [C, 2], cycles per unit, a unit being the picture's longer side
    phases: torch.Tensor  # [C], cycles
    weight: torch.Tensor  # mixes the waves [C, C], gain applied
    transform: torch.Tensor  # stored inverse transform of the plane [3, 3]
    size: Size  # margins included
    sampling_rate: float  # samples per unit
    bandwidth: float  # cycles per unit; waves beyond fade until half the sampling rate


@dataclass(frozen=True, eq=False, slots=True)
class Resampling:
    """One of the two filters around a nonlinearity."""

    factor: int
    taps: torch.Tensor  # [n] for both axes in turn, or [n, n]


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """A modulated convolution and a filtered leaky ReLU."""

    affine: Dense  # w -> factors on the input's channels [w_dim -> in]
    weight: torch.Tensor  # [out, in, k, k]
    bias: torch.Tensor  # [out]
    gain: float  # factor on the input, so that its measured magnitude is 1
    up: Resampling
    down: Resampling
    padding: tuple[int, int, int, int]  # samples added after ``up``: left, right, top, bottom; negative: cropped
    clamp: float  # of the activation
    size: Size  # of what it draws


@dataclass(frozen=True, eq=False, slots=True)
class Weights:
    """A StyleGAN3 generator: everything that its file holds and a picture needs."""

    mapping: MappingNetwork
    waves: Waves
    layers: list[Layer]  # the last one draws the colours: not demodulated, and linear
    output_scale: float

    @property
    def num_ws(self) -> int:
        """Number of styles: one for the waves, one a layer."""
        return len(self.layers) + 1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, pixels."""
        return self.layers[-1].size

    @property
    def has_alpha(self) -> bool:
        """Whether the picture says how opaque it is."""
        return len(self.layers[-1].bias) > RGB

    @property
    def has_noise(self) -> bool:
        """False: the family has no noise."""
        return False

    @property
    def transform(self) -> torch.Tensor:
        """Stored inverse transform of the picture plane [3, 3]."""
        return self.waves.transform

    def reaching(self, size: Size) -> Weights:
        """Return the same for a larger picture of at least this size, the trained one in its middle.

        The waves are sampled further out, and all maps grow by as many samples; the filters stay as they are.
        """
        rates = [Fraction(1)]  # samples of each map for one of the waves
        for layer in self.layers:
            rates.append(rates[-1] * layer.up.factor / layer.down.factor)
        whole = math.lcm(*(rate.denominator for rate in rates))
        step = max(1, math.floor(rates[-1] * whole))
        beside = [whole * n for n in samples_beside(self.size, size, step)]
        waves = replace(self.waves, size=_grown(self.waves.size, beside, rates[0]))
        layers = [
            replace(layer, size=_grown(layer.size, beside, rate))
            for layer, rate in zip(self.layers, rates[1:], strict=True)
        ]
        return replace(self, waves=waves, layers=layers)

    def map_sizes(self) -> list[int]:
        """Return the number of samples in each map: the waves', and each layer's before its filter down."""
        sizes = [self.waves.size, *(layer.size for layer in self.layers)]
        maps = [len(self.waves.phases) * math.prod(self.waves.size)]
        for size, layer in zip(sizes, self.layers, strict=False):
            maps.append(len(layer.bias) * math.prod(size) * layer.up.factor**2)
        return maps

    def style_readers(self) -> list[list[Dense]]:
        """Return the affine map that reads each style: the plane's [4, w_dim], then the layers' [channels, w_dim]."""
        return [[self.waves.affine], *([layer.affine] for layer in self.layers)]


def _grown(size: Size, beside: Sequence[int], rate: Fraction) -> Size:
    """Return a map's size with ``beside`` samples of the waves more on each side, across and down."""
    return size[0] + int(2 * beside[0] * rate), size[1] + int(2 * beside[1] * rate)
