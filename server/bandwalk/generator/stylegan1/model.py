"""StyleGAN1 behind the interface of all generators."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.precision import full_precision, short_dtype, soonest
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan1 import reference
from bandwalk.generator.stylegan1.fast import FastSynthesis
from bandwalk.generator.stylegan1.mapping import map_to_w
from bandwalk.generator.stylegan1.weights import Weights, read_weights
from bandwalk.generator.tensors import Array, read_classes, read_latents, to_rgb, truncate


class StyleGAN1:
    """A generator of the first kind: styles set the mean and the spread of every feature map."""

    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)  # until the loader measures them

    def __init__(self, snapshot: Snapshot, *, device: str | torch.device = "cpu", exact: bool = False) -> None:
        """Take the weights from a model file.

        Raises:
            CheckpointError: a tensor is missing or has a wrong shape, or an option is not known here.
        """
        self.name, self.sha256 = snapshot.name, snapshot.sha256
        self.device = torch.device(device)
        self.noise = 1.0
        self._weights = weights = read_weights(snapshot, self.device)
        labels = weights.mapping.labels
        self.c_dim = 0 if labels is None else len(labels)
        self.z_dim = len(weights.mapping.layers[0].weight) if labels is None else labels.shape[1]
        self.w_dim, self.num_ws = len(weights.w_avg), len(weights.layers)
        self.resolution = weights.layers[-1].noise.shape[-1]
        self._exact = exact
        if not exact:
            self._prepare(weights)

    @torch.no_grad()
    def _prepare(self, weights: Weights) -> None:
        """Prepare the fast path, and the live one in the precision that draws soonest here."""
        self._live = self._fast = FastSynthesis(weights)
        short = short_dtype(self.device)
        if short is not None:
            candidates = [self._fast, FastSynthesis(weights, short)]
            ws = weights.w_avg.expand(self.num_ws, -1)
            self._live = candidates[soonest([partial(G.draw, ws, 1.0) for G in candidates])]

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

    def synthesize(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, 3, H, W], float32, nominally -1..1."""
        ws = ws.to(self.device, torch.float32)
        with torch.inference_mode(), full_precision():
            if self._exact:
                frames = [reference.draw(ws, self._weights, self.noise)]
            else:
                frames = [self._fast.draw(w, self.noise) for w in ws]
        return torch.cat(frames)  # outside, so that the caller may write to it

    @torch.inference_mode()
    def render(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 3], 0..255."""
        if self._exact:
            return to_rgb(self.synthesize(ws[:1]))
        return to_rgb(self._live.draw(ws[0].to(self.device, torch.float32), self.noise))
