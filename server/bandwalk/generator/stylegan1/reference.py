"""The synthesis in plain form, as the paper has it: what `fast` must equal."""

from __future__ import annotations

import torch
from torch.nn import functional

from bandwalk.generator.effects import Effects
from bandwalk.generator.noise import Noise
from bandwalk.generator.stylegan1.picture import last_block, to_picture
from bandwalk.generator.stylegan1.weights import Layer, Weights

SLOPE = 0.2  # of leaky ReLU
EPS = 1e-8  # added to the variance


def draw(ws: torch.Tensor, weights: Weights, effects: Effects) -> torch.Tensor:
    """Draw ws [N, num_ws, w_dim] as [N, 3, resolution, resolution], in NCHW, one step after the other.

    Args:
        ws:      Styles.
        weights: The generator.
        effects: Noise, and bends of the layers' maps.
    """
    x = before = weights.const.expand(len(ws), -1, -1, -1)  # [N, C, 4, 4]
    for block in range(last_block(weights) + 1):
        before = x
        for k in (2 * block, 2 * block + 1):
            x = effects.bend(_layer(x, ws[:, k], weights.layers[k], effects), k)
    return to_picture(x, before, weights)


def _layer(x: torch.Tensor, w: torch.Tensor, layer: Layer, effects: Effects) -> torch.Tensor:
    """Convolve, add noise and bias, bend, normalise, and apply the style of w [N, w_dim]."""
    if layer.weight is not None:
        x = _convolve(x, layer.weight, layer.up)  # [N, C, H, W]
    x = x + effects.noise * Noise(layer.noise).at(effects.drift) * layer.noise_gain[:, None, None]
    x = functional.leaky_relu(x + layer.bias[:, None, None], SLOPE)
    x = x - x.mean(dim=(2, 3), keepdim=True)
    x = x * (x.square().mean(dim=(2, 3), keepdim=True) + EPS).rsqrt()
    scale, shift = read_style(w, layer).chunk(2, dim=1)  # [N, C] each
    return x * (scale[:, :, None, None] + 1.0) + shift[:, :, None, None]


def read_style(w: torch.Tensor, layer: Layer) -> torch.Tensor:
    """Return scale and shift [N, 2 * C] of w [N, w_dim]."""
    return torch.addmm(layer.style_bias, w, layer.style_weight)


def _convolve(x: torch.Tensor, weight: torch.Tensor, up: str) -> torch.Tensor:
    """Convolve with weight [out, in, 3, 3], doubling the size and blurring as ``up`` says."""
    if up == "":
        return functional.conv2d(x, weight, padding=1)
    if up == "nearest":
        x = functional.conv2d(functional.interpolate(x, scale_factor=2.0, mode="nearest"), weight, padding=1)
    else:
        x = functional.conv_transpose2d(x, spread(weight).transpose(0, 1), stride=2, padding=1)
    return functional.conv2d(x, blur_filter(x), padding=1, groups=x.shape[1])


def spread(weight: torch.Tensor) -> torch.Tensor:
    """Sum a kernel [..., 3, 3] shifted by one in both axes: [..., 4, 4], the doubling within it."""
    w = functional.pad(weight, (1, 1, 1, 1))
    return w[..., 1:, 1:] + w[..., :-1, 1:] + w[..., 1:, :-1] + w[..., :-1, :-1]


def blur_filter(x: torch.Tensor) -> torch.Tensor:
    """Return the low-pass filter 1, 2, 1 in both axes, for each channel of x [C, 1, 3, 3]."""
    taps = x.new_tensor([0.25, 0.5, 0.25])
    return torch.outer(taps, taps).expand(x.shape[1], 1, 3, 3)
