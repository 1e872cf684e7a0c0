"""A fast synthesis whose layers are prepared once, in one dtype: shared by StyleGAN1 and StyleGAN3."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, Protocol, Self, TypeVar

import torch

from bandwalk.generator.precision import way_of
from bandwalk.generator.winograd import Winograd


class FastLayer(Protocol):
    """A prepared layer."""

    tiles: Winograd | None  # convolves it in tiles; None: an ordinary convolution


W = TypeVar("W")
L = TypeVar("L", bound=FastLayer)


class FastLayers(ABC, Generic[W, L]):
    """Weights prepared for convolutions in one dtype."""

    def __init__(self, weights: W, dtype: torch.dtype = torch.float32, *, tiled: bool = False) -> None:
        """Prepare; tiled: convolve by `winograd` where that is faster."""
        self._weights, self._dtype = weights, dtype
        self._layers = self.prepare_layers(weights, dtype, tiled)

    @abstractmethod
    def prepare_layers(self, weights: W, dtype: torch.dtype, tiled: bool) -> Sequence[L]:
        """Return the layers, prepared."""

    def in_precision(self, dtype: torch.dtype) -> Self:
        """Return the same with maps and convolutions of another dtype."""
        return type(self)(self._weights, dtype)

    def in_tiles(self) -> Self:
        """Return the same with convolutions by `winograd`, where that is faster."""
        return type(self)(self._weights, self._dtype, tiled=True)

    def in_maps(self) -> Self:
        """Return the same: no weight changes from picture to picture."""
        return self

    @property
    def way(self) -> str:
        """How it differs from plain float32: a dtype, "tiles", or ""."""
        return way_of(self._dtype, (layer.tiles for layer in self._layers))
