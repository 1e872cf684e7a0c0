"""The same file, seeds and parameters give the same latents bit for bit, in a show and in a clip."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from server import free_port_base
from sounds import beat

from bandwalk.pipeline import pipeline as pipeline_module
from bandwalk.pipeline.drawn_size import screen_for
from bandwalk.pipeline.models import open_model
from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.start_values import values_for
from bandwalk.render.job import job_of
from bandwalk.render.plan import picture_inputs_of
from bandwalk.show.parts import open_parts
from bandwalk.show.show import Show

pytestmark = pytest.mark.alone

SECONDS = 3.0
FLAGS = {
    "out_size": "128", "out_fps": "30", "threads": "1", "preset": "page", "walk_mid_kind": "orbit",
    "style_noise_drive": "low", "direction": ["sefa-coarse-1=0.5:low:2"],
    "route": [
        "low/level=/style/psi:-0.4:attack=0.05:release=0.2", "low/onset=/transform/rotate:0.1:trigger",
        "high/level=/walk/mid/gain:0.3:square", "mid/level=/band/high/gain:0.3", "low/onset=/walk/high/bump",
        "lfo/sine/2=/master/speed:0.1",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    path = tmp_path_factory.mktemp("song") / "beat.wav"
    soundfile.write(path, beat(SECONDS), 44_100)  # resampled on the way
    return path


def seen(picture_input):
    """Return what a frame is drawn from: z, ws, levels, drift and routes."""
    return (
        picture_input.pose.z,
        picture_input.ws,
        picture_input.pose.level,
        picture_input.pose.drift,
        picture_input.pose.routes,
    )


@pytest.fixture(scope="module")
def live(song):
    """What each frame of a show was drawn from, by audio time."""
    start = resolve(FLAGS | {"port_base": str(free_port_base())}, str(song))
    show = Show(open_parts(start, apart=True), threading.Event())
    drawn, done = {}, threading.Event()
    paint = pipeline_module.paint

    def noting_paint(G, picture_input, values):
        if not picture_input.pose.is_late:  # on a busy machine a frame may show the step before its own
            drawn[picture_input.pose.t_audio] = seen(picture_input)
        if picture_input.pose.t_audio >= SECONDS:
            done.set()
        return paint(G, picture_input, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline_module, "paint", noting_paint)
        show.start()
        assert done.wait(90)
        show.close()
    return drawn


@pytest.fixture(scope="module")
def offline(song):
    start = resolve(FLAGS, str(song))
    job = job_of(start, "clip.mp4")
    G = open_model("builtin", screen_for("builtin", job.values, is_chosen=True), device="cpu", exact=False)
    picture_inputs = picture_inputs_of(replace(job, values=values_for(start, G)), G)
    return {picture_input.pose.t_audio: seen(picture_input) for picture_input in picture_inputs}


def test_frames_of_the_same_audio_time_show_the_same_latents(live, offline):
    shared = sorted(set(live) & set(offline))
    assert len(shared) > 3  # a busy machine leaves frames out
    assert all(np.array_equal(a, b) for t in shared for a, b in zip(live[t], offline[t], strict=True))
    assert not np.array_equal(offline[shared[0]][0], offline[shared[-1]][0])
    moved = {name for t in shared for name, said in enumerate(offline[t][4]) if said}
    assert moved >= {0, 1, 2, 3, 4}
