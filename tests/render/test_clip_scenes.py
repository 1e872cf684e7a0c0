"""Scenes in a clip: they land on their bars, and the clip is the same again, by other workers and resumed."""

import logging
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest

from bandwalk.errors import ParameterError
from bandwalk.farm.clip_setup import to_chunk
from bandwalk.pipeline.draw_frame import draw
from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.start_values import values_for
from bandwalk.render.job import job_of
from bandwalk.render.plan import picture_inputs_of
from bandwalk.render.state_file import identity_of

LIST = """scene = [
    { preset = "tide" },
    { preset = "dark", at = 2.3 },
    { preset = "hammer", at = 4.4 },
]
"""
DARK = """format = 2
[style]
psi = 0.5
[color]
brightness = -0.5
invert = true
"""
UNTIMED = 'scene = [{ preset = "tide" }, { preset = "dark" }, { preset = "hammer" }, { preset = "ink" }]'
FLAGS = {"beat_from": "manual", "beat_bpm": 240, "scene_glide": 2}
"""A bar is a second."""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "dark.toml").write_text(DARK)
    return tmp_path


def _start(song, folder, text, **flags):
    path = folder / "show.scenes.toml"
    path.write_text(text)
    small = {"out_size": "128", "out_fps": "24", "threads": "1", "scenes": path, "presets": folder}
    return resolve({name: str(value) for name, value in (small | FLAGS | flags).items()}, str(song))


def _inputs(song, folder, G, text, **flags):
    """A clip's job and the inputs of its pictures."""
    start = _start(song, folder, text, **flags)
    job = replace(job_of(start, str(folder / "clip.mp4")), values=values_for(start, G))
    return job, list(picture_inputs_of(job, G))


def _seen(song, folder, G, text, **flags):
    """What each picture of a clip sees of brightness and inversion, with its second."""
    job, inputs = _inputs(song, folder, G, text, **flags)
    seen = [(each.pose.t_audio, each.over(job.values)) for each in inputs]
    return [(t, one["/color/brightness"], one["/color/invert"]) for t, one in seen]


def test_a_scene_glides_to_the_bar_nearest_to_its_second_and_lands_there(song, folder, G):
    seen = _seen(song, folder, G, LIST)
    frame = 1 / 24 + 1 / 100
    dark = [t for t, brightness, is_inverted in seen if is_inverted]
    assert dark[0] == pytest.approx(2.0, abs=frame)
    assert dark[-1] == pytest.approx(4.0, abs=frame)  # hammer lands, which does not invert
    way = [(t, brightness) for t, brightness, _ in seen if -0.5 < brightness < 0 and t < 3]
    assert way[0][0] == pytest.approx(1.5, abs=frame)
    assert all(brightness == pytest.approx(1.5 - t, abs=0.03) for t, brightness in way)


def test_without_seconds_they_come_in_their_order_with_the_phrase(song, folder, G, caplog):
    landed = _landed(song, folder, G, caplog)
    assert [name for _, name in landed][:4] == ["tide", "dark", "hammer", "ink"]
    assert all(abs(t - round(t)) < 0.02 for t, _ in landed)


def test_the_autopilot_of_a_clip_chooses_the_same_again(song, folder, G, caplog):
    logs = [_landed(song, folder, G, caplog, auto_enabled="true", end=4) for _ in range(2)]
    assert logs[0] == logs[1]
    assert len(logs[0]) >= 4


def _landed(song, folder, G, caplog, **flags):
    """The log of a clip with a change in each bar: seconds, and names of scenes."""
    caplog.clear()
    with caplog.at_level(logging.INFO):
        _seen(song, folder, G, UNTIMED, auto_bars=1, scene_glide=0, out_fps=6, **flags)
    return [(float(t), name) for t, name in re.findall(r"([\d.]+) s: scene (\w+)", caplog.text)]


def test_workers_get_what_the_scenes_have_set(song, folder, G):
    job, inputs = _inputs(song, folder, G, LIST, end=2, out_fps=12)
    sent = pickle.loads(pickle.dumps(to_chunk(inputs[15:]))).inputs()
    assert any(-0.5 < each.changes.get("/color/brightness", 0.0) < 0.0 for each in sent)
    for here, there in zip(inputs[15:], sent, strict=True):
        assert np.array_equal(draw(G, here, job.values), draw(G, there, job.values))
    assert not np.array_equal(draw(G, inputs[-1], job.values), draw(G, replace(inputs[-1], changes={}), job.values))


def test_a_render_goes_on_only_with_the_same_scenes(song, folder, G):
    found = []
    for dark in (DARK, DARK, DARK.replace("-0.5", "-0.4")):
        (folder / "dark.toml").write_text(dark)
        found.append(identity_of(job_of(_start(song, folder, LIST), "clip.mp4"), G))
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("text", "flags", "expected"),
    [
        ("scene = []", {}, "no scenes; expected some"),
        ('scene = [{ preset = "tide" }, { preset = "nothing" }]', {}, "nothing: no such preset"),
        ('scene = [{ preset = "tide" }, { preset = "ink", model = "a.pkl" }]', {}, "scene 2: model = a.pkl: expected"),
        ('scene = [{ preset = "tide" }, { preset = "ink", at = 3 }, { preset = "tide" }]', {}, "or in none"),
        ('scene = [{ preset = "tide" }, { preset = "ink", at = 3 }, { preset = "tide", at = 3.0 }]', {}, "more than 3"),
        ('scene = [{ preset = "tide", at = "soon" }]', {}, "scene 1: at = soon: expected a second"),
        ('scene = [{ preset = "tide", at = nan }]', {}, "scene 1: at = nan: expected a second"),
        (LIST, {"loop_bars": 2}, "does not go together with --loop-bars"),
        (LIST, {"only": "low"}, "does not go together with --only"),
        (LIST, {"preset": "tide"}, "--scenes with --preset"),
    ],
)
def test_a_list_that_a_clip_cannot_follow_is_refused_in_one_line(song, folder, text, flags, expected):
    with pytest.raises(ParameterError, match=re.escape(expected)) as e:
        job_of(_start(song, folder, text, **flags), str(folder / "clip.mp4"))
    assert "\n" not in str(e.value)
