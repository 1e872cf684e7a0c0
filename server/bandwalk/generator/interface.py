"""The one interface of all generators, and the names of their style groups."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.screen import Screen, Size
from bandwalk.records import Bend
from bandwalk.units import LAYER_NAMES, parse_layers

GROUPS = tuple(LAYER_NAMES)

LOADED_PSI = 0.7
"""Usual truncation of a trained model: beyond it, pictures are seldom good."""


def group_layers(group: str, num_ws: int) -> range:
    """Return the style indices of a group; empty where the model has none of them."""
    layers = parse_layers(LAYER_NAMES[group], num_ws)
    return range(min(layers, default=0), max(layers, default=-1) + 1)


class Generator(Protocol):
    """A style-based generator of pictures of one shape."""

    name: str
    device: torch.device
    z_dim: int
    c_dim: int  # 0: unconditional
    w_dim: int
    num_ws: int  # number of styles
    width: int  # pixels
    height: int  # pixels
    resolution: int  # the larger of both
    trained_size: Size  # width and height that it was trained for; the same if it draws at any size
    screen: Screen | None  # that it was loaded for
    is_sized: bool  # draws at any size: `load` takes one; otherwise at the size it was trained for
    usual_psi: float  # truncation where nobody has chosen another
    has_alpha: bool  # its pictures have opacity: `render_rgba`
    has_noise: bool
    noise: float  # factor on the stored noise, 0..2; 1: as stored
    drift: float  # how far that noise has drifted, radians; 0: as stored
    bends: tuple[Bend, ...]  # changes to the layers' maps, applied in this order
    sha256: str  # identifies the weights, hex
    gains: tuple[float, float, float]  # factors on a walk's step in z, for coarse, middle, fine
    has_gains: bool  # the gains come with the model; otherwise they are measured once for each file
    walks: Path | None  # file of learned walks that comes with the model
    directions: Mapping[str, torch.Tensor]  # by name, [num_ws, w_dim] on the device: those of /direction

    start: torch.Tensor | None  # [num_ws, w_dim], where the walks begin; None: at the w of their seed

    @property
    def transform(self) -> NDArray[np.float64]:
        """Inverse transform of the picture plane, 3x3, the trained picture's longer side spanning -0.5..0.5."""

    @transform.setter
    def transform(self, m: NDArray[np.floating] | None) -> None: ...

    def size_for(self, screen: Screen) -> Size:
        """Return the size of the picture, were it loaded for another screen."""

    def map(
        self,
        z: torch.Tensor | NDArray[np.floating],
        c: torch.Tensor | NDArray[np.floating] | None = None,
        psi: float = 1.0,
        cutoff: int | None = None,
    ) -> torch.Tensor:
        """Map z [N, z_dim] to truncated styles [N, num_ws, w_dim], float32."""

    def style_weights(self) -> tuple[torch.Tensor, ...]:
        """Return the affine maps that read each style, stacked: num_ws of [n, w_dim]."""

    def synthesize(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, 3, H, W], float32, nominally -1..1; over black if has_alpha."""

    def differentiable(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw as `synthesize`, without effects, with gradients back to ws; the model must be loaded as exact."""

    def render(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 3], 0..255, as a new array; over black."""

    def render_rgba(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame as [H, W, 4]: colours not multiplied by opacity, then opacity; 255 without has_alpha."""
