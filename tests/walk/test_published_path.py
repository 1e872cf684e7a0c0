"""The published walk as it was: unbounded, a fresh direction each step, as long as the change says."""

import numpy as np

from bandwalk.units import seed_to_z
from bandwalk.walk.published_walk import published_path

CHANGE = np.array([[0.0, 1.0, -1.5, 0.25], [0.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.5, 1.0]])


def _path(**changed):
    settings = {"seed": 1, "walk_seeds": [1, 2, 3], "z_dim": 64} | changed
    return np.stack(list(published_path(CHANGE, [10.0, 3.0, 10.0], **settings)))


def test_a_step_is_as_long_as_its_change_says_and_the_start_is_common():
    path = _path()
    assert path.shape == (4, 4, 64)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=2)  # [3, 4]
    assert np.allclose(steps[:, 0], [10.0, 15.0, 2.5])
    assert np.allclose(steps[:, 1], 0.0)
    assert np.allclose(steps[:, 2], [5.0, 5.0, 10.0])
    assert np.allclose(path[0], seed_to_z(1, 64))
    assert np.array_equal(path[:, 3], path[:1, 3].repeat(4, axis=0))


def test_it_leaves_the_sphere():
    change = np.ones((3, 400))
    last = list(published_path(change, [10.0] * 3, seed=1, walk_seeds=[1, 2, 3], z_dim=64))[-1]
    assert np.linalg.norm(last[0]) > 5 * np.sqrt(64)


def test_directions_are_fresh_and_come_from_the_walks_own_seed():
    path, again, other = _path(), _path(), _path(walk_seeds=[1, 2, 4])
    assert np.array_equal(path, again)
    assert np.array_equal(path[:, 0], other[:, 0])
    assert not np.array_equal(path[-1, 2], other[-1, 2])
    one, two = np.diff(path[:, 2], axis=0)[:2]
    assert abs(np.dot(one, two)) < 0.5 * np.linalg.norm(one) * np.linalg.norm(two)
