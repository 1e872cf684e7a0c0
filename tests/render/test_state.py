"""The state beside an unfinished clip tells how the clip was drawn, too."""

import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bandwalk.errors import ParameterError
from bandwalk.generator import precision
from bandwalk.output.resume_point import ResumePoint
from bandwalk.render import run
from bandwalk.render.state_file import decided_in, load_state, save_state

from .conftest import start_of


def test_what_was_decided_is_kept(tmp_path, monkeypatch):
    decided = {("a" * 64, "cpu tiles"): True, ("b" * 64, "cpu torch.bfloat16"): False}
    monkeypatch.setattr(precision, "_known", decided)
    save_state(tmp_path / "state", {}, [ResumePoint(96, 1000)])
    assert decided_in(tmp_path / "state") == decided


@pytest.mark.parametrize("decided", ["", "5", "[1]", "[[1, 2]]", "{}", "[[[], {}, null]]"])
def test_a_state_that_does_not_say_decides_nothing(tmp_path, decided):
    (tmp_path / "state").write_text(decided and f'{{"decided": {decided}}}')
    told = decided_in(tmp_path / "state")
    assert all(isinstance(key, tuple) and value in (True, False) for key, value in told.items())


def test_a_resumed_clip_goes_on_as_it_was_drawn(song, tmp_path, monkeypatch):
    path = tmp_path / "clip.mp4"
    (tmp_path / "clip.mp4.state").write_text(json.dumps({"decided": [["sum", "cpu tiles", True]]}))
    taken = []
    monkeypatch.setattr(run, "take_over", taken.append)
    with pytest.raises(ParameterError, match="expected the state of an interrupted render"):
        run.render(start_of(song, resume=1), str(path))
    assert taken == [{("sum", "cpu tiles"): True}]


HOSTILE = {
    "no marks": {"version": 1, "of": {}, "marks": []},
    "a mark of one": {"version": 1, "of": {}, "marks": [[5]]},
    "a mark of text": {"version": 1, "of": {}, "marks": [["96", "1000"]]},
    "half a frame": {"version": 1, "of": {}, "marks": [[96.5, 1000]]},
    "true": {"version": 1, "of": {}, "marks": [[True, False]]},
    "less than nothing": {"version": 1, "of": {}, "marks": [[96, -1]]},
    "more than a disk": {"version": 1, "of": {}, "marks": [[96, 10**30]]},
    "more frames than numbers": {"version": 1, "of": {}, "marks": [[10**400, 0]]},
    "no identity": {"version": 1, "of": [1, 2], "marks": [[0, 0]]},
    "a list": [],
    "a number": 5,
    "nothing": None,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_state_is_refused_in_one_line(tmp_path, name):
    (tmp_path / "state").write_text(json.dumps(HOSTILE[name]))
    with pytest.raises(ParameterError, match="expected the state of an interrupted render"):
        load_state(tmp_path / "state", {"--seed": 1})
    decided_in(tmp_path / "state")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"marks": [[1e999, NaN]]}', "\x00", '"\ud800"', "9" * 5000, ""])
def test_a_state_that_is_no_state_is_refused_in_one_line(tmp_path, text):
    (tmp_path / "state").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ParameterError, match="expected the state of an interrupted render"):
        load_state(tmp_path / "state", {"--seed": 1})
    assert decided_in(tmp_path / "state") == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["version", "of", "marks", "a"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional={"version": JSON | st.just(1), "of": JSON, "marks": JSON, "decided": JSON}))
def test_whatever_a_state_holds_it_is_taken_or_refused(tmp_path_factory, state):
    path = tmp_path_factory.getbasetemp() / "hostile.state"
    path.write_text(json.dumps(state))
    with contextlib.suppress(ParameterError):
        assert all(mark.frames >= 0 for mark in load_state(path, {"--seed": 1}))
    decided_in(path)
