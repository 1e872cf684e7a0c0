"""Live pictures on a CUDA GPU: `plain`, captured as one graph.

What changes with each frame (styles, transform, noise) is copied into tensors that the graph reads, all on the GPU;
bends are part of the graph. Numbers are float32 and stay there, so that the processor waits for the picture only.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bandwalk.generator.builtin import plain
from bandwalk.generator.builtin.canvas import Canvas
from bandwalk.generator.builtin.weights import read_weights
from bandwalk.generator.cuda import Inputs, live_render
from bandwalk.generator.effects import Effects
from bandwalk.generator.noise import Noise


class LiveDrawing:
    """Draws pictures of one size on a device."""

    def __init__(self, canvas: Canvas, device: torch.device) -> None:
        weights = read_weights()
        self._canvas, self._device = canvas, device
        self._setting = plain.Setting.of(plain.Constants.of(weights, torch.float32, device), canvas, device)
        self._tile = Noise(torch.tensor(weights.grain, device=device))
        self._moved: tuple[NDArray[np.float64], Tensor] | None = None
        self._render = live_render(self.draw, device)

    def render(self, w: Tensor, transform: NDArray[np.float64], effects: Effects) -> NDArray[np.uint8]:
        """Return the picture of styles [num_ws, w_dim]: [H, W, 3], 0..255."""
        return self._render(self.inputs(w, transform, effects), Effects(bends=effects.bends))

    def inputs(self, w: Tensor, transform: NDArray[np.float64], effects: Effects) -> Inputs:
        """Return what changes with each frame, on the device: styles, transform [3, 3], tile of noise."""
        if self._moved is None or not np.array_equal(self._moved[0], transform):
            self._moved = transform, torch.tensor(transform, dtype=torch.float32, device=self._device)
        tile = self._tile.at(effects.drift)
        tile = tile if effects.noise == 1.0 else tile * effects.noise
        return w.to(self._device, torch.float32), self._moved[1], tile

    def draw(self, w: Tensor, transform: Tensor, tile: Tensor, effects: Effects) -> Tensor:
        """Draw one picture [1, 3, H, W], -1..1; the noise of ``effects`` is in the tile already."""
        return self._canvas.picture(plain.draw(w, transform, tile, self._setting, effects))[None]
