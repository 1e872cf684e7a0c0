"""Clips whose styles are driven by sixteen channels of the whole song."""

import threading
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from bandwalk.errors import ParameterError
from bandwalk.render import render
from bandwalk.render.plan import channels_of, picture_inputs_of

from .conftest import job_for, start_of

CHECKPOINT = Path(__file__).parents[1] / "data" / "g2_nsynth_narrow_ckpt"
FLAGS = {"spectral16": {"features": "spectral16"}, "nsynth": {"features": "nsynth", "nsynth": CHECKPOINT}}


@pytest.mark.parametrize("features", FLAGS)
def test_every_style_moves_and_a_part_shows_what_the_whole_does(song, G, features):
    whole = job_for(song, **FLAGS[features])
    heard = channels_of(whole, threading.Event())
    ws = np.array([picture_input.ws.numpy()[0] for picture_input in islice(picture_inputs_of(whole, G, heard), 60)])
    assert np.all(np.any(ws[-1] != ws[0], axis=-1))
    part = job_for(song, start=1, end=2, **FLAGS[features])
    again = [picture_input.ws.numpy()[0] for picture_input in picture_inputs_of(part, G, heard)]
    assert np.array_equal(np.array(again), ws[24:48])


def test_a_clip_by_nsynth_is_rendered_from_one_command(song, tmp_path):
    line = render(start_of(song, end=0.5, out_fps="24", **FLAGS["nsynth"]), str(tmp_path / "clip.mp4"))
    assert "12 frames" in line
    assert (tmp_path / "clip.mp4").stat().st_size > 5000


def test_a_stop_is_heard_while_the_song_is(song):
    stop = threading.Event()
    stop.set()
    with pytest.raises(KeyboardInterrupt):
        channels_of(job_for(song, **FLAGS["nsynth"]), stop)


def test_the_published_method_has_bands(song):
    with pytest.raises(ParameterError, match="--features = spectral16 with --method published: expected bands"):
        job_for(song, features="spectral16", method="published")
