"""The weights of a StyleGAN1 generator in the one form that is drawn from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from bandwalk.generator.cost import doubled
from bandwalk.generator.dense import Dense
from bandwalk.generator.mapping_network import MappingNetwork
from bandwalk.generator.tensors import RGB
from bandwalk.generator.wider import mirrored, samples_beside


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """A layer of the synthesis: convolution, blur, noise, bias, leaky ReLU, instance norm, style."""

    size: tuple[int, int]  # height and width of the map that it draws
    up: str  # "": keeps the size; "nearest": repeats pixels, then convolves; "fused": a transposed convolution
    weight: torch.Tensor | None  # [out, in, 3, 3], gain applied; None for the constant
    blur: torch.Tensor | None  # [k, k], sum 1, after doubling; None: no blur
    norms: bool  # whether it has an instance norm
    noise: torch.Tensor | None  # [1, 1, H, W]
    noise_gain: torch.Tensor  # [out]
    bias: torch.Tensor  # [out]
    style: Dense  # w -> scale and shift of each channel [w_dim -> 2 * out]


@dataclass(frozen=True, eq=False, slots=True)
class ToRGB:
    """Features of one resolution -> picture."""

    weight: torch.Tensor  # [3, in, 1, 1], with opacity [4, in, 1, 1], gain applied
    bias: torch.Tensor  # [3 or 4]


@dataclass(frozen=True, eq=False, slots=True)
class Weights:
    """A StyleGAN1 generator: everything that its file holds and a picture needs."""

    mapping: MappingNetwork
    const: torch.Tensor  # [1, C, h, w]
    layers: list[Layer]  # two for each size, each twice the one before
    rgb: ToRGB  # of the last resolution that is drawn
    rgb_before: ToRGB | None  # of the resolution before, while the last one is growing in
    lod: float  # 0: all resolutions are drawn; above 0: how many of the last ones are still growing in

    @property
    def num_ws(self) -> int:
        """Number of styles."""
        return len(self.layers)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, pixels."""
        height, width = self.layers[-1].size
        return width, height

    @property
    def has_alpha(self) -> bool:
        """Whether the picture says how opaque it is."""
        return len(self.rgb.bias) > RGB

    @property
    def has_noise(self) -> bool:
        """Whether any layer adds stored noise."""
        return any(layer.noise is not None for layer in self.layers)

    @property
    def transform(self) -> None:
        """None: the family cannot move the picture plane."""

    def reaching(self, size: tuple[int, int]) -> Weights:
        """Return the same for a larger picture of at least this size, the trained one in its middle.

        Constant and noise go on as between mirrors.
        """
        beside = samples_beside(self.size, size, 1 << (len(self.layers) // 2 - 1))
        layers = [_reaching(layer, (beside[0] << k // 2, beside[1] << k // 2)) for k, layer in enumerate(self.layers)]
        return replace(self, const=mirrored(self.const, beside), layers=layers)

    def map_sizes(self) -> list[int]:
        """Return the number of samples in each map that a picture goes through."""
        maps = [(len(layer.bias), index // 2) for index, layer in enumerate(self.layers)]
        return doubled(self.const.shape, maps)

    def style_readers(self) -> list[list[Dense]]:
        """Return the affine map that reads each style [2 * channels, w_dim]: scales, then shifts."""
        return [[layer.style] for layer in self.layers]


def _reaching(layer: Layer, beside: tuple[int, int]) -> Layer:
    """Return a layer whose map goes on by so many samples on each side, across and down."""
    height, width = layer.size
    noise = None if layer.noise is None else mirrored(layer.noise, beside)
    return replace(layer, size=(height + 2 * beside[1], width + 2 * beside[0]), noise=noise)
