"""The synthesis of one frame in few passes: channels last, weights prepared, steps joined.

Against `reference`: both ways of doubling are one transposed convolution (repeating pixels
and convolving is the same as the fused way with the kernel turned by 180 degrees), the bias
rides in the convolution or in the blur after it, noise and activation work in place, and
instance norm and style are one step, since both are a factor and an offset for each channel.
"""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from bandwalk.generator.effects import Effects
from bandwalk.generator.fast_layers import FastLayers
from bandwalk.generator.noise import Noise
from bandwalk.generator.stylegan1.reference import EPS, SLOPE, margins, spread
from bandwalk.generator.stylegan1.to_rgb import last_block, to_picture
from bandwalk.generator.stylegan1.weights import Layer, Weights
from bandwalk.generator.winograd import Winograd, gains


class FastSynthesis(FastLayers[Weights, "_FastLayer"]):
    """A generator with its weights prepared for convolutions in one dtype; all else is float32."""

    def prepare_layers(self, weights: Weights, dtype: torch.dtype, tiled: bool) -> list[_FastLayer]:
        """Return the layers, prepared."""
        return [_FastLayer(layer, dtype, tiled) for layer in weights.layers]

    def draw(self, w: torch.Tensor, effects: Effects) -> torch.Tensor:
        """Draw one frame of w [num_ws, w_dim] as [1, C, H, W], C 3 or 4.

        Args:
            w:       Styles.
            effects: Noise, and bends of the layers' maps.
        """
        x = before = self._weights.const  # [1, C, h, w]
        for block in range(last_block(self._weights) + 1):
            before = x
            for k in (2 * block, 2 * block + 1):
                x = effects.bend(self._layers[k](x, w[k : k + 1], effects), k)
        return to_picture(x, before, self._weights).contiguous()


class _FastLayer:
    """A layer with its weights as its steps want them."""

    def __init__(self, layer: Layer, dtype: torch.dtype, tiled: bool) -> None:
        self._layer = layer
        self._noise = None if layer.noise is None else Noise(layer.noise)
        self._noise_gain = layer.noise_gain[:, None, None]
        self._kernel = None
        if layer.weight is not None:
            kernel = _to_kernel(layer.weight, layer.up).to(dtype)
            self._kernel = kernel.contiguous(memory_format=torch.channels_last)
        self.tiles = None
        if (
            tiled
            and layer.weight is not None
            and layer.up == ""
            and gains(layer.weight, math.isqrt(layer.size[0] * layer.size[1]))
        ):
            self.tiles = Winograd(layer.weight)
        self._bias = layer.bias.to(dtype)
        self._blur = None
        if layer.blur is not None:
            self._blur = layer.blur.expand(len(layer.bias), 1, -1, -1).contiguous()  # [out, 1, k, k]
            self._margins = margins(layer.blur)

    def __call__(self, x: torch.Tensor, w: torch.Tensor, effects: Effects) -> torch.Tensor:
        """Turn features [1, in, h, w] into [1, out, H, W] by the style of w [1, w_dim]."""
        x = self._convolve(x)  # [1, out, H, W]
        if self._noise is not None and effects.noise != 0.0:
            x.addcmul_(self._noise.at(effects.drift), self._noise_gain, value=effects.noise)
        functional.leaky_relu_(x, SLOPE)
        scale, shift = self._layer.style(w)[0].chunk(2)  # [out] each
        if not self._layer.norms:
            return torch.addcmul(shift[:, None, None], x, scale[:, None, None] + 1.0)
        # Of one frame, batch norm is instance norm; torch's has the style in the same pass.
        return functional.batch_norm(x, None, None, scale + 1.0, shift, training=True, eps=EPS)

    def _convolve(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve, double where the layer does, and add the bias."""
        if self._kernel is None:
            x = x + self._layer.bias[:, None, None]
            return x.contiguous(memory_format=torch.channels_last)
        if self.tiles is not None:
            return self.tiles(x, padding=1, bias=self._bias)
        x = x.to(self._kernel.dtype)
        if self._layer.up == "":
            return functional.conv2d(x, self._kernel, self._bias, padding=1).float()
        x = functional.conv_transpose2d(x, self._kernel, stride=2, padding=1).float()
        if self._blur is None:
            return x.add_(self._layer.bias[:, None, None])
        left, right, top, bottom = self._margins
        if (left, top) != (right, bottom):
            x, left, top = functional.pad(x, self._margins), 0, 0
        return functional.conv2d(x, self._blur, self._layer.bias, padding=(top, left), groups=len(self._blur))


def _to_kernel(weight: torch.Tensor, up: str) -> torch.Tensor:
    """Return the kernel of a layer's one convolution: as it is, or [in, out, 4, 4] where it doubles."""
    if up == "":
        return weight
    return spread(weight.flip(2, 3) if up == "nearest" else weight).transpose(0, 1)
