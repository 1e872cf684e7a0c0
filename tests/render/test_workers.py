"""Who draws a clip where nobody has said it: workers where they are worth it, and the clip is the same."""

import signal

import pytest
from server import Started

from bandwalk.render import job as jobs
from bandwalk.render import render
from bandwalk.render.job import with_workers
from bandwalk.render.state_file import state_path

from .conftest import start_of
from .test_render import CHAPTER, FRAMES, _streams, _wait_for_mark


@pytest.mark.parametrize(
    ("flags", "frames", "cores", "expected"),
    [
        ({}, 1000, 2, "local:1"),
        ({}, 1000, 4, "local:3"),
        ({}, 1000, 64, "local:4"),
        ({}, None, 2, "local:1"),
        ({}, 100, 8, ""),
        ({}, 1000, 1, ""),
        ({"threads": "2"}, 1000, 8, ""),
        ({"farm": "local:2"}, 1000, 8, "local:2"),
        ({"model": "some.pkl"}, 1000, 8, ""),
    ],
)
def test_workers_draw_longer_clips_of_the_embedded_model(song, monkeypatch, flags, frames, cores, expected):
    monkeypatch.setattr(jobs, "cores", lambda: cores)
    job = jobs.job_of(start_of(song, **{"threads": "0", **flags}), "clip.mp4")
    assert with_workers(job, frames).settings.clip.farm == expected


def test_a_clip_drawn_by_workers_is_stopped_resumed_and_the_same_as_by_one_thread(song, tmp_path):
    fast, path = tmp_path / "one.mp4", tmp_path / "clip.mp4"
    trail = {"color_hue": 40, "feedback_amount": 0.8, "feedback_zoom": 1.4}  # a frame needs those before it
    looks = [text for name, value in trail.items() for text in (f"--{name.replace('_', '-')}", value)]
    flags = ("--size", "128", "--fps", "24", "--farm", "local:1", *looks)
    render(start_of(song, **trail), str(fast))
    with Started("render", song, "-o", path, *flags) as process:
        _wait_for_mark(path, CHAPTER, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(90) == 130
    assert CHAPTER <= _streams(path)[0] < FRAMES
    with Started("render", song, "-o", path, *flags, "--resume") as process:
        assert process.wait(90) == 0, process.stderr()
    assert not state_path(path).exists()
    assert path.read_bytes() == fast.read_bytes()
