"""The kinds of walk: one small class each, with state and ``step``.

Each starts at a point z; random numbers come from the walk's own generator.
"""

import math
from typing import Protocol

import numpy as np

from bandwalk.units import PUBLISHED_STEP_S
from bandwalk.walk.sphere import move, radius, tangent

TURN_S = 2.0
"""Seconds after which a random walk's direction is a new one: about a bar, so that the kicks of one bar move in
about the same direction."""

ORBIT_ANGLE = 0.55
"""Angular radius of an orbit, radians: a circumference of about 75 in z, some seconds of music."""


class Kind(Protocol):
    """A way to move, with its own state; it does not know about sound."""

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None: ...

    def step(self, distance: float, dt_s: float) -> np.ndarray:
        """Move by a distance in z, dt_s seconds after the previous step; return z [z_dim]."""


class RandomWalk:
    """Moves in a direction that turns smoothly: Brownian motion of the direction on the sphere.

    The published walk takes a new direction in each step; at 100 steps per second that looks jerky.
    """

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._z, self._rng = z, rng
        self._u = tangent(z, rng.standard_normal(z.size))
        self._straight_s = 0.0

    def step(self, distance: float, dt_s: float) -> np.ndarray:
        """Turn, then move along the great circle; without movement the turns add up and are made as one."""
        self._straight_s += dt_s
        if distance:
            turn = math.sqrt(2.0 * self._straight_s / TURN_S / self._z.size)
            self._straight_s = 0.0
            self._u = tangent(self._z, self._u + turn * self._rng.standard_normal(self._z.size))
            self._z, self._u = move(self._z, self._u, distance)
        return self._z


class PublishedWalk:
    """Takes a new random direction in each step, as the published project does, but stays on the sphere.

    n steps in random directions get as far as sqrt(n) steps in one direction: the length is scaled so that at any
    step rate the walk gets as far in 1/40 s as the published one.
    """

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._z, self._rng = z, rng

    def step(self, distance: float, dt_s: float) -> np.ndarray:
        """Move in a new random direction."""
        if distance:
            u = tangent(self._z, self._rng.standard_normal(self._z.size))
            self._z, _ = move(self._z, u, distance * math.sqrt(PUBLISHED_STEP_S / dt_s))
        return self._z


class Orbit:
    """Moves on a small circle that starts and ends at z."""

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        to_centre = tangent(z, rng.standard_normal(z.size))
        aside = tangent(z, rng.standard_normal(z.size))
        self._aside = tangent(to_centre, aside)
        centre, outward = move(z, to_centre, ORBIT_ANGLE * float(np.linalg.norm(z)))
        self._centre, self._back = centre, -outward
        self._reach = radius(z.size) * math.sin(ORBIT_ANGLE)
        self._phase, self._z = 0.0, z

    def step(self, distance: float, dt_s: float) -> np.ndarray:
        """Move along the circle."""
        if not distance:
            return self._z
        self._phase = math.fmod(self._phase + distance / self._reach, math.tau)
        cos, sin = math.cos(self._phase), math.sin(self._phase)
        spoke = cos * self._back + sin * self._aside
        self._z = np.asarray(self._centre * math.cos(ORBIT_ANGLE) + spoke * self._reach)
        return self._z


class Hold:
    """Rests."""

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._z = z

    def step(self, distance: float, dt_s: float) -> np.ndarray:
        """Stay."""
        return self._z


KINDS: dict[str, type[Kind]] = {"random": RandomWalk, "published": PublishedWalk, "orbit": Orbit, "hold": Hold}
"""By the names in the parameter table (``WALK_KINDS``; a test compares them)."""
