"""Geometry on the sphere of radius sqrt(z_dim), near which almost every normal z lies.

The mapping network divides z by its length, so a walk that leaves the sphere slows down as |z| grows; a walk that
stays on it keeps its speed. All arrays are float64: a walk adds up 100 steps per second for hours.
"""

import math

import numpy as np

from bandwalk.units import seed_to_z

_TINY = 1e-12
_FLAT = 1e-6
"""Sine of an angle so small, or so near to a half turn, that arc and chord are the same, or no arc is known."""


def radius(z_dim: int) -> float:
    """Return the length of a typical normal z: sqrt(z_dim)."""
    return float(np.sqrt(z_dim))


def to_sphere(z: np.ndarray) -> np.ndarray:
    """Scale each z [..., z_dim] to the length sqrt(z_dim)."""
    length = np.linalg.norm(z, axis=-1, keepdims=True)
    return np.asarray(z * (radius(z.shape[-1]) / np.maximum(length, _TINY)))


def from_seed(seed: int, z_dim: int) -> np.ndarray:
    """Return a seed's z on the sphere, [z_dim] float64."""
    return to_sphere(seed_to_z(seed, z_dim).astype(np.float64))


def tangent(z: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the unit tangent of the sphere at z that is nearest to v; both [z_dim]."""
    along = v - z * (np.dot(v, z) / np.dot(z, z))
    return np.asarray(along / max(math.sqrt(np.dot(along, along)), _TINY))


def move(z: np.ndarray, u: np.ndarray, distance: float) -> tuple[np.ndarray, np.ndarray]:
    """Move z by a distance along the great circle with the unit tangent u.

        z' = cos(a) z + sin(a) R u,   u' = cos(a) u - sin(a) z / R,   a = distance / R

    Returns:
        The new z and its tangent, both [z_dim].
    """
    r = math.sqrt(np.dot(z, z))
    cos, sin = math.cos(distance / r), math.sin(distance / r)
    return cos * z + (sin * r) * u, cos * u - (sin / r) * z


def between(z0: np.ndarray, z1: np.ndarray, share: float) -> np.ndarray:
    """Return the point on the sphere at a share (0..1) of the way from z0 to z1, [..., z_dim].

    The chord is divided, not the arc: for the short way between analysis steps there is no visible difference.
    """
    if share <= 0.0:
        return z0
    if share >= 1.0:
        return z1
    return to_sphere(z0 + (z1 - z0) * share)


def slerp(z0: np.ndarray, z1: np.ndarray, share: float) -> np.ndarray:
    """Return the point at a share (0..1) of the arc from z0 to z1, [z_dim]; evenly fast (Shoemake 1985).

    Between opposite points there are many arcs; the chord is divided there.
    """
    if share <= 0.0 or share >= 1.0:
        return z1 if share >= 1.0 else z0
    cos = float(np.dot(z0, z1) / max(np.linalg.norm(z0) * np.linalg.norm(z1), _TINY))
    angle = math.acos(min(1.0, max(-1.0, cos)))
    if math.sin(angle) < _FLAT:
        return between(z0, z1, share)
    return np.asarray((math.sin((1.0 - share) * angle) * z0 + math.sin(share * angle) * z1) / math.sin(angle))
