"""ws to a picture, by the book: modulated weights, filters apart, NCHW, float32. No shortcuts: fast is held to it."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from bandwalk.generator.effects import Effects
from bandwalk.generator.noise import Noise
from bandwalk.generator.stylegan2.weights import ModulatedConv, Skip, SynthesisBlock, ToRGB, Weights

_EPS = 1e-8


def draw(weights: Weights, ws: Tensor, effects: Effects) -> Tensor:
    """Draw ws [N, num_ws, w_dim] as [N, C, H, W], C 3 or 4; a bend of the last style is one of the picture."""
    x = weights.const.expand(len(ws), -1, -1, -1)  # [N, C, h, w]
    img: Tensor | None = None
    for k, block in enumerate(weights.blocks):
        # A block's ToRGB takes the style that the next block begins with.
        first = max(2 * k - 1, 0)
        styles = ws[:, first:].unbind(1)
        x = _draw_block(block, x, styles, first=first, effects=effects)
        if img is not None and block.filter is not None:
            img = double(img, block.filter)
        if block.torgb is not None:
            y = _draw_rgb(block.torgb, x, styles[1 if k == 0 else 2])
            img = y if img is None else img + y
    if img is None:
        raise ValueError("blocks without a ToRGB draw nothing")
    return effects.bend(img, ws.shape[1] - 1)


def _draw_block(
    block: SynthesisBlock, x: Tensor, styles: tuple[Tensor, ...], *, first: int, effects: Effects
) -> Tensor:
    """Draw a map [N, I, h / 2, w / 2] on as [N, O, h, w]; the first block keeps the size.

    first: index of the first of the styles.
    """
    if block.conv0 is None:
        return effects.bend(_draw_conv(block.conv1, x, styles[0], effects), first)
    gain, around = 1.0, None
    if block.skip is not None:
        gain = math.sqrt(0.5)
        around = _draw_skip(block.skip, x, gain)
    x = effects.bend(_draw_conv(block.conv0, x, styles[0], effects), first)
    x = _draw_conv(block.conv1, x, styles[1], effects, gain=gain)
    return effects.bend(x if around is None else around + x, first + 1)


def _draw_conv(layer: ModulatedConv, x: Tensor, w: Tensor, effects: Effects, *, gain: float = 1.0) -> Tensor:
    """Modulate, convolve, add noise and bias, activate: [N, I, h, w] to [N, O, H, W]."""
    weight = modulate(layer.weight, layer.style(w), demodulate=True)  # [N, O, I, 3, 3]
    x = convolve(x, weight) if layer.filter is None else blur(convolve_up(x, weight), layer.filter)
    if layer.noise is not None:
        x = x + Noise(layer.noise).at(effects.drift) * effects.noise
    x = F.leaky_relu(x + layer.bias.view(1, -1, 1, 1), 0.2) * (math.sqrt(2.0) * gain)
    return _clamp(x, layer.clamp, gain)


def _draw_rgb(layer: ToRGB, x: Tensor, w: Tensor) -> Tensor:
    """Convert a map [N, I, h, w] to colours [N, C, h, w]."""
    weight = modulate(layer.weight, layer.style(w), demodulate=False)
    return _clamp(convolve(x, weight) + layer.bias.view(1, -1, 1, 1), layer.clamp, 1.0)


def _draw_skip(layer: Skip, x: Tensor, gain: float) -> Tensor:
    """Draw the way around a resnet block: [N, I, h, w] to [N, O, 2h, 2w]."""
    return _clamp(double(F.conv2d(x, layer.weight), layer.filter) * gain, layer.clamp, gain)


def _clamp(x: Tensor, limit: float | None, gain: float) -> Tensor:
    return x if limit is None else x.clamp(-limit * gain, limit * gain)


def modulate(weight: Tensor, s: Tensor, *, demodulate: bool) -> Tensor:
    """Scale weights [O, I, k, k] by styles [N, I]; then, to unit length, every [I, k, k]: [N, O, I, k, k]."""
    scaled = weight[None] * s[:, None, :, None, None]  # [N, O, I, k, k]
    if not demodulate:
        return scaled
    return scaled * (scaled.square().sum((2, 3, 4), keepdim=True) + _EPS).rsqrt()


def convolve(x: Tensor, weight: Tensor) -> Tensor:
    """Convolve every picture of [N, I, h, w] with weights of its own [N, O, I, k, k], keeping the size."""
    n, o, i, k, _ = weight.shape
    grouped = weight.reshape(n * o, i, k, k)
    y = F.conv2d(x.reshape(1, n * i, *x.shape[2:]), grouped, padding=k // 2, groups=n)  # [1, N * O, h, w]
    return y.view(n, o, *y.shape[2:])


def convolve_up(x: Tensor, weight: Tensor) -> Tensor:
    """Convolve [N, I, h, w], zeros put between its pixels, with [N, O, I, k, k]: [N, O, 2h + k - 2, 2w + k - 2]."""
    n, o, i, k, _ = weight.shape
    grouped = weight.transpose(1, 2).reshape(n * i, o, k, k)
    y = F.conv_transpose2d(x.reshape(1, n * i, *x.shape[2:]), grouped, stride=2, groups=n)
    return y.view(n, o, *y.shape[2:])


def blur(x: Tensor, taps: Tensor) -> Tensor:
    """Filter what a 3x3 ``convolve_up`` left, [N, C, 2h + 1, 2w + 1], with [f, f] and a gain of 4: [N, C, 2h, 2w]."""
    f = len(taps)
    before, after = (f + 1) // 2 - 1, f // 2 - 1
    c = x.shape[1]
    kernel = (4.0 * taps).flip(0, 1).expand(c, 1, f, f)
    return F.conv2d(F.pad(x, (before, after, before, after)), kernel, groups=c)


def double(x: Tensor, taps: Tensor) -> Tensor:
    """Double the size of [N, C, h, w] with a filter [f, f]: zeros between the pixels, filter, gain 4."""
    n, c, h, w = x.shape
    f = len(taps)
    spread = torch.zeros(n, c, h, 2, w, 2, dtype=x.dtype, device=x.device)
    spread[:, :, :, 0, :, 0] = x
    before, after = (f + 1) // 2, f // 2 - 1
    padded = F.pad(spread.view(n, c, 2 * h, 2 * w), (before, after, before, after))
    kernel = (4.0 * taps).flip(0, 1).expand(c, 1, f, f)
    return F.conv2d(padded, kernel, groups=c)
