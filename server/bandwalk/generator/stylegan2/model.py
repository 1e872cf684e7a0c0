"""StyleGAN2 behind the interface of all generators."""

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
from bandwalk.generator.stylegan2 import reference
from bandwalk.generator.stylegan2.fast import FastSynthesis
from bandwalk.generator.stylegan2.mapping import mean_w, to_w
from bandwalk.generator.stylegan2.prepare import prepare
from bandwalk.generator.stylegan2.weights import Weights, moved, style_readers
from bandwalk.generator.tensors import Array, over_black, read_classes, read_latents, to_rgb, truncate, with_opacity
from bandwalk.records import Bend


class StyleGAN2:
    """A generator of the second StyleGAN, from a snapshot.

    exact: draw by the plain float32 reference, always.

    Raises:
        CheckpointError: a tensor is missing or does not fit; its name is told.
    """

    is_sized, usual_psi = False, LOADED_PSI
    has_gains = False
    walks: Path | None = None

    def __init__(self, snapshot: Snapshot, *, device: str | torch.device = "cpu", exact: bool = False) -> None:
        self.name, self.sha256 = snapshot.name, snapshot.sha256
        self.device = torch.device(device)
        self.noise, self.drift = 1.0, 0.0
        self.bends: tuple[Bend, ...] = ()
        self.gains = (1.0, 1.0, 1.0)  # whoever loads the model sets them
        self.directions: Mapping[str, torch.Tensor] = {}  # and these
        self.start: torch.Tensor | None = None
        weights = moved(prepare(snapshot), self.device)
        maps = [(len(layer.bias), k) for k, block in enumerate(weights.blocks) for layer in block.convs]
        check_cost(self.name, doubled(weights.const.shape, maps), self.device)
        self.height, self.width = weights.sizes[-1]
        self.resolution, self.num_ws = max(self.width, self.height), weights.num_ws
        self.has_alpha = weights.has_alpha
        self.has_noise = any(layer.noise is not None for block in weights.blocks for layer in block.convs)
        self._mapping = weights.mapping
        self.z_dim, self.c_dim, self.w_dim = self._mapping.z_dim, self._mapping.c_dim, self._mapping.w_dim
        self._style_readers = style_readers(weights)
        self.is_exact = exact
        self._exact = weights if exact else None
        self._prepare(weights)

    @torch.no_grad()
    def _prepare(self, weights: Weights) -> None:
        """Prepare the fast path, and the live one in half precision, else in tiles, where that is better."""
        self._w_avg = mean_w(self._mapping)
        if self._exact is not None:
            return
        self._live = self._fast = FastSynthesis(weights)
        short = short_dtype(self.device)
        other = self._fast.in_tiles() if short is None else self._fast.in_precision(short)
        draws = (lambda ws: other.draw(ws, Effects()), lambda ws: self._fast.draw(ws, Effects()))
        if other.way and is_preferred(*draws, self, other.way):
            self._live = other
        self._render = live_render(self._live.draw, self.device)

    def drawing(self, *, full: bool) -> Drawing:
        """Return the live drawing, for another engine to draw; full: in float32, its weights always the same."""
        draws = self._fast.in_maps() if full else self._live
        return Drawing(draws.draw, (self._w_avg.repeat(self.num_ws, 1),), Effects())

    def draw_by(self, draw: Draw) -> None:
        """Draw live pictures by this from now on; from any thread."""
        self._render = live_render(draw, self.device)

    @property
    def transform(self) -> NDArray[np.float64]:
        """Identity: this family cannot move its picture plane; what is set has no effect."""
        return np.eye(3)

    @transform.setter
    def transform(self, m: NDArray[np.floating] | None) -> None:
        pass

    @torch.no_grad()
    def map(self, z: Array, c: Array | None = None, psi: float = 1.0, cutoff: int | None = None) -> torch.Tensor:
        """Map z [N, z_dim] to styles [N, num_ws, w_dim], the first ``cutoff`` truncated about w_avg.

            w = w_avg + psi * (map(z, c) - w_avg)

        Args:
            z:      [N, z_dim].
            c:      Classes [N, c_dim] or [1, c_dim], not read without classes; None: class 0.
            psi:    1: not truncated, 0: the mean style.
            cutoff: Number of styles that are truncated; None: all.

        Raises:
            ParameterError: z or c of another shape.
        """
        latents = read_latents(z, self.z_dim, self.device)
        w = to_w(self._mapping, latents, read_classes(c, len(latents), self.c_dim, self.device))
        return truncate(w, self._w_avg, self.num_ws, psi, cutoff)

    def style_weights(self) -> tuple[torch.Tensor, ...]:
        """Return the affine maps that read each style: num_ws of [n, w_dim], a ToRGB's under its convolution's."""
        return tuple(torch.cat([affine.weight for affine in readers]) for readers in self._style_readers)

    def synthesize(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, 3, H, W], float32, nominally -1..1."""
        return over_black(self._drawn(ws))

    def _drawn(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, C, H, W], opacity as a fourth colour."""
        with torch.inference_mode(), full_precision():
            ws, effects = ws.to(self.device, torch.float32), Effects.of(self)
            if self._exact is not None:
                frames = [reference.draw(self._exact, w[None], effects) for w in ws]
            else:
                frames = [self._fast.draw(w, effects) for w in ws]
        return torch.cat(frames).contiguous()  # outside, so that the caller may write to it

    def differentiable(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw by the plain reference, with no effects, so that gradients flow back to ws."""
        if self._exact is None:
            raise ValueError(f"{self.name} was not loaded exact: the fast path has no gradients")
        with full_precision():
            return over_black(reference.draw(self._exact, ws, Effects()))

    @torch.inference_mode()
    def render(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 3], 0..255."""
        if self._exact is not None:
            return to_rgb(self.synthesize(ws[:1]))
        return self._render((ws[0].to(self.device, torch.float32),), Effects.of(self))

    def render_rgba(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 4], 0..255, opacity last."""
        return to_rgb(self._drawn(ws[:1])) if self.has_alpha else with_opacity(self.render(ws))
