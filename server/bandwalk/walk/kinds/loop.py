"""The walk that closes."""

import math

import numpy as np

from bandwalk.walk.kinds.kind import Kind, Moment
from bandwalk.walk.kinds.wander import spline
from bandwalk.walk.sphere import to_sphere

_BARS_A_POINT = 2
_MIN_POINTS = 3


class Loop(Kind):
    """Goes around a closed smooth curve once in its bars, whatever is heard, and ends exactly where it began.

    The curve is a closed cubic B-spline through random points, one for two bars, projected to the sphere.
    """

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._z, self._rng = z, rng
        self._bars: int | None = None

    def step(self, moment: Moment) -> np.ndarray:
        """Go on along the curve; another length begins another curve, here."""
        if moment.values.bars != self._bars:
            self._bars, self._phase = moment.values.bars, 0.0
            self._points = self._closed(max(_MIN_POINTS, math.ceil(moment.values.bars / _BARS_A_POINT)))
        self._phase = (self._phase + moment.passed / moment.period) % 1.0
        self._z = self._at(self._phase)
        return self._z

    def _closed(self, n: int) -> np.ndarray:
        """Return n points, [n, z_dim], of a curve that goes through where the walk is, between the first and last."""
        points = to_sphere(self._rng.standard_normal((n, self._z.size)))
        points[0] = (6.0 * self._z - points[-1] - points[1]) / 4.0
        return points

    def _at(self, phase: float) -> np.ndarray:
        """Return z at a share of the way around, 0..1."""
        n = len(self._points)
        first = math.floor(phase * n)
        near = self._points[np.arange(first - 1, first + 3) % n]
        return to_sphere(spline(phase * n - first) @ near)
