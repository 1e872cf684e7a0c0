"""The synthesis of one frame in few passes: channels last, and no weight changed from frame to frame.

Against `reference`: each filter is two short convolutions of every channel by itself, a
transposed one of stride ``factor`` on the way up (nothing is multiplied by the zeros between
the samples) and one of stride ``factor`` on the way down. These carry what the styles ask
for: a factor on a channel is a factor on its filter. So the next layer's style rides in the
filter down, demodulation and gains in the filter up, and the large convolution between keeps
its weights, which are brought to unit mean square and half precision once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch.nn import functional

from bandwalk.generator.stylegan3.mapping import apply
from bandwalk.generator.stylegan3.reference import EPS, GAIN, SLOPE, split
from bandwalk.generator.stylegan3.waves import draw_waves
from bandwalk.generator.stylegan3.weights import Layer, Resampling, Weights


class FastSynthesis:
    """A generator with its weights prepared for convolutions in one type; all else is float32."""

    def __init__(self, weights: Weights, dtype: torch.dtype = torch.float32) -> None:
        self._weights = weights
        self._dtype = dtype
        self._layers = [_FastLayer(layer, dtype) for layer in weights.layers[:-1]]
        self._rgb = _unit_weight(weights.layers[-1], is_rgb=True)

    def draw(self, ws: torch.Tensor, transform: torch.Tensor) -> torch.Tensor:
        """Draw one frame of ws [num_ws, w_dim] as [1, 3, resolution, resolution], float32.

        Args:
            ws:        Styles.
            transform: Inverse transform of the picture plane [3, 3].
        """
        rgb = self._weights.layers[-1]
        styles = [layer.read_style(w) for layer, w in zip(self._layers, ws[1:-1], strict=True)]
        styles.append(apply(ws[-1], rgb.affine))
        x = self._draw_input(ws[:1], transform, styles[0])
        for layer, (s, following) in zip(self._layers, pairwise(styles), strict=True):
            x = layer(x, s, following)
        img = functional.conv2d(x, self._rgb, rgb.bias)
        return img.clamp_(-rgb.clamp, rgb.clamp).mul_(self._weights.output_scale).contiguous()

    def _draw_input(self, w: torch.Tensor, transform: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        """Draw the waves of w [1, w_dim], mixed and scaled by s [C], as [1, C, size, size]."""
        x = draw_waves(w, self._weights.input, transform).permute(0, 3, 1, 2).to(self._dtype)
        weight = (self._weights.input.weight * s[:, None]).to(self._dtype)
        return functional.conv2d(x, weight[:, :, None, None])


class _FastLayer:
    """A layer with its weights as its steps want them."""

    def __init__(self, layer: Layer, dtype: torch.dtype) -> None:
        weight = _unit_weight(layer)
        self._layer = layer
        self._weight = weight.to(dtype).contiguous(memory_format=torch.channels_last)
        self._energy = weight.square().sum(dim=(2, 3))  # [out, in]
        self._eps = EPS / weight[0].numel()
        channels = len(weight)
        self._up, self._trim = _steps_up(layer.up, channels, layer.padding)
        self._down = _steps_down(layer.down, channels)

    def read_style(self, w: torch.Tensor) -> torch.Tensor:
        """Return the factors on the input's channels [in] for w [w_dim], of unit mean square."""
        s = apply(w, self._layer.affine)
        return s * s.square().mean().rsqrt()

    def __call__(self, x: torch.Tensor, s: torch.Tensor, following: torch.Tensor) -> torch.Tensor:
        """Turn features [1, in, h, w], scaled by s [in], into [1, out, H, W], scaled by ``following`` [out]."""
        demodulation = (self._energy @ s.square() + self._eps).rsqrt() * self._layer.gain  # [out]
        bias = (self._layer.bias / demodulation).to(self._weight.dtype)
        margin = self._weight.shape[-1] - 1
        x = functional.conv2d(x.to(self._weight.dtype), self._weight, bias, padding=margin).float()
        for k, step in enumerate(self._up):
            kernel = step.kernel if k > 0 else step.kernel * (demodulation * GAIN)[:, None, None, None]
            x = functional.conv_transpose2d(x, kernel, None, step.stride, step.padding, groups=len(kernel))
        if self._trim is not None:
            x = functional.pad(x, self._trim)
        x = functional.leaky_relu_(x, SLOPE).clamp_(-self._layer.clamp, self._layer.clamp)
        for k, step in enumerate(self._down, start=1):
            kernel = step.kernel if k < len(self._down) else step.kernel * following[:, None, None, None]
            x = functional.conv2d(x, kernel, None, step.stride, groups=len(kernel))
        return x


@dataclass(frozen=True, eq=False, slots=True)
class _Step:
    """A filter of each channel by itself, along one axis or both."""

    kernel: torch.Tensor  # [C, 1, kh, kw]
    stride: tuple[int, int]  # down, across
    padding: tuple[int, int] = (0, 0)


Trim = tuple[int, int, int, int]


def _unit_weight(layer: Layer, is_rgb: bool = False) -> torch.Tensor:
    """Return a layer's weight [out, in, k, k] so that a unit input gives a unit output."""
    weight = layer.weight / math.sqrt(layer.weight[0].numel())
    return weight * layer.gain if is_rgb else weight * layer.weight.square().mean(dim=(1, 2, 3), keepdim=True).rsqrt()


def _steps_up(up: Resampling, channels: int, padding: Trim) -> tuple[list[_Step], Trim | None]:
    """Return the steps of a filter on the way up, and what is to be padded or cropped (negative) after them.

    A transposed convolution draws all samples that the filter reaches; its own padding crops
    as many on both sides, which is what the published configurations ask for.
    """
    reach = len(up.taps) - 1
    left, right, top, bottom = padding
    trim = (left - reach, right - reach + up.factor - 1, top - reach, bottom - reach + up.factor - 1)
    even = trim[0] == trim[1] <= 0 and trim[2] == trim[3] <= 0
    crop = (-trim[2], -trim[0]) if even else (0, 0)  # down, across
    kernels = _kernels(up.taps, channels, up.factor)
    if len(kernels) == 1:
        steps = [_Step(kernels[0], (up.factor, up.factor), crop)]
    else:
        steps = [_Step(kernels[0], (up.factor, 1), (crop[0], 0)), _Step(kernels[1], (1, up.factor), (0, crop[1]))]
    return steps, None if even else trim


def _steps_down(down: Resampling, channels: int) -> list[_Step]:
    """Return the steps of a filter on the way down: across first, which is the cheaper way to halve a map."""
    kernels = _kernels(down.taps.flip(list(range(down.taps.ndim))), channels, 1)
    if len(kernels) == 1:
        return [_Step(kernels[0], (down.factor, down.factor))]
    return [_Step(kernels[1], (1, down.factor)), _Step(kernels[0], (down.factor, 1))]


def _kernels(taps: torch.Tensor, channels: int, factor: int) -> list[torch.Tensor]:
    """Return a filter for each of the channels, times ``factor`` along each axis."""
    steps = split(taps)
    gain = float(factor) if len(steps) == 2 else float(factor**2)
    return [(step * gain).expand(channels, 1, -1, -1).contiguous() for step in steps]
