"""ws to a picture with fewer passes over it: the same as `reference`, held to it by a test.

Maps are channels-last. From 32x32 pixels up, where pixels outnumber weights, style, demodulation and gain go into the
weights and the bias into the convolution; below, into the maps. An up-convolution is a transposed one of stride 2 and
a depthwise blur. On the CPU a transposed convolution brings its weights into another order for every picture, which
costs more than the rest where they are many: up to 64x64 pixels it is a product of matrices, its parts then added. One
picture at a time, so that a convolution needs no groups.

By `winograd`, a convolution that keeps the size takes style, demodulation and bias on the way into its tiles and out of
them. In bfloat16 or half precision maps and convolutions' weights are rounded; styles, demodulation and the sum of the
colours stay float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from bandwalk.generator.dense import Dense
from bandwalk.generator.effects import Effects
from bandwalk.generator.noise import Noise
from bandwalk.generator.precision import way_of
from bandwalk.generator.stylegan2.weights import ModulatedConv, Skip, SynthesisBlock, ToRGB, Weights
from bandwalk.generator.winograd import Winograd, gains

_EPS = 1e-8
_FOLD_FROM = 32  # side of a square of as many pixels
_PRODUCT_TO = 64  # the same
_TENT = (0.125, 0.375, 0.375, 0.125)  # doubling with these taps is bilinear interpolation


@dataclass(frozen=True, slots=True)
class _Filter:
    """A filter for doubling [C, h, w] maps."""

    kernel: Tensor  # [C, 1, f, f], flipped, the gain of 4 in it
    is_tent: bool


@dataclass(frozen=True, slots=True)
class _Conv:
    weight: Tensor  # [O, I, 3, 3]; of a product [9 * O, I], rows of the kernel first
    energy: Tensor  # [O, I], sum of squares of the weights
    style: Dense
    bias: Tensor  # [O], times the gain
    noise: Noise | None  # [h, w], times the gain
    filter: _Filter | None
    gain: float  # of the activation
    clamp: float | None
    folds: bool  # style, demodulation and gain go into the weights
    is_product: bool  # doubles by a product of matrices
    side: int  # of a square of as many pixels as the map that is drawn
    tiles: Winograd | None = None  # convolves, in place of weight


@dataclass(frozen=True, slots=True)
class _Skip:
    weight: Tensor  # [O, I, 1, 1], times the gain
    filter: _Filter
    clamp: float | None


@dataclass(frozen=True, slots=True)
class _Block:
    conv0: _Conv | None
    conv1: _Conv
    torgb: ToRGB | None
    skip: _Skip | None
    filter: _Filter | None


class FastSynthesis:
    """Draws with prepared weights, in one precision."""

    def __init__(self, weights: Weights) -> None:
        self.dtype = torch.float32
        self._const = weights.const[None].contiguous(memory_format=torch.channels_last)  # [1, C, h, w]
        sides = [math.isqrt(height * width) for height, width in weights.sizes]
        if weights.const.is_cuda:
            sides = sides[-1:] * len(sides)  # what suits large maps suits all there
        self._blocks = [_prepare(block, side) for block, side in zip(weights.blocks, sides, strict=True)]

    def in_precision(self, dtype: torch.dtype) -> FastSynthesis:
        """Return the same in another precision; weights that are folded each frame are shared."""
        other = FastSynthesis.__new__(FastSynthesis)
        other.dtype = dtype
        other._const = self._const.to(dtype)
        other._blocks = [_cast_block(block, dtype) for block in self._blocks]
        return other

    def in_tiles(self) -> FastSynthesis:
        """Return the same with convolutions by Winograd's way, where that gains."""
        return self._with(_tile)

    def in_maps(self) -> FastSynthesis:
        """Return the same with styles and demodulation in the maps, whatever their size: no weight ever changes."""
        return self._with(_unfold)

    def _with(self, change: Callable[[_Conv], _Conv]) -> FastSynthesis:
        """Return the same with each convolution changed."""
        other = FastSynthesis.__new__(FastSynthesis)
        other.dtype, other._const = self.dtype, self._const
        other._blocks = [
            replace(block, conv0=None if block.conv0 is None else change(block.conv0), conv1=change(block.conv1))
            for block in self._blocks
        ]
        return other

    @property
    def way(self) -> str:
        """How it differs from plain float32: a dtype, "tiles", or ""."""
        return way_of(self.dtype, (block.conv1.tiles for block in self._blocks))

    def draw(self, ws: Tensor, effects: Effects) -> Tensor:
        """Draw ws [num_ws, w_dim] as [1, C, H, W], float32, C 3 or 4; the last style has bends of the picture."""
        x = self._const
        img: Tensor | None = None
        w = 0  # style of the layer at hand
        for block in self._blocks:
            x = _draw_block(block, x, ws, w, effects)
            w += 1 if block.conv0 is None else 2
            if img is not None and block.filter is not None:
                img = _double(img, block.filter)
            if block.torgb is not None:
                y = _draw_rgb(block.torgb, x, ws[w])
                img = y if img is None else img.add_(y)
        if img is None:
            raise ValueError("blocks without a ToRGB draw nothing")
        return effects.bend(img, len(ws) - 1)


def _prepare(block: SynthesisBlock, side: int) -> _Block:
    gain1 = math.sqrt(2.0) if block.skip is None else 1.0  # resnet: times sqrt(0.5)
    torgb = block.torgb
    return _Block(
        conv0=None if block.conv0 is None else _prepare_conv(block.conv0, math.sqrt(2.0), side),
        conv1=_prepare_conv(block.conv1, gain1, side),
        torgb=None if torgb is None else replace(torgb, weight=_last(torgb.weight)),
        skip=None if block.skip is None else _prepare_skip(block.skip),
        filter=None if block.filter is None or torgb is None else _prepare_filter(block.filter, len(torgb.bias)),
    )


def _prepare_conv(layer: ModulatedConv, gain: float, side: int) -> _Conv:
    is_product = layer.filter is not None and side <= _PRODUCT_TO
    rows = layer.weight.permute(2, 3, 0, 1).flatten(0, 2)  # [9 * O, I]
    return _Conv(
        weight=rows.contiguous() if is_product else _last(layer.weight),
        energy=layer.weight.square().sum((2, 3)),
        style=layer.style,
        bias=layer.bias * gain,
        noise=None if layer.noise is None else Noise(layer.noise, lambda n: n * gain),
        filter=None if layer.filter is None else _prepare_filter(layer.filter, len(layer.weight)),
        gain=gain,
        clamp=None if layer.clamp is None else layer.clamp * gain / math.sqrt(2.0),
        folds=side >= _FOLD_FROM and not is_product,
        is_product=is_product,
        side=side,
    )


def _prepare_skip(layer: Skip) -> _Skip:
    gain = math.sqrt(0.5)
    clamp = None if layer.clamp is None else layer.clamp * gain
    return _Skip(_last(layer.weight * gain), _prepare_filter(layer.filter, len(layer.weight)), clamp)


def _prepare_filter(taps: Tensor, channels: int) -> _Filter:
    kernel = (4.0 * taps).flip(0, 1).repeat(channels, 1, 1, 1)
    row = taps.new_tensor(_TENT)
    return _Filter(kernel, len(taps) == len(row) and torch.allclose(taps, torch.outer(row, row), rtol=0.0, atol=1e-7))


def _last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _unfold(layer: _Conv) -> _Conv:
    """Return a layer whose style and demodulation go into the maps."""
    weight = layer.weight
    if layer.is_product:
        weight = _last(weight.view(3, 3, len(layer.bias), -1).permute(2, 3, 0, 1))
    return replace(layer, weight=weight, folds=False, is_product=False)


def _tile(layer: _Conv) -> _Conv:
    """Return a layer that convolves in tiles, where that gains."""
    if layer.filter is not None or not gains(layer.weight, layer.side):
        return layer
    return replace(layer, tiles=Winograd(layer.weight))


def _cast_block(block: _Block, dtype: torch.dtype) -> _Block:
    skip = block.skip
    return replace(
        block,  # colours stay float32, and with them what doubles them
        conv0=None if block.conv0 is None else _cast_conv(block.conv0, dtype),
        conv1=_cast_conv(block.conv1, dtype),
        skip=None if skip is None else replace(skip, weight=skip.weight.to(dtype), filter=_cast(skip.filter, dtype)),
    )


def _cast_conv(layer: _Conv, dtype: torch.dtype) -> _Conv:
    return replace(
        layer,
        weight=layer.weight if layer.folds else layer.weight.to(dtype),
        bias=layer.bias.to(dtype),
        noise=None if layer.noise is None else layer.noise.to(dtype),
        filter=None if layer.filter is None else _cast(layer.filter, dtype),
    )


def _cast(taps: _Filter, dtype: torch.dtype) -> _Filter:
    return replace(taps, kernel=taps.kernel.to(dtype))


def _draw_block(block: _Block, x: Tensor, ws: Tensor, w: int, effects: Effects) -> Tensor:
    """Draw a map [1, I, h / 2, w / 2] on as [1, O, h, w], from style ``w`` on; the first block keeps the size."""
    if block.conv0 is None:
        return effects.bend(_draw_conv(block.conv1, x, ws[w], effects), w)
    y = effects.bend(_draw_conv(block.conv0, x, ws[w], effects), w)
    y = _draw_conv(block.conv1, y, ws[w + 1], effects)
    if block.skip is not None:
        around = _double(F.conv2d(x, block.skip.weight), block.skip.filter)
        y.add_(_clamp(around, block.skip.clamp))
    return effects.bend(y, w + 1)


def _draw_conv(layer: _Conv, x: Tensor, w: Tensor, effects: Effects) -> Tensor:
    """Convolve, add noise and bias, activate: [1, I, h, w] to [1, O, H, W]."""
    s = layer.style(w)  # [I]
    d = torch.mv(layer.energy, s.square()).add_(_EPS).rsqrt_().mul_(layer.gain)  # [O]
    if layer.tiles is not None:
        x = layer.tiles(x, padding=1, before=s, after=d, bias=layer.bias)
    elif layer.folds:
        weight = (layer.weight * torch.outer(d, s)[:, :, None, None]).to(x.dtype)
        x = _convolve(layer, x, weight, layer.bias)
    else:
        y = _convolve(layer, x * s.to(x.dtype).view(1, -1, 1, 1), layer.weight, None)
        x = torch.addcmul(layer.bias.view(1, -1, 1, 1), y, d.to(x.dtype).view(1, -1, 1, 1))
    if layer.noise is not None and effects.noise != 0.0:
        x.add_(layer.noise.at(effects.drift), alpha=effects.noise)
    return _clamp(F.leaky_relu_(x, 0.2), layer.clamp)


def _convolve(layer: _Conv, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    if layer.filter is None:
        return F.conv2d(x, weight, bias, padding=1)
    # [1, O, 2h + 1, 2w + 1]
    y = _spread(x, weight) if layer.is_product else F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
    f = layer.filter.kernel.shape[-1]
    before, after = (f + 1) // 2 - 1, f // 2 - 1
    if before != after:
        y, before = F.pad(y, (before, after, before, after)), 0
    return F.conv2d(y, layer.filter.kernel, bias, padding=before, groups=y.shape[1])  # [1, O, 2h, 2w]


def _spread(x: Tensor, rows: Tensor) -> Tensor:
    """Convolve [1, I, h, w], transposed and of stride 2, with [9 * O, I]: [1, O, 2h + 1, 2w + 1]."""
    _, i, h, w = x.shape
    y = F.linear(x.permute(0, 2, 3, 1).reshape(h * w, i), rows).view(h, w, 3, 3, -1)  # [h, w, 3, 3, O]
    out = y.new_zeros(2 * h + 1, 2 * w + 1, y.shape[-1])
    for down in range(3):
        for across in range(3):
            out[down : down + 2 * h : 2, across : across + 2 * w : 2] += y[:, :, down, across]
    return out.permute(2, 0, 1)[None]


def _draw_rgb(layer: ToRGB, x: Tensor, w: Tensor) -> Tensor:
    """Convert a map [1, I, h, w] to colours [1, C, h, w], float32."""
    s = layer.style(w)  # [I]
    y = F.conv2d(x, (layer.weight * s.view(1, -1, 1, 1)).to(x.dtype)).float()
    return _clamp(y.add_(layer.bias.view(1, -1, 1, 1)), layer.clamp)


def _clamp(x: Tensor, limit: float | None) -> Tensor:
    return x if limit is None else x.clamp_(-limit, limit)


def _double(x: Tensor, taps: _Filter) -> Tensor:
    """Double the size of [1, C, h, w]."""
    if taps.is_tent:
        around = F.pad(x, (1, 1, 1, 1))  # beyond the edge is black, not the edge's colour
        return F.interpolate(around, scale_factor=2.0, mode="bilinear")[:, :, 2:-2, 2:-2]
    c, f = taps.kernel.shape[0], taps.kernel.shape[-1]
    spread = F.conv_transpose2d(x, taps.kernel.flip(2, 3), stride=2, groups=c)  # [1, C, 2h + f - 2, 2w + f - 2]
    before = f - 1 - (f + 1) // 2
    after = before + 2 - f
    return F.pad(spread, (-before, after, -before, after))
