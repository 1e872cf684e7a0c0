"""What is played on a synthesis beside its styles, for one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from bandwalk.generator.bends import bend
from bandwalk.records import Bend


class Playable(Protocol):
    """What a generator lets one set (see `interface.Generator`)."""

    has_noise: bool
    noise: float
    drift: float
    bends: tuple[Bend, ...]


@dataclass(frozen=True, slots=True)
class Effects:
    """Noise and bends of one frame.

    noise: factor on the stored noise.
    drift: how far that has drifted, radians; 0: as stored.
    bends: made in this order.
    """

    noise: float = 1.0
    drift: float = 0.0
    bends: tuple[Bend, ...] = ()

    @classmethod
    def of(cls, G: Playable) -> Effects:
        """Return what is set now (another thread may set it while a frame is drawn), without what shows nothing."""
        noise = G.noise if G.has_noise else 1.0
        bends = tuple(how for how in G.bends if how.value != 0.0 and how.share > 0.0)
        return cls(noise, G.drift if G.has_noise and noise != 0.0 else 0.0, bends)

    def touch(self, layer: int) -> bool:
        """Tell whether a layer's maps are bent."""
        return any(layer in how.layers for how in self.bends)

    def bend(self, x: Tensor, layer: int) -> Tensor:
        """Return the maps [N, C, H, W] of a layer as they are to go on; the same where nothing bends them."""
        for how in self.bends:
            if layer in how.layers:
                x = bend(x, how)
        return x
