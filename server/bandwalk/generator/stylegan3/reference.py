"""The synthesis in plain form, as the paper has it: what `fast` must equal."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from bandwalk.generator.effects import Effects
from bandwalk.generator.stylegan3.waves import draw_waves
from bandwalk.generator.stylegan3.weights import Layer, Resampling, Weights

SLOPE = 0.2  # of leaky ReLU
GAIN = math.sqrt(2.0)  # after it
EPS = 1e-8  # added to the energy of a channel's weights


def draw(weights: Weights, ws: torch.Tensor, transform: torch.Tensor, effects: Effects) -> torch.Tensor:
    """Draw ws [N, num_ws, w_dim] as [N, C, H, W], C 3 or 4, in NCHW, one step after the other.

    Args:
        weights:   The generator.
        ws:        Styles.
        transform: Inverse transform of the picture plane [3, 3].
        effects:   Bends of the layers' maps; of the last style, one of the picture. The family has no noise.
    """
    x = draw_waves(weights.waves, ws[:, 0], transform) @ weights.waves.weight.T  # [N, H, W, C]
    x = effects.bend(x.permute(0, 3, 1, 2).contiguous(), 0)  # [N, C, H, W]
    for k, layer in enumerate(weights.layers, start=1):
        is_rgb = k == len(weights.layers)
        x = _convolve(x, layer.affine(ws[:, k]), layer, is_rgb)
        x = effects.bend(_activate(x + layer.bias[:, None, None], layer, is_rgb), k)
    return x * weights.output_scale


def _convolve(x: torch.Tensor, s: torch.Tensor, layer: Layer, is_rgb: bool) -> torch.Tensor:
    """Convolve x [N, in, H, W] with weights scaled by s [N, in] for each frame, all borders included."""
    count, fan_in, height, width = x.shape
    out, _, kernel, _ = layer.weight.shape
    if is_rgb:
        w = layer.weight * (s / math.sqrt(fan_in * kernel**2))[:, None, :, None, None]  # [N, out, in, k, k]
    else:
        w = layer.weight * layer.weight.square().mean(dim=(1, 2, 3), keepdim=True).rsqrt()
        w = w * (s * s.square().mean().rsqrt())[:, None, :, None, None]
        w = w * (w.square().sum(dim=(2, 3, 4), keepdim=True) + EPS).rsqrt()
    x = x.reshape(1, count * fan_in, height, width)  # frames as groups
    x = functional.conv2d(x, (w * layer.gain).flatten(0, 1), padding=kernel - 1, groups=count)
    return x.view(count, out, *x.shape[2:])


def _activate(x: torch.Tensor, layer: Layer, is_rgb: bool) -> torch.Tensor:
    """Apply the nonlinearity between two filters, so that no frequency is folded back; the picture's is linear."""
    x = _sample_up(x, layer.up, layer.padding)
    if not is_rgb:
        x = functional.leaky_relu(x, SLOPE) * GAIN
    return _sample_down(x.clamp(-layer.clamp, layer.clamp), layer.down)


def _sample_up(x: torch.Tensor, up: Resampling, padding: tuple[int, int, int, int]) -> torch.Tensor:
    """Put zeros between the samples, pad or crop, and filter with a gain that keeps the level."""
    count, channels, height, width = x.shape
    spread = x.new_zeros(count, channels, height, up.factor, width, up.factor)
    spread[:, :, :, 0, :, 0] = x
    x = functional.pad(spread.view(count, channels, height * up.factor, width * up.factor), padding)
    return _filter(x, up.taps) * up.factor**2


def _sample_down(x: torch.Tensor, down: Resampling) -> torch.Tensor:
    """Filter and keep each ``factor``-th sample."""
    return _filter(x, down.taps)[:, :, :: down.factor, :: down.factor]


def _filter(x: torch.Tensor, taps: torch.Tensor) -> torch.Tensor:
    """Convolve each channel with taps [n] along both axes, or with [n, n]; only where they lie inside."""
    channels = x.shape[1]
    for kernel in split(taps):
        x = functional.conv2d(x, kernel.flip(0, 1).expand(channels, 1, -1, -1), groups=channels)
    return x


def split(taps: torch.Tensor) -> list[torch.Tensor]:
    """Return a filter as steps in two axes: [n, 1] and [1, n] where it is the same in both, else itself [n, n]."""
    return [taps] if taps.ndim == 2 else [taps[:, None], taps[None]]
