"""StyleGAN1 behind the interface of all generators."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.cost import check_cost, doubled
from bandwalk.generator.cuda import Draw, live_render
from bandwalk.generator.effects import Effects
from bandwalk.generator.engines import Drawing
from bandwalk.generator.interface import LOADED_PSI
from bandwalk.generator.precision import full_precision, is_preferred, short_dtype
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan1 import reference
from bandwalk.generator.stylegan1.fast import FastSynthesis
from bandwalk.generator.stylegan1.mapping import map_to_w
from bandwalk.generator.stylegan1.weights import read_weights
from bandwalk.generator.tensors import (
    RGB,
    Array,
    over_black,
    read_classes,
    read_latents,
    to_rgb,
    truncate,
    with_opacity,
)
from bandwalk.records import Bend


class StyleGAN1:
    """A generator of the first kind: styles set the mean and the spread of every feature map."""

    is_sized, usual_psi = False, LOADED_PSI
    has_gains = False
    walks: Path | None = None

    def __init__(self, snapshot: Snapshot, *, device: str | torch.device = "cpu", exact: bool = False) -> None:
        """Take the weights from a model file.

        Raises:
            CheckpointError: a tensor is missing or has a wrong shape, or an option is not known here.
        """
        self.name, self.sha256 = snapshot.name, snapshot.sha256
        self.device = torch.device(device)
        self.noise, self.drift = 1.0, 0.0
        self.bends: tuple[Bend, ...] = ()
        self.gains = (1.0, 1.0, 1.0)  # whoever loads the model sets them
        self.directions: Mapping[str, torch.Tensor] = {}  # and these
        self.start: torch.Tensor | None = None
        self._weights = weights = read_weights(snapshot, self.device)
        maps = [(len(layer.bias), index // 2) for index, layer in enumerate(weights.layers)]
        check_cost(self.name, doubled(weights.const.shape, maps), self.device)
        labels = weights.mapping.labels
        self.c_dim = 0 if labels is None else len(labels)
        self.z_dim = len(weights.mapping.layers[0].weight) if labels is None else labels.shape[1]
        self.w_dim, self.num_ws = len(weights.w_avg), len(weights.layers)
        self.has_noise = any(layer.noise is not None for layer in weights.layers)
        self.height, self.width = weights.layers[-1].size
        self.resolution = max(self.width, self.height)
        self.has_alpha = len(weights.rgb.bias) > RGB
        self.is_exact = exact
        if not exact:
            self._prepare()

    @torch.no_grad()
    def _prepare(self) -> None:
        """Prepare the fast path, and the live one in half precision, else in tiles, where that is better."""
        self._live = self._fast = FastSynthesis(self._weights)
        short = short_dtype(self.device)
        other = FastSynthesis(self._weights, short or torch.float32, tiled=short is None)
        draws = (lambda ws: other.draw(ws, Effects()), lambda ws: self._fast.draw(ws, Effects()))
        if other.way and is_preferred(*draws, self, other.way):
            self._live = other
        self._render = live_render(self._live.draw, self.device)

    def drawing(self, *, full: bool) -> Drawing:
        """Return the live drawing, for another engine to draw; full: in float32, its weights always the same."""
        draws = self._fast if full else self._live
        return Drawing(draws.draw, (self._weights.w_avg.repeat(self.num_ws, 1),), Effects())

    def draw_by(self, draw: Draw) -> None:
        """Draw live pictures by this from now on; from any thread."""
        self._render = live_render(draw, self.device)

    @property
    def transform(self) -> NDArray[np.float64]:
        """The identity: the picture plane of this kind cannot be moved."""
        return np.eye(3)

    @transform.setter
    def transform(self, m: NDArray[np.floating] | None) -> None: ...

    @torch.no_grad()
    def map(self, z: Array, c: Array | None = None, psi: float = 1.0, cutoff: int | None = None) -> torch.Tensor:
        """Map z [N, z_dim] to styles [N, num_ws, w_dim], the first ``cutoff`` truncated about w_avg.

        w = w_avg + psi * (map(z, c) - w_avg)
        """
        latents = read_latents(z, self.z_dim, self.device)
        classes = read_classes(c, len(latents), self.c_dim, self.device)
        w = map_to_w(latents, classes, self._weights.mapping)
        return truncate(w, self._weights.w_avg, self.num_ws, psi, cutoff)

    def style_weights(self) -> tuple[torch.Tensor, ...]:
        """Return the affine maps that read each style: num_ws of [2 * channels, w_dim], scales and shifts."""
        return tuple(layer.style_weight.T for layer in self._weights.layers)

    def synthesize(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, 3, H, W], float32, nominally -1..1."""
        return over_black(self._drawn(ws))

    def _drawn(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, C, H, W], opacity as a fourth colour."""
        ws, effects = ws.to(self.device, torch.float32), Effects.of(self)
        with torch.inference_mode(), full_precision():
            if self.is_exact:
                frames = [reference.draw(ws, self._weights, effects)]
            else:
                frames = [self._fast.draw(w, effects) for w in ws]
        return torch.cat(frames)  # outside, so that the caller may write to it

    def differentiable(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw by the plain reference, with no effects, so that gradients flow back to ws."""
        with full_precision():
            return over_black(reference.draw(ws, self._weights, Effects()))

    @torch.inference_mode()
    def render(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 3], 0..255."""
        if self.is_exact:
            return to_rgb(self.synthesize(ws[:1]))
        return self._render((ws[0].to(self.device, torch.float32),), Effects.of(self))

    def render_rgba(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 4], 0..255, opacity last."""
        return to_rgb(self._drawn(ws[:1])) if self.has_alpha else with_opacity(self.render(ws))
