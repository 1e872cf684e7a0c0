"""What a worker checks before it draws: that it draws the same model, and the same pixels."""

import logging
import platform
import secrets
from dataclasses import replace

import pytest

from bandwalk.errors import CheckpointError
from bandwalk.farm.brief import to_chunk
from bandwalk.farm.flight import in_order
from bandwalk.farm.worker import Drawn, draw_chunk
from bandwalk.generator import precision
from bandwalk.render.backends import brief_of
from bandwalk.render.plan import takes_of

from .conftest import open_job


@pytest.fixture(scope="module")
def work(short):
    """A brief and the takes of some frames."""
    job, G = open_job(short, end=0.25)
    return brief_of(job, G), list(takes_of([job], G))


def other(brief, **changes):
    """A brief that is another one."""
    return replace(brief, key=secrets.token_hex(8), **changes)


class Here:
    """A crew that draws in this process, when it is asked for a chunk."""

    workers = 1

    def __init__(self, brief):
        self._brief = brief

    def begin(self, chunk):
        return chunk

    def end(self, task) -> Drawn:
        return draw_chunk(self._brief, task)


def test_a_worker_of_another_kind_is_told_once(work, caplog):
    brief, takes = work
    with caplog.at_level(logging.WARNING):
        assert len(list(in_order(iter(takes), Here(brief), 2))) == 6
        assert not caplog.records
        strange = other(brief, picture="0" * 64)
        assert len(list(in_order(iter(takes), Here(strange), 2))) == 6
    assert [record.getMessage() for record in caplog.records] == [
        f"farm: {platform.node()} draws other pixels than this machine; expected the same processor and libraries"
    ]


def test_other_weights_are_refused(work):
    brief, takes = work
    with pytest.raises(CheckpointError, match="has other weights; expected the same"):
        draw_chunk(other(brief, sha256="0" * 64), to_chunk(takes[:1]))


def test_what_was_decided_about_precision_is_taken_over(work, monkeypatch):
    monkeypatch.setattr(precision, "_known", {})
    brief, takes = work
    draw_chunk(other(brief, decided={("abc", "cpu"): True}), to_chunk(takes[:1]))
    assert precision.decisions() == {("abc", "cpu"): True}
