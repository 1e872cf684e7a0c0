"""The walk of the published project: a new random direction in each step, unbounded in Z.

Its length grows without limit, and because the mapping network divides z by its length, the walk slows down. The live
walk ``published`` in :mod:`bandwalk.walk.kinds` takes the same steps and stays on the sphere.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from bandwalk.units import seed_to_z


def published_path(
    change: np.ndarray, lengths: Sequence[float], *, seed: int, walk_seeds: Sequence[int], z_dim: int
) -> Iterator[np.ndarray]:
    """Yield the walks' positions after each step, the common start last: [n_bands + 1, z_dim] float64.

        z += length * change * u / |u|,  u a new normal vector in each step

    Args:
        change:     of each band and step, [n_bands, n_steps]; below -1 too.
        lengths:    distance in z at a change of 1, one per band.
        seed:       of the z that all walks start from.
        walk_seeds: of the directions, one per band.
        z_dim:      of the model.
    """
    start = seed_to_z(seed, z_dim).astype(np.float64)
    z = np.stack([start] * (len(change) + 1))
    chances = [np.random.Generator(np.random.PCG64(walk_seed)) for walk_seed in walk_seeds]
    for step in change.T:
        for band, rng in enumerate(chances):
            u = rng.standard_normal(z_dim)
            z[band] += lengths[band] * step[band] / np.linalg.norm(u) * u
        yield z.copy()
