"""A clip's trail and limiter: the same by one process, by a farm, and after an interruption."""

import signal

import numpy as np
import pytest
from server import Started

from bandwalk.errors import ParameterError
from bandwalk.output.resume_point import ResumePoint
from bandwalk.render import render
from bandwalk.render.clip_frames import ClipFrames
from bandwalk.render.state_file import load_arrays, save_state

from .conftest import job_for, start_of
from .test_render import CHAPTER, SMALL, _wait_for_mark

LOOK = (
    "--end",
    "4.5",
    "--color-hue",
    "40",
    "--color-contrast",
    "4",
    "--feedback-amount",
    "0.8",
    "--feedback-zoom",
    "1.4",
)
FLICKER = [np.full((64, 64, 3), 255 * (k // 2 % 2), np.uint8) for k in range(60)]


def _flags():
    names = (flag.removeprefix("--").replace("-", "_") for flag in LOOK[::2])
    return dict(zip(names, LOOK[1::2], strict=True))


@pytest.fixture(scope="module")
def clip(song, tmp_path_factory):
    """A clip rendered by one process without a stop."""
    path = tmp_path_factory.mktemp("trail") / "clip.mp4"
    render(start_of(song, **_flags()), str(path))
    assert list(path.parent.iterdir()) == [path]
    return path


def test_a_clip_with_a_trail_by_a_farm_stopped_and_resumed_is_the_same_file(song, clip, tmp_path):
    path = tmp_path / "clip.mp4"
    with Started("render", song, "-o", path, *SMALL, *LOOK, "--farm", "local:2") as process:
        _wait_for_mark(path, CHAPTER, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    kept = tmp_path / f"clip.mp4.state-{CHAPTER}"
    arrays = kept.read_bytes()
    kept.write_bytes(arrays[:1000])
    with pytest.raises(ParameterError, match=rf"clip\.mp4\.state-{CHAPTER} cannot be read; expected the pictures"):
        render(start_of(song, **_flags(), resume=1), str(path))
    kept.write_bytes(arrays)
    render(start_of(song, **_flags(), resume=1), str(path))
    assert path.read_bytes() == clip.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_the_published_method_is_counted_and_not_changed(song):
    live, published = (ClipFrames(job_for(song, method=method), 0, {}) for method in ("bandwalk", "published"))
    assert all(published.step(rgb) is rgb for rgb in FLICKER)
    assert published.sequence.worst[0] > 3
    for rgb in FLICKER:
        live.step(rgb)
    assert live.sequence.held > 30


def test_what_the_next_frame_depends_on_is_kept_in_a_file(song, tmp_path):
    job = job_for(song, feedback_amount=0.7)
    whole = ClipFrames(job, 0, {})
    for rgb in FLICKER[:30]:
        whole.step(rgb)
    path = tmp_path / "clip.mp4.state"
    for frames in (10, 30):
        save_state(path, {}, [ResumePoint(frames, 1000)], whole.state())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["clip.mp4.state", "clip.mp4.state-30"]
    resumed = ClipFrames(job, 30, load_arrays(path, 30))
    assert all(np.array_equal(resumed.step(rgb), whole.step(rgb)) for rgb in FLICKER[30:])


@pytest.mark.parametrize(
    "arrays", [{"numbers": np.zeros(3)}, {"numbers": np.zeros(1)}, {"limiter.numbers": np.zeros(4)}]
)
def test_arrays_that_are_no_state_are_refused(song, arrays):
    with pytest.raises((KeyError, ValueError)):
        ClipFrames(job_for(song), 30, arrays)
