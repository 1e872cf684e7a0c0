"""The walk that rests."""

import numpy as np

from bandwalk.walk.kinds.kind import Kind, Moment


class Hold(Kind):
    """Rests."""

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._z = z

    def step(self, moment: Moment) -> np.ndarray:
        """Stay."""
        return self._z
