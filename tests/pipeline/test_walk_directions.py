"""Walks along directions of the model: they add to the direction's alpha."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from bandwalk.generator import load
from bandwalk.params import defaults, rows_of
from bandwalk.pipeline.joined_styles import styles_of
from bandwalk.pipeline.moves import moved
from bandwalk.walk.sway import at_rest
from bandwalk.walk.track import pose_of, silence

ALPHA = "/direction/red/alpha"
BASE = defaults() | {row.address: row.default for row in rows_of(["red"])}
REST = pose_of(0.0, np.ones((4, 512)), at_rest(), silence())


@pytest.mark.parametrize(
    ("named", "hand", "alpha"),
    [
        ({"low": "red"}, 0.0, 0.5),
        ({"mid": "red"}, 1.0, 0.0),
        ({"low": "red", "mid": "red", "high": "red"}, 0.0, 1.5),
        ({"low": "blue"}, 0.25, 0.25),  # the model does not have it
        ({}, 0.0, 0.0),
    ],
)
def test_a_walk_adds_to_the_alpha_of_the_direction_that_it_names(named, hand, alpha):
    values = BASE | {f"/walk/{band}/direction": name for band, name in named.items()} | {ALPHA: hand}
    pose = replace(REST, along=(0.5, -1.0, 2.0))
    assert moved(values, pose, ["red"])[ALPHA] == pytest.approx(alpha)
    assert moved(values, pose)[ALPHA] == hand  # where directions do not count


def test_the_picture_moves_along_the_direction():
    G = load("builtin", size=64)
    G.directions = {"red": torch.full((1, G.w_dim), 0.3)}
    values = BASE | {"/walk/mid/direction": "red"}
    at_home = styles_of(G, REST.z, moved(values, REST, G.directions))
    away = styles_of(G, REST.z, moved(values, replace(REST, along=(0.0, 2.0, 0.0)), G.directions))
    assert torch.allclose(away - at_home, torch.tensor(0.6), atol=1e-5)
