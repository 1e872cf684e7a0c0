"""The default look in sounds that do not change: what draws its pictures rests, too."""

import numpy as np
import pytest
from signals import STEADY, kicks

from bandwalk.generator import load
from bandwalk.pipeline.moves import moved
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.start_values import values_for
from bandwalk.pipeline.stats import Tally
from bandwalk.records import Block

FPS, BLOCK = 10, 4_800
"""A frame for each block."""

MAX_STEP = 1e-3
"""Mean change of a number of w from frame to frame, in 0.1 s; kicks make ten times as much."""


@pytest.fixture(scope="module")
def G():
    return load("builtin", size=128)


def steps_of_w(G, y: np.ndarray) -> np.ndarray:
    """Return how far w goes from each frame to the next, [n - 1]."""
    values = values_for(resolve({"preset": "heartbeat", "out_size": "128", "out_fps": float(FPS)}), G)
    pipeline, ws = Pipeline(G, values, step_rate=100.0, tally=Tally()), []
    for end in range(BLOCK, len(y) + 1, BLOCK):
        pipeline.hear(Block(y[end - BLOCK : end].astype(np.float32), end, 0.0), values)
        pose = pipeline.scene.track.pose(end / 48_000)
        seen = moved(values, pose, G.directions)
        ws.append(np.asarray(pipeline.home.picture_input(G, pose, seen).ws, dtype=np.float64))
    return np.abs(np.diff(ws, axis=0)).reshape(len(ws) - 1, -1).mean(axis=1)


@pytest.mark.parametrize("name", ["tone 55 Hz", "pink -50 dB", "chord 98 Hz"])
def test_the_default_look_rests_where_the_sound_does(G, name):
    assert steps_of_w(G, STEADY[name](5.0))[4 * FPS :].mean() < MAX_STEP


def test_kicks_move_it(G):
    assert steps_of_w(G, kicks(3.0).y)[2 * FPS :].mean() > 5 * MAX_STEP
