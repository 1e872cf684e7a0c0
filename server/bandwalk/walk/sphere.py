"""Geometry on the sphere of radius sqrt(z_dim), near which almost every normal z lies.

The mapping network divides z by its length, so a walk that leaves the sphere slows down as |z| grows; a walk that
stays on it keeps its speed. All arrays are float64: a walk adds up 100 steps per second for hours.
"""

import math

import numpy as np

from bandwalk.units import seed_to_z

_TINY = 1e-12


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


def slerp(z0: np.ndarray, z1: np.ndarray, share: float) -> np.ndarray:
    """Return the point at a share (0..1) of the arc from z0 to z1, both [z_dim] on the sphere."""
    u = tangent(z0, z1)
    r = radius(z0.size)
    arc = math.atan2(float(np.dot(z1, u)) * r, float(np.dot(z1, z0))) * r
    return move(z0, u, share * arc)[0]


def between(z0: np.ndarray, z1: np.ndarray, share: float) -> np.ndarray:
    """Return the point on the sphere at a share (0..1) of the way from z0 to z1, [..., z_dim].

    The chord is divided, not the arc: for the short way between analysis steps there is no visible difference.
    """
    if share <= 0.0:
        return z0
    if share >= 1.0:
        return z1
    return to_sphere(z0 + (z1 - z0) * share)
