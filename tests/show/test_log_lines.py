"""The log of a show: its form and its limit."""

import io
import json
import logging

import pytest

from bandwalk.errors import ParameterError
from bandwalk.records import Counters
from bandwalk.show.log_lines import MAX_SAME, log_as


@pytest.fixture
def stream():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


logger = logging.getLogger("bandwalk.test_log")
logger.setLevel(logging.DEBUG)


def test_each_record_is_one_json_object_on_a_line(stream):
    with log_as("json", Counters()):
        logger.warning("two\nlines and %s", '"quotes"')
        try:
            raise ValueError("broken")
        except ValueError:
            logger.exception("failed")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["level"], first["logger"], first["message"]) == (
        "warning",
        "bandwalk.test_log",
        'two\nlines and "quotes"',
    )
    assert second["error"] == "ValueError: broken"
    assert "Traceback" in second["traceback"]


def test_the_error_that_ends_the_program_is_a_json_line_too(stream):
    with pytest.raises(SystemExit) as ended, log_as("json", Counters()):
        raise ParameterError("--fps = 0: expected 1..240")
    assert ended.value.code == 2
    assert json.loads(stream.getvalue())["message"] == "--fps = 0: expected 1..240"
    with pytest.raises(ParameterError), log_as("lines", Counters()):
        raise ParameterError("--fps = 0: expected 1..240")


def test_a_place_that_logs_without_end_is_muted_counted_and_told_of(stream, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("bandwalk.clock.RealClock.now", lambda self: now[0])
    counters = Counters()
    with log_as("lines", counters):
        for n in range(1000):
            logger.info("line %d", n)
        logger.debug("is not limited")
        now[0] += 2.0
        logger.info("later")
    lines = stream.getvalue().splitlines()
    assert len(lines) == MAX_SAME + 2
    assert lines[-1] == f"later ({1000 - MAX_SAME} lines were left out)"
    assert counters.counts["log_muted"] == 1000 - MAX_SAME
