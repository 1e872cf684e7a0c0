"""A smooth path without a goal, for whatever wanders."""

import math

import numpy as np

from bandwalk.walk.sphere import to_sphere


class Wander:
    """A cubic B-spline through random points, on the sphere: its speed and its direction change smoothly.

    It starts at z, which is scaled to the sphere, and is as likely to go anywhere as anywhere else.
    """

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._rng, self._share = rng, 0.0
        before, after, later = to_sphere(rng.standard_normal((3, z.size)))
        self._points = np.stack([before, (6.0 * to_sphere(z) - before - after) / 4.0, after, later])

    def step(self, share: float) -> np.ndarray:
        """Go on by a share of the way to the next point, 0 or more; return where it is, [z_dim]."""
        self._share += share
        while self._share >= 1.0:
            self._share -= 1.0
            new = to_sphere(self._rng.standard_normal((1, self._points.shape[1])))
            self._points = np.concatenate([self._points[1:], new])
        z = spline(self._share) @ self._points
        return np.asarray(z * math.sqrt(z.size / np.dot(z, z)))


def spline(t: float) -> np.ndarray:
    """Return the weights of a uniform cubic B-spline's four points at a share t of a segment, times 6, 0..6: [4]."""
    s = 1.0 - t
    return np.array([s**3, 3 * t**3 - 6 * t**2 + 4, 3 * s**3 - 6 * s**2 + 4, t**3])
