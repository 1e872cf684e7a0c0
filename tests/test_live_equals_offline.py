"""The same file, seeds and parameters give the same latents bit for bit, live and offline."""

import threading

import numpy as np
import pytest
import soundfile
from server import free_port_base
from sounds import beat

from bandwalk.audio import Feed, Options, open_source
from bandwalk.clock import SteppedClock
from bandwalk.live import Show
from bandwalk.models import open_model
from bandwalk.opening import open_parts
from bandwalk.output.jpeg import open_encoder
from bandwalk.pipeline import Pipeline
from bandwalk.records import Counters
from bandwalk.startup import resolve
from bandwalk.stats import Tally

SECONDS = 3.0
FLAGS = {
    "out_size": "128", "out_fps": "30", "threads": "1", "walk_mid_kind": "orbit",
    "direction": ["sefa-coarse-1=0.5:low:2"],
}  # fmt: skip


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    path = tmp_path_factory.mktemp("song") / "beat.wav"
    soundfile.write(path, beat(SECONDS), 44_100)  # resampled on the way
    return path


def _watch(pipeline):
    """Note each step of the path and the styles of each frame that is drawn, as they pass by."""
    path, poses, done = [], {}, threading.Event()
    add, draw, render = pipeline.scene.track.add, pipeline.draw, pipeline.scene.G.render
    drawn = []

    def noting_add(features, z):
        path.append(z.copy())
        if features.t_audio >= SECONDS - 0.05:
            done.set()
        add(features, z)

    def noting_draw(t_audio, values, wait_s=0.0):
        picture = draw(t_audio, values, wait_s)
        poses[t_audio] = drawn.pop().numpy().copy()
        return picture

    def noting_render(ws):
        drawn.append(ws)
        return render(ws)

    pipeline.scene.track.add, pipeline.draw, pipeline.scene.G.render = noting_add, noting_draw, noting_render
    return path, poses, done


@pytest.fixture(scope="module")
def live(song):
    start = resolve(FLAGS | {"port_base": str(free_port_base())}, str(song))
    show = Show(open_parts(start), threading.Event())
    path, poses, done = _watch(show.parts.pipeline)
    show.start()
    assert done.wait(30)
    show.close()
    return path, poses


@pytest.fixture(scope="module")
def offline(song):
    values = resolve(FLAGS).values
    G = open_model("builtin", values, device="cpu", exact=False)
    pipeline = Pipeline(G, values, step_rate=100.0, encoder=open_encoder("auto"), tally=Tally())
    path, poses, _ = _watch(pipeline)
    feed = Feed(open_source(str(song), Options()), clock=SteppedClock(), counters=Counters(), ends=True)
    for block in feed.blocks():
        pipeline.step(block, values)
    feed.close()
    return path, poses


def test_the_path_is_the_same_bit_for_bit(live, offline):
    n = min(len(live[0]), len(offline[0]))
    assert n > 250
    assert all(np.array_equal(a, b) for a, b in zip(live[0][:n], offline[0][:n], strict=True))
    assert not np.array_equal(live[0][0], live[0][n - 1])


def test_frames_of_the_same_audio_time_show_the_same_styles(live, offline):
    shared = sorted(set(live[1]) & set(offline[1]))
    assert len(shared) > 30
    same = [np.array_equal(live[1][t], offline[1][t]) for t in shared]
    # a live frame that had to be drawn before its step was ready shows the step before
    assert np.mean(same) > 0.9
