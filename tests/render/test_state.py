"""The state beside an unfinished clip tells how the clip was drawn, too."""

import json

import pytest

from bandwalk.errors import ParameterError
from bandwalk.generator import precision
from bandwalk.output.mark import Mark
from bandwalk.render import run
from bandwalk.render.state import decided_in, save_state

from .conftest import start_of


def test_what_was_decided_is_kept(tmp_path, monkeypatch):
    decided = {("a" * 64, "cpu tiles"): True, ("b" * 64, "cpu torch.bfloat16"): False}
    monkeypatch.setattr(precision, "_known", decided)
    save_state(tmp_path / "state", {}, [Mark(96, 1000)])
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
