"""The one form that StyleGAN2 weights of all files are brought into, gains of equalised learning rates applied."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar

from torch import Tensor, device

from bandwalk.generator.tensors import RGB

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Affine:
    """A linear layer: y = x @ weight.T + bias."""

    weight: Tensor  # [O, I]
    bias: Tensor  # [O]


@dataclass(frozen=True, slots=True)
class Mapping:
    """z and c to w.

    Original TensorFlow StyleGAN2 normalises z and the embedded class together (``joint``), its successors each apart.
    """

    embed: Affine | None  # [E, c_dim]; None: no classes
    joint: bool
    layers: tuple[Affine, ...]  # followed by a leaky ReLU, whose gain is in them
    w_avg: Tensor | None  # [w_dim]; None: the file does not have it

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


@dataclass(frozen=True, slots=True)
class Conv:
    """A modulated 3x3 convolution with noise, bias and leaky ReLU."""

    weight: Tensor  # [O, I, 3, 3]
    bias: Tensor  # [O]
    style: Affine  # [I, w_dim]
    noise: Tensor | None  # [h, w], at its stored strength
    filter: Tensor | None  # [f, f], sum 1; None: keeps the size, otherwise doubles it
    clamp: float | None


@dataclass(frozen=True, slots=True)
class ToRGB:
    """A modulated 1x1 convolution to colours, not demodulated."""

    weight: Tensor  # [3, I, 1, 1], with opacity [4, I, 1, 1]
    bias: Tensor  # [3 or 4]
    style: Affine  # [I, w_dim]
    clamp: float | None


@dataclass(frozen=True, slots=True)
class Skip:
    """The 1x1 convolution around a block of the resnet architecture."""

    weight: Tensor  # [O, I, 1, 1]
    filter: Tensor  # [f, f], sum 1
    clamp: float | None


@dataclass(frozen=True, slots=True)
class Block:
    """All that draws at one size."""

    conv0: Conv | None  # None in the first, which begins with the constant
    conv1: Conv
    torgb: ToRGB | None
    skip: Skip | None  # resnet only
    filter: Tensor | None  # [f, f], sum 1: doubles the picture so far; None in the first

    @property
    def convs(self) -> tuple[Conv, ...]:
        """Its convolutions, in order."""
        return (self.conv1,) if self.conv0 is None else (self.conv0, self.conv1)


@dataclass(frozen=True, slots=True)
class Weights:
    """A whole generator."""

    mapping: Mapping
    const: Tensor  # [C, h, w]
    blocks: tuple[Block, ...]  # each twice the size of the one before

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
    def num_ws(self) -> int:
        """Number of styles: one a convolution, and one for the last ToRGB."""
        return 2 * len(self.blocks)


def style_readers(weights: Weights) -> tuple[list[Affine], ...]:
    """Return the affine maps that read each style, num_ws of them.

    A ToRGB reads the style of the convolution that follows it; the last one has a style of its own.
    """
    readers: list[list[Affine]] = [[] for _ in range(weights.num_ws)]
    for k, block in enumerate(weights.blocks):
        parts = [part for part in (block.conv0, block.conv1, block.torgb) if part is not None]
        for style, part in enumerate(parts, max(2 * k - 1, 0)):
            readers[style].append(part.style)
    return tuple(readers)


def moved(part: T, to: device) -> T:
    """Return weights, or a part of them, on a device."""
    if isinstance(part, Tensor):
        return part.to(to)  # type: ignore[return-value]
    if isinstance(part, tuple):
        return tuple(moved(each, to) for each in part)  # type: ignore[return-value]
    if is_dataclass(part):
        return replace(part, **{f.name: moved(getattr(part, f.name), to) for f in fields(part)})  # type: ignore[type-var]
    return part
