"""What a worker checks before it draws: that it draws the same model, and the same pixels."""

import logging
import platform
import secrets
from dataclasses import replace

import pytest

from bandwalk.errors import CheckpointError
from bandwalk.farm.clip_setup import to_chunk
from bandwalk.farm.ordering import in_order
from bandwalk.farm.worker import DrawnChunk, draw_chunk
from bandwalk.generator import precision
from bandwalk.render.backends import clip_setup_of
from bandwalk.render.plan import frame_inputs_of

from .conftest import open_job


@pytest.fixture(scope="module")
def work(short):
    """The setup of a clip and the inputs of some frames."""
    job, G = open_job(short, end=0.25)
    return clip_setup_of(job, G), list(frame_inputs_of([job], G))


def other(setup, **changes):
    """A setup that is another one."""
    return replace(setup, key=secrets.token_hex(8), **changes)


class Here:
    """Workers that draw in this process, when they are asked for a chunk."""

    workers = 1

    def __init__(self, setup):
        self._brief = setup

    def begin(self, chunk):
        return chunk

    def end(self, task) -> DrawnChunk:
        return draw_chunk(self._brief, task)


def test_a_worker_of_another_kind_is_told_once(work, caplog):
    setup, inputs = work
    with caplog.at_level(logging.WARNING):
        assert len(list(in_order(iter(inputs), Here(setup), 2))) == 6
        assert not caplog.records
        strange = other(setup, picture="0" * 64)
        assert len(list(in_order(iter(inputs), Here(strange), 2))) == 6
    assert [record.getMessage() for record in caplog.records] == [
        f"farm: {platform.node()} draws other pixels than this machine; expected the same processor and libraries"
    ]


def test_other_weights_are_refused(work):
    setup, inputs = work
    with pytest.raises(CheckpointError, match="has other weights; expected the same"):
        draw_chunk(other(setup, sha256="0" * 64), to_chunk(inputs[:1]))


def test_what_was_decided_about_precision_is_taken_over(work, monkeypatch):
    monkeypatch.setattr(precision, "_known", {})
    setup, inputs = work
    draw_chunk(other(setup, decided={("abc", "cpu"): True}), to_chunk(inputs[:1]))
    assert precision.decisions() == {("abc", "cpu"): True}
