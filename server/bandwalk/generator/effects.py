"""Noise and bends: what changes a frame besides its styles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from bandwalk.generator.bends import bend
from bandwalk.records import Bend


class Playable(Protocol):
    """The settings of a generator that are read here (see `interface.Generator`)."""

    has_noise: bool
    noise: float
    drift: float
    bends: tuple[Bend, ...]


@dataclass(frozen=True, slots=True)
class Effects:
    """Noise and bends of one frame.

    noise: factor on the stored noise.
    drift: how far the noise has drifted, radians; 0: as stored.
    bends: changes to maps, applied in this order.
    """

    noise: float = 1.0
    drift: float = 0.0
    bends: tuple[Bend, ...] = ()

    @classmethod
    def of(cls, G: Playable) -> Effects:
        """Return a copy of what is set now, since another thread may change it; bends without effect are left out."""
        noise = G.noise if G.has_noise else 1.0
        bends = tuple(how for how in G.bends if how.value != 0.0 and how.share > 0.0)
        return cls(noise, G.drift if G.has_noise and noise != 0.0 else 0.0, bends)

    def touch(self, layer: int) -> bool:
        """Tell whether a layer's maps are bent."""
        return any(layer in how.layers for how in self.bends)

    def bend(self, x: Tensor, layer: int) -> Tensor:
        """Return the maps [N, C, H, W] of a layer, bent; the same tensor if nothing bends them."""
        for how in self.bends:
            if layer in how.layers:
                x = bend(x, how)
        return x
