"""Walks that became others go over to them: on the sphere, from where they were to where the other one is by then."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bandwalk.walk.sphere import slerp


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a walk came from [z_dim], and between which places of the glide it goes over."""

    origin: np.ndarray
    begins: float
    lands: float


class Blend:
    """Where walks are shown. While a glide is on its way, a walk that became another one does not jump.

    The place of a glide is a whole number where it begins and where it lands, and rises in between.
    """

    def __init__(self, place: float = 0.0) -> None:
        self._place = place
        self._ways: dict[int, _Way] = {}

    def step(self, place: float, changed: Sequence[bool], before: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Return where the walks are shown in this step, [n, z_dim].

        Args:
            place:   of the glide, at the end of this step.
            changed: whether each walk became another one in this step.
            before:  where they were shown in the step before [n, z_dim].
            z:       where they are [n, z_dim].
        """
        for i, is_new in enumerate(changed):
            if is_new:
                self._ways.pop(i, None)
            if is_new and place > self._place:
                self._ways[i] = _Way(before[i], self._place, math.floor(self._place) + 1.0)
        self._place = place
        if not self._ways:
            return z
        shown = z.copy()
        for i, way in list(self._ways.items()):
            share = (place - way.begins) / (way.lands - way.begins)
            shown[i] = slerp(way.origin, z[i], share)
            if share >= 1.0:
                del self._ways[i]
        return shown
