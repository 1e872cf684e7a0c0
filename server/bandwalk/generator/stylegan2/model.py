"""StyleGAN2 behind the interface of all generators."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.errors import ParameterError
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan2 import reference
from bandwalk.generator.stylegan2.fast import FastSynthesis
from bandwalk.generator.stylegan2.mapping import mean_w, to_w
from bandwalk.generator.stylegan2.precision import fastest, full_precision
from bandwalk.generator.stylegan2.prepare import prepare
from bandwalk.generator.stylegan2.weights import moved


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
        with torch.no_grad():
            self._w_avg = mean_w(self._mapping)
            self._exact = weights if exact else None
            if not exact:
                self._plain = FastSynthesis(weights)
                self._fast = fastest(self._plain, self._w_avg.expand(self.num_ws, -1))

    @property
    def transform(self) -> NDArray[np.float64]:
        """Identity: this family cannot move its picture plane; what is set has no effect."""
        return np.eye(3)

    @transform.setter
    def transform(self, m: NDArray[np.floating] | None) -> None:
        pass

    @torch.no_grad()
    def map(
        self,
        z: torch.Tensor | NDArray[np.floating],
        c: torch.Tensor | NDArray[np.floating] | None = None,
        psi: float = 1.0,
        cutoff: int | None = None,
    ) -> torch.Tensor:
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
        latents = self._rows("z", z, self.z_dim)
        classes = self._classes(c, len(latents)) if self.c_dim else None
        w = to_w(self._mapping, latents, classes)
        ws = w[:, None].repeat(1, self.num_ws, 1)  # [N, num_ws, w_dim]
        if psi != 1.0:
            ws[:, :cutoff] = torch.lerp(self._w_avg, ws[:, :cutoff], psi)
        return ws

    def _classes(self, c: torch.Tensor | NDArray[np.floating] | None, count: int) -> torch.Tensor:
        """Return classes [N, c_dim]."""
        given = torch.eye(1, self.c_dim) if c is None else c
        rows = self._rows("c", given, self.c_dim)
        if len(rows) not in {1, count}:
            raise ParameterError(f"c is {list(rows.shape)}: expected [{count}, {self.c_dim}] or [1, {self.c_dim}]")
        return rows.expand(count, -1)

    def _rows(self, name: str, x: torch.Tensor | NDArray[np.floating], size: int) -> torch.Tensor:
        rows = torch.as_tensor(x).to(self.device, torch.float32)
        if rows.ndim != 2 or rows.shape[1] != size:
            raise ParameterError(f"{name} is {list(rows.shape)}: expected [N, {size}]")
        return rows

    def synthesize(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, 3, H, W], float32, nominally -1..1."""
        with torch.inference_mode(), full_precision():
            frames = [self._draw(w, fast=False) for w in ws.to(self.device)]
        return torch.cat(frames).contiguous()  # outside, so that the caller may write to it

    @torch.inference_mode()
    def render(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 3], 0..255."""
        img = self._draw(ws[0].to(self.device), fast=True)
        levels = img.mul(127.5).add_(128.0).clamp_(0.0, 255.0).to(torch.uint8)
        rgb: NDArray[np.uint8] = levels[0].permute(1, 2, 0).contiguous().cpu().numpy()
        return rgb

    def _draw(self, ws: torch.Tensor, *, fast: bool) -> torch.Tensor:
        """Draw ws [num_ws, w_dim] as [1, 3, H, W], float32."""
        if self._exact is not None:
            return reference.draw(self._exact, ws[None], self.noise)
        return (self._fast if fast else self._plain).draw(ws, self.noise)
