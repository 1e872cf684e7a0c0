"""A clip keeps the engine that it was begun with: torch, or the one that was named."""

import numpy as np
import pytest
from generator.model_files import DATA

from bandwalk.errors import ParameterError
from bandwalk.farm.clip_setup import to_chunk
from bandwalk.farm.worker import draw_chunk
from bandwalk.generator import engines
from bandwalk.pipeline.draw_frame import draw
from bandwalk.render.backends import clip_setup_of
from bandwalk.render.plan import frame_inputs_of
from bandwalk.render.run import _model_of
from bandwalk.render.state_file import identity_of

from .conftest import job_for

MODEL = str(DATA / "a0_sg2ada_64_tiny.pkl")


def test_torch_draws_a_clip_where_nothing_was_named(song):
    assert job_for(song).settings.draw.engine == "torch"
    assert job_for(song, engine="auto").settings.draw.engine == "torch"


def test_an_engine_that_is_not_there_is_refused(song, monkeypatch):
    monkeypatch.setattr(engines, "has_openvino", lambda: False)
    with pytest.raises(ParameterError, match=r"--engine = openvino: not installed"):
        job_for(song, engine="openvino")


def test_a_named_engine_draws_here_and_in_workers_and_is_part_of_what_is_resumed(song):
    job = job_for(song, model=MODEL, engine="openvino", end=0.25)
    G, torchs = _model_of(job, is_sized=True), _model_of(job_for(song, model=MODEL), is_sized=True)
    assert identity_of(job, G)["--engine"] == "openvino"
    inputs = list(frame_inputs_of([job], G))
    ours, theirs = (np.stack([draw(m, each, job.values, alpha=False) for each in inputs]) for m in (G, torchs))
    drawn = draw_chunk(clip_setup_of(job, G), to_chunk(inputs))
    assert drawn.differing_host == ""
    assert np.array_equal(drawn.pictures, ours)
    assert np.abs(ours.astype(float) - theirs).mean() <= 1.5
