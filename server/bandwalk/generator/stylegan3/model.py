"""StyleGAN3 behind the interface of all generators."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.errors import ParameterError
from bandwalk.generator.cuda import Draw, live_render
from bandwalk.generator.effects import Effects
from bandwalk.generator.engines import Drawing
from bandwalk.generator.interface import LOADED_PSI
from bandwalk.generator.precision import full_precision, is_preferred, short_dtype
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan3 import reference
from bandwalk.generator.stylegan3.fast import FastSynthesis
from bandwalk.generator.stylegan3.loading import read_weights
from bandwalk.generator.stylegan3.mapping import map_to_w
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


class StyleGAN3:
    """A generator of the third kind, config T or R: pictures that can be turned and moved without a grid showing."""

    is_sized, usual_psi = False, LOADED_PSI
    has_gains = False
    walks: Path | None = None

    def __init__(self, snapshot: Snapshot, *, device: str | torch.device = "cpu", exact: bool = False) -> None:
        """Take the weights of a snapshot.

        Raises:
            CheckpointError: a tensor or an attribute is missing or does not fit; its name is told.
        """
        self.name, self.sha256 = snapshot.name, snapshot.sha256
        self.device = torch.device(device)
        self.noise, self.drift, self.has_noise = 1.0, 0.0, False
        self.bends: tuple[Bend, ...] = ()
        self.gains = (1.0, 1.0, 1.0)  # whoever loads the model sets them
        self.directions: Mapping[str, torch.Tensor] = {}  # and these
        self.start: torch.Tensor | None = None
        self._weights = weights = read_weights(snapshot, self.device)
        mapping = weights.mapping
        self.w_dim, self.num_ws = len(mapping.w_avg), len(weights.layers) + 1
        self.c_dim = 0 if mapping.embed is None else mapping.embed.weight.shape[1]
        self.z_dim = mapping.layers[0].weight.shape[1] - (self.w_dim if self.c_dim else 0)
        self.width, self.height = weights.layers[-1].size
        self.resolution = max(self.width, self.height)
        self.has_alpha = len(weights.layers[-1].bias) > RGB
        self.transform = None
        self.is_exact = exact
        if not exact:
            self._prepare()

    @torch.no_grad()
    def _prepare(self) -> None:
        """Prepare the fast path, and the live one in half precision, else in tiles, where that is better."""
        self._live = self._fast = FastSynthesis(self._weights)
        short = short_dtype(self.device)
        other = FastSynthesis(self._weights, short or torch.float32, tiled=short is None)
        drawn, full = (partial(path.draw, transform=self._plane, effects=Effects()) for path in (other, self._fast))
        if other.way and is_preferred(drawn, full, self, other.way):
            self._live = other
        self._render = live_render(self._live.draw, self.device)

    def drawing(self, *, full: bool) -> Drawing:
        """Return the live drawing, for another engine to draw; full: in float32, its weights always the same."""
        draw = (self._fast if full else self._live).draw
        w_avg = self._weights.mapping.w_avg
        return Drawing(draw, (w_avg.repeat(self.num_ws, 1), self._plane), Effects())

    def draw_by(self, draw: Draw) -> None:
        """Draw live pictures by this from now on; from any thread."""
        self._render = live_render(draw, self.device)

    @property
    def transform(self) -> NDArray[np.float64]:
        """Inverse transform of the picture plane, 3x3, the picture's longer side spanning -0.5..0.5.

        It stands for the one that the file stores; None puts that back.
        """
        return self._plane.cpu().numpy().astype(np.float64)

    @transform.setter
    def transform(self, m: NDArray[np.floating] | None) -> None:
        if m is None:
            self._plane = self._weights.input.transform
            return
        new = np.array(m, np.float64)
        if new.shape != (3, 3) or not np.isfinite(new).all() or abs(np.linalg.det(new[:2, :2])) < 1e-6:
            raise ParameterError(f"transform = {new.tolist()}: expected a 3x3 matrix that can be inverted")
        self._plane = torch.tensor(new, dtype=torch.float32, device=self.device)

    @torch.no_grad()
    def map(self, z: Array, c: Array | None = None, psi: float = 1.0, cutoff: int | None = None) -> torch.Tensor:
        """Map z [N, z_dim] to styles [N, num_ws, w_dim], the first ``cutoff`` truncated about w_avg.

        w = w_avg + psi * (map(z, c) - w_avg)
        """
        latents = read_latents(z, self.z_dim, self.device)
        classes = read_classes(c, len(latents), self.c_dim, self.device)
        w = map_to_w(latents, classes, self._weights.mapping)
        return truncate(w, self._weights.mapping.w_avg, self.num_ws, psi, cutoff)

    def style_weights(self) -> tuple[torch.Tensor, ...]:
        """Return the affine maps that read each style: the plane's [4, w_dim], then num_ws - 1 of [channels, w_dim]."""
        affine = [self._weights.input.affine, *(layer.affine for layer in self._weights.layers)]
        return tuple(dense.weight for dense in affine)

    def synthesize(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, 3, H, W], float32, nominally -1..1."""
        return over_black(self._drawn(ws))

    def _drawn(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, C, H, W], opacity as a fourth colour."""
        ws, plane, effects = ws.to(self.device, torch.float32), self._plane, Effects.of(self)  # once: others may set it
        with torch.inference_mode(), full_precision():
            if self.is_exact:
                frames = [reference.draw(ws, self._weights, plane, effects)]
            else:
                frames = [self._fast.draw(w, plane, effects) for w in ws]
        return torch.cat(frames)  # outside, so that the caller may write to it

    def differentiable(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw by the plain reference, with no effects, so that gradients flow back to ws."""
        with full_precision():
            return over_black(reference.draw(ws, self._weights, self._plane, Effects()))

    @torch.inference_mode()
    def render(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 3], 0..255."""
        if self.is_exact:
            return to_rgb(self.synthesize(ws[:1]))
        return self._render((ws[0].to(self.device, torch.float32), self._plane), Effects.of(self))

    def render_rgba(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 4], 0..255, opacity last."""
        return to_rgb(self._drawn(ws[:1])) if self.has_alpha else with_opacity(self.render(ws))
