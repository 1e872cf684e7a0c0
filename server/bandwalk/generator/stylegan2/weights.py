"""The weights of a StyleGAN2 generator in the one form that is drawn from: gains of learning rates are applied."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor

from bandwalk.generator.cost import doubled
from bandwalk.generator.dense import Dense
from bandwalk.generator.mapping_network import MappingNetwork
from bandwalk.generator.tensors import RGB
from bandwalk.generator.wider import mirrored, samples_beside


@dataclass(frozen=True, eq=False, slots=True)
class ModulatedConv:
    """A modulated 3x3 convolution with noise, bias and leaky ReLU."""

    weight: Tensor  # [O, I, 3, 3]
    bias: Tensor  # [O]
    style: Dense  # w -> factors on the input's channels [w_dim -> I]
    noise: Tensor | None  # [h, w], its stored strength applied
    filter: Tensor | None  # [f, f], sum 1, doubles the size; None: the size stays
    clamp: float | None


@dataclass(frozen=True, eq=False, slots=True)
class ToRGB:
    """A modulated 1x1 convolution to colours, not demodulated."""

    weight: Tensor  # [3, I, 1, 1], with opacity [4, I, 1, 1]
    bias: Tensor  # [3 or 4]
    style: Dense  # w -> factors on the input's channels [w_dim -> I]
    clamp: float | None


@dataclass(frozen=True, eq=False, slots=True)
class Skip:
    """The 1x1 convolution that bypasses a block of the resnet architecture."""

    weight: Tensor  # [O, I, 1, 1]
    filter: Tensor  # [f, f], sum 1
    clamp: float | None


@dataclass(frozen=True, eq=False, slots=True)
class SynthesisBlock:
    """All that draws at one size."""

    conv0: ModulatedConv | None  # None in the first, which begins with the constant
    conv1: ModulatedConv
    torgb: ToRGB | None
    skip: Skip | None  # resnet only
    filter: Tensor | None  # [f, f], sum 1: doubles the picture so far; None in the first

    @property
    def convs(self) -> tuple[ModulatedConv, ...]:
        """Its convolutions, in order."""
        return (self.conv1,) if self.conv0 is None else (self.conv0, self.conv1)


@dataclass(frozen=True, eq=False, slots=True)
class Weights:
    """A whole generator."""

    mapping: MappingNetwork
    const: Tensor  # [C, h, w]
    blocks: tuple[SynthesisBlock, ...]  # each twice the size of the one before

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Height and width of what each block draws, pixels."""
        height, width = self.const.shape[1:]
        return tuple((height << k, width << k) for k in range(len(self.blocks)))

    @property
    def has_alpha(self) -> bool:
        """Whether the picture says how opaque it is."""
        return any(block.torgb is not None and len(block.torgb.bias) > RGB for block in self.blocks)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, pixels."""
        height, width = self.sizes[-1]
        return width, height

    @property
    def has_noise(self) -> bool:
        """Whether any layer adds stored noise."""
        return any(layer.noise is not None for block in self.blocks for layer in block.convs)

    @property
    def transform(self) -> None:
        """None: the family cannot move the picture plane."""

    @property
    def num_ws(self) -> int:
        """Number of styles: one a convolution, and one for the last ToRGB."""
        return 2 * len(self.blocks)

    def reaching(self, size: tuple[int, int]) -> Weights:
        """Return the same for a larger picture of at least this size, the trained one in its middle.

        Constant and noise go on as between mirrors.
        """
        beside = samples_beside(self.size, size, 1 << (len(self.blocks) - 1))
        blocks = tuple(_reaching(block, (beside[0] << k, beside[1] << k)) for k, block in enumerate(self.blocks))
        return replace(self, const=mirrored(self.const, beside), blocks=blocks)

    def map_sizes(self) -> list[int]:
        """Return the number of samples in each map that a picture goes through."""
        maps = [(len(layer.bias), k) for k, block in enumerate(self.blocks) for layer in block.convs]
        return doubled(self.const.shape, maps)

    def style_readers(self) -> list[list[Dense]]:
        """Return the affine maps that read each style, num_ws lists of them.

        A ToRGB reads the style of the convolution that follows it; the last one has a style of its own.
        """
        readers: list[list[Dense]] = [[] for _ in range(self.num_ws)]
        for k, block in enumerate(self.blocks):
            parts = [part for part in (block.conv0, block.conv1, block.torgb) if part is not None]
            for style, part in enumerate(parts, max(2 * k - 1, 0)):
                readers[style].append(part.style)
        return readers


def _reaching(block: SynthesisBlock, beside: tuple[int, int]) -> SynthesisBlock:
    """Return a block whose noise goes on by so many samples on each side, across and down."""
    conv0 = None if block.conv0 is None else _with_noise(block.conv0, beside)
    return replace(block, conv0=conv0, conv1=_with_noise(block.conv1, beside))


def _with_noise(layer: ModulatedConv, beside: tuple[int, int]) -> ModulatedConv:
    return layer if layer.noise is None else replace(layer, noise=mirrored(layer.noise, beside))
