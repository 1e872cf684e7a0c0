"""A clip's trail and limiter, frame by frame; by a farm and after an interruption: test_workers."""

import numpy as np
import pytest
import torch

from bandwalk.errors import ParameterError
from bandwalk.output.resume_point import ResumePoint
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.records import Pose
from bandwalk.render.clip_frames import ClipFrames
from bandwalk.render.state_file import load_arrays, save_state
from bandwalk.walk.track import silence

from .conftest import job_for

DRAWN_FROM = PictureInput(
    Pose(0.0, np.zeros((4, 512), np.float32), (0.0,) * 3, 0.0, silence()), torch.zeros(1, 14, 512)
)
FLICKER = [np.full((64, 64, 3), 255 * (k // 2 % 2), np.uint8) for k in range(60)]


def test_the_published_method_is_counted_and_not_changed(song):
    live, published = (ClipFrames(job_for(song, method=method), 0, {}) for method in ("bandwalk", "published"))
    assert all(published.step(rgb, DRAWN_FROM) is rgb for rgb in FLICKER)
    assert published.sequence.worst[0] > 3
    for rgb in FLICKER:
        live.step(rgb, DRAWN_FROM)
    assert live.sequence.held > 30


def test_what_the_next_frame_depends_on_is_kept_in_a_file(song, tmp_path):
    job = job_for(song, feedback_amount=0.7)
    whole = ClipFrames(job, 0, {})
    for rgb in FLICKER[:30]:
        whole.step(rgb, DRAWN_FROM)
    path = tmp_path / "clip.mp4.state"
    for frames in (10, 30):
        save_state(path, {}, [ResumePoint(frames, 1000)], whole.state())
    with pytest.raises(ParameterError, match=r"clip\.mp4\.state-20 cannot be read; expected the pictures"):
        load_arrays(path, 20)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["clip.mp4.state", "clip.mp4.state-30"]
    resumed = ClipFrames(job, 30, load_arrays(path, 30))
    assert all(np.array_equal(resumed.step(rgb, DRAWN_FROM), whole.step(rgb, DRAWN_FROM)) for rgb in FLICKER[30:])


@pytest.mark.parametrize(
    "arrays", [{"numbers": np.zeros(3)}, {"numbers": np.zeros(1)}, {"limiter.numbers": np.zeros(4)}]
)
def test_arrays_that_are_no_state_are_refused(song, arrays):
    with pytest.raises((KeyError, ValueError)):
        ClipFrames(job_for(song), 30, arrays)
