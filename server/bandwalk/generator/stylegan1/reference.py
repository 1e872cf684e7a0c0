"""The synthesis in plain form, as the paper has it: what `fast` must equal."""

from __future__ import annotations

import torch
from torch.nn import functional

from bandwalk.generator.effects import Effects
from bandwalk.generator.noise import Noise
from bandwalk.generator.stylegan1.to_rgb import last_block, to_picture
from bandwalk.generator.stylegan1.weights import Layer, Weights

SLOPE = 0.2  # of leaky ReLU
EPS = 1e-8  # added to the variance


def draw(weights: Weights, ws: torch.Tensor, effects: Effects) -> torch.Tensor:
    """Draw ws [N, num_ws, w_dim] as [N, C, H, W], C 3 or 4, in NCHW, one step after the other.

    Args:
        weights: The generator.
        ws:      Styles.
        effects: Noise, and bends of the layers' maps.
    """
    x = before = weights.const.expand(len(ws), -1, -1, -1)  # [N, C, h, w]
    for block in range(last_block(weights) + 1):
        before = x
        for k in (2 * block, 2 * block + 1):
            x = effects.bend(_layer(x, ws[:, k], weights.layers[k], effects), k)
    return to_picture(x, before, weights)


def _layer(x: torch.Tensor, w: torch.Tensor, layer: Layer, effects: Effects) -> torch.Tensor:
    """Convolve, add noise and bias, bend, normalise, and apply the style of w [N, w_dim]."""
    if layer.weight is not None:
        x = _convolve(x, layer.weight, layer)  # [N, C, H, W]
    if layer.noise is not None:
        x = x + effects.noise * Noise(layer.noise).at(effects.drift) * layer.noise_gain[:, None, None]
    x = functional.leaky_relu(x + layer.bias[:, None, None], SLOPE)
    if layer.norms:
        x = x - x.mean(dim=(2, 3), keepdim=True)
        x = x * (x.square().mean(dim=(2, 3), keepdim=True) + EPS).rsqrt()
    scale, shift = layer.style(w).chunk(2, dim=1)  # [N, C] each
    return x * (scale[:, :, None, None] + 1.0) + shift[:, :, None, None]


def _convolve(x: torch.Tensor, weight: torch.Tensor, layer: Layer) -> torch.Tensor:
    """Convolve with weight [out, in, 3, 3], doubling the size and blurring as the layer does."""
    if layer.up == "":
        return functional.conv2d(x, weight, padding=1)
    if layer.up == "nearest":
        x = functional.conv2d(functional.interpolate(x, scale_factor=2.0, mode="nearest"), weight, padding=1)
    else:
        x = functional.conv_transpose2d(x, spread(weight).transpose(0, 1), stride=2, padding=1)
    if layer.blur is None:
        return x
    kernel = layer.blur.expand(x.shape[1], 1, -1, -1)
    return functional.conv2d(functional.pad(x, margins(layer.blur)), kernel, groups=x.shape[1])


def spread(weight: torch.Tensor) -> torch.Tensor:
    """Sum a kernel [..., 3, 3] shifted by one in both axes: [..., 4, 4], the doubling within it."""
    w = functional.pad(weight, (1, 1, 1, 1))
    return w[..., 1:, 1:] + w[..., :-1, 1:] + w[..., 1:, :-1] + w[..., :-1, :-1]


def margins(blur: torch.Tensor) -> tuple[int, int, int, int]:
    """Return the zeros beside, above and below a map that a filter [k, k] keeps the size of."""
    before = (len(blur) - 1) // 2
    after = len(blur) - 1 - before
    return before, after, before, after
