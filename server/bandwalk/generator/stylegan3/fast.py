"""ws -> picture in few passes: channels last, and no weight changes between pictures. `reference` is its plain form.

Different from `reference`: the filters are separated as in `resampling`, and the factors on channels are multiplied
into them: the next layer's style into the filter down, demodulation and gains into the filter up. The large convolution
keeps its weights, which are scaled to unit mean square once. Maps get channels of zeros, up to a multiple of the number
that a processor works on at once: a rest of a few channels makes a filter slower by a third. In half precision, maps
and kernels are rounded; styles, demodulation and the colours stay float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
from torch.nn import functional

from bandwalk.generator.effects import Effects
from bandwalk.generator.fast_layers import FastLayers
from bandwalk.generator.stylegan3.phases import PhasedUp
from bandwalk.generator.stylegan3.reference import EPS, GAIN, SLOPE
from bandwalk.generator.stylegan3.resampling import Down, Up
from bandwalk.generator.stylegan3.waves import draw_waves
from bandwalk.generator.stylegan3.weights import Layer, Size, Weights
from bandwalk.generator.winograd import Winograd, gains

_WIDTH = 16
"""Channels that a processor's widest instructions work on at once."""


class FastSynthesis(FastLayers[Weights, "_FastLayer"]):
    """A generator with its weights prepared for maps of one dtype."""

    def prepare_layers(self, weights: Weights, dtype: torch.dtype, tiled: bool) -> list[_FastLayer]:
        """Return the layers, prepared, and prepare the colours."""
        self._rgb = _wide(_unit_weight(weights.layers[-1], is_rgb=True)[:, :, 0, 0], 1)
        self._mix_waves = _wide(weights.waves.weight, 0)
        sizes = [weights.waves.size, *(layer.size for layer in weights.layers)]
        layers = zip(weights.layers[:-1], sizes, strict=False)
        return [_FastLayer(layer, size, dtype, tiled) for layer, size in layers]

    def draw(self, ws: torch.Tensor, transform: torch.Tensor, effects: Effects) -> torch.Tensor:
        """Draw one frame of ws [num_ws, w_dim] as [1, C, H, W], C 3 or 4, float32.

        Args:
            ws:        Styles.
            transform: Inverse transform of the picture plane [3, 3].
            effects:   Bends of the layers' maps; one of the last style bends the picture. The family has no noise.
        """
        rgb = self._weights.layers[-1]
        styles = [layer.read_style(w) for layer, w in zip(self._layers, ws[1:-1], strict=True)]
        styles.append(rgb.affine(ws[-1]))
        x = _bent(partial(self._draw_input, ws[:1], transform), styles[0], 0, effects)
        for k, (s, following) in enumerate(pairwise(styles)):
            x = _bent(partial(self._layers[k], x, s), following, k + 1, effects)
        img = _mix(x.float(), self._rgb, rgb.bias).clamp_(-rgb.clamp, rgb.clamp)
        return effects.bend(img, len(ws) - 1).mul_(self._weights.output_scale).contiguous()

    def _draw_input(self, w: torch.Tensor, transform: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        """Draw the waves of w [1, w_dim], mixed and scaled by s [C], as [1, C, H, W]."""
        x = draw_waves(self._weights.waves, w, transform).to(self._dtype)  # [1, H, W, C]
        weight = self._mix_waves * s[:, None]
        return functional.linear(x, weight.to(self._dtype)).permute(0, 3, 1, 2)


def _bent(draw: Callable[[torch.Tensor], torch.Tensor], s: torch.Tensor, k: int, effects: Effects) -> torch.Tensor:
    """Draw features scaled by s [C]; if layer k is bent, draw them unscaled, bend them, then scale them."""
    scale = _wide(s, 0)
    if not effects.touch(k):
        return draw(scale)
    x = draw(torch.ones_like(scale))[:, : len(s)].contiguous(memory_format=torch.channels_last)
    return _wide(effects.bend(x, k), 1) * scale.to(x.dtype)[:, None, None]


class _FastLayer:
    """A layer with its weights prepared."""

    def __init__(self, layer: Layer, size: Size, dtype: torch.dtype, tiled: bool) -> None:
        weight = _wide(_wide(_unit_weight(layer), 0), 1)
        self.tiles = Winograd(weight) if tiled and gains(weight, math.isqrt(size[0] * size[1])) else None
        self._layer = layer
        self._weight = weight.to(dtype).contiguous(memory_format=torch.channels_last)
        self._energy = weight.square().sum(dim=(2, 3))[:, : layer.weight.shape[1]]  # [out, in]
        self._eps = EPS / layer.weight[0].numel() + _wide(torch.zeros_like(layer.bias), 0, 1.0)
        self._bias = _wide(layer.bias, 0)
        self._margin = weight.shape[-1] - 1
        given = size[0] + self._margin, size[1] + self._margin
        channels = len(weight)
        self._up: Up | PhasedUp
        if dtype is torch.float32:
            self._up = Up(layer.up, layer.padding, size=given, channels=channels)
        else:  # here, oneDNN's transposed convolution is much slower
            self._up = PhasedUp(layer.up, layer.padding, size=given, channels=channels, dtype=dtype)
        self._down = Down(layer.down, channels=channels, dtype=dtype)

    def read_style(self, w: torch.Tensor) -> torch.Tensor:
        """Return the factors on the input's channels [in] for w [w_dim], with a mean square of 1."""
        s = self._layer.affine(w)
        return s * s.square().mean().rsqrt()

    def __call__(self, x: torch.Tensor, s: torch.Tensor, following: torch.Tensor) -> torch.Tensor:
        """Convert features [1, in, h, w], scaled by s [in], to [1, out, H, W], scaled by ``following`` [out]."""
        demodulation = (self._energy @ s.square() + self._eps).rsqrt() * self._layer.gain  # [out]
        bias = (self._bias / demodulation).to(x.dtype)
        x = self._convolve(x, bias)
        gain = demodulation * GAIN
        limit = None if self._stays_within(x, gain) else self._layer.clamp
        return self._down(self._activate(self._up(x, gain), limit), following)

    def _convolve(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        if self.tiles is not None:
            return self.tiles(x, padding=self._margin, bias=bias)
        if self._margin > 0:
            return functional.conv2d(x, self._weight, bias, padding=self._margin)
        return _mix(x, self._weight[:, :, 0, 0], bias)

    def _stays_within(self, x: torch.Tensor, gain: torch.Tensor) -> bool:
        """Tell whether the filtered x times gain cannot reach the clamp.

        It hardly ever can, and this check costs less than clamping the large map. A GPU would have to wait for the
        answer, and a traced drawing would use one picture's answer for all.
        """
        is_traced = torch.jit.is_tracing()  # type: ignore[no-untyped-call,attr-defined]
        if x.is_cuda or is_traced:
            return math.isinf(self._layer.clamp)
        last = x.permute(0, 2, 3, 1)  # [1, h, w, out]: as it lies in memory
        limit = self._layer.clamp / self._up.reach
        if float(torch.stack(torch.aminmax(last)).abs().max() * gain.max()) < limit:  # NaN is not
            return True
        largest = last.abs().amax(dim=1).amax(dim=1)[0]  # [out], row by row
        return bool((largest.float() * gain).max() < limit)

    def _activate(self, phases: list[torch.Tensor], limit: float | None) -> torch.Tensor:
        """Apply the nonlinearity and clamp; phases become the rows of one map: [1, out, height, width]."""
        drawn = functional.leaky_relu_(phases[0], SLOPE) if len(phases) == 1 else self._interleave(phases)
        if limit is not None:
            drawn.clamp_(-limit, limit)
        return drawn

    def _interleave(self, phases: list[torch.Tensor]) -> torch.Tensor:
        """Apply the nonlinearity and write the phases to the rows of one map, in one pass."""
        height, width = self._up.height, self._up.width
        drawn = phases[0].new_empty(1, height, width, phases[0].shape[1])
        for k, phase in enumerate(phases):
            rows = drawn[:, k :: len(phases)]
            rows_of_phase = phase.permute(0, 2, 3, 1)[:, : rows.shape[1], :width]
            torch.ops.aten.leaky_relu.out(rows_of_phase, SLOPE, out=rows)
        return drawn.permute(0, 3, 1, 2)


def _mix(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Convolve x [1, in, h, w] with a 1x1 kernel [out, in], as a product of matrices."""
    return functional.linear(x.permute(0, 2, 3, 1), weight, bias).permute(0, 3, 1, 2)


def _wide(x: torch.Tensor, axis: int, value: float = 0.0) -> torch.Tensor:
    """Return x with a value for further channels on an axis, where the processor works on many at once."""
    more = 0 if x.is_cuda else -x.shape[axis] % _WIDTH
    if more == 0:
        return x
    return functional.pad(x, (*[0, 0] * (x.ndim - axis - 1), 0, more), value=value)


def _unit_weight(layer: Layer, is_rgb: bool = False) -> torch.Tensor:
    """Return a layer's weight [out, in, k, k] so that a unit input gives a unit output."""
    weight = layer.weight / math.sqrt(layer.weight[0].numel())
    return weight * layer.gain if is_rgb else weight * layer.weight.square().mean(dim=(1, 2, 3), keepdim=True).rsqrt()
