"""StyleGAN2 behind the interface of all generators."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.precision import full_precision, known, short_dtype, soonest
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan2 import reference
from bandwalk.generator.stylegan2.fast import FastSynthesis
from bandwalk.generator.stylegan2.mapping import mean_w, to_w
from bandwalk.generator.stylegan2.prepare import prepare
from bandwalk.generator.stylegan2.weights import Weights, moved
from bandwalk.generator.tensors import Array, read_classes, read_latents, to_rgb, truncate


class StyleGAN2:
    """A generator of the second StyleGAN, from a snapshot.

    exact: draw by the plain float32 reference, always.

    Raises:
        CheckpointError: a tensor is missing or does not fit; its name is told.
    """

    def __init__(self, snapshot: Snapshot, *, device: str | torch.device = "cpu", exact: bool = False) -> None:
        self.name, self.sha256 = snapshot.name, snapshot.sha256
        self.device = torch.device(device)
        self.noise = 1.0
        self.gains = (1.0, 1.0, 1.0)  # whoever loads the model sets them
        weights = moved(prepare(snapshot), self.device)
        self.resolution, self.num_ws = weights.resolution, weights.num_ws
        self._mapping = weights.mapping
        self.z_dim, self.c_dim, self.w_dim = self._mapping.z_dim, self._mapping.c_dim, self._mapping.w_dim
        self._exact = weights if exact else None
        self._prepare(weights)

    @torch.no_grad()
    def _prepare(self, weights: Weights) -> None:
        """Prepare the fast path, and the live one in the precision that draws soonest here."""
        self._w_avg = mean_w(self._mapping)
        if self._exact is not None:
            return
        self._live = self._fast = FastSynthesis(weights)
        short = short_dtype(self.device)
        if short is not None:
            candidates = [self._fast, self._fast.in_precision(short)]
            ws = self._w_avg.expand(self.num_ws, -1)
            draws = [partial(G.draw, ws, 1.0) for G in candidates]
            self._live = candidates[known(self.sha256, self.device, lambda: soonest(draws))]

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

    def synthesize(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, 3, H, W], float32, nominally -1..1."""
        with torch.inference_mode(), full_precision():
            frames = [self._draw(w, live=False) for w in ws.to(self.device, torch.float32)]
        return torch.cat(frames).contiguous()  # outside, so that the caller may write to it

    @torch.inference_mode()
    def render(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 3], 0..255."""
        return to_rgb(self._draw(ws[0].to(self.device, torch.float32), live=True))

    def _draw(self, ws: torch.Tensor, *, live: bool) -> torch.Tensor:
        """Draw ws [num_ws, w_dim] as [1, 3, H, W], float32."""
        if self._exact is not None:
            return reference.draw(self._exact, ws[None], self.noise)
        return (self._live if live else self._fast).draw(ws, self.noise)
