"""A preset at the start of a show or a clip."""

import pytest

from bandwalk.control import presets
from bandwalk.params import LIVE, defaults
from bandwalk.pipeline.start import resolve


@pytest.fixture
def begin(tmp_path):
    def start(text, **flags):
        (tmp_path / "look.toml").write_text(text)
        return resolve({"preset": "look", "presets": str(tmp_path), **flags})

    return start


def test_a_look_sets_what_it_names_and_flags_come_after_it(begin):
    start = begin("format = 2\nstyle.psi = 0.5\nstyle.seed = 3\n", style_seed=4, mix="code")
    code = {"/mix/mid/layers": "middle", "/mix/high/layers": "fine"}
    assert start.values == defaults() | code | {"/style/psi": 0.5, "/style/seed": 4}


def test_what_a_complete_look_does_not_name_is_its_too_and_a_model_does_not_change_it(begin):
    whole, part = begin("format = 2\n"), begin("style.seed = 3\n")
    assert whole.given == {address for address, row in LIVE.items() if row.in_look}
    assert part.given == {"/style/seed"}


def test_setup_is_left_out_and_reported_unless_it_is_asked_for(begin, caplog):
    text = 'style.psi = 0.5\nout.size = "128"\nmaster.blackout = true\n'
    assert begin(text).values == defaults() | {"/style/psi": 0.5}
    assert "preset look: setup is left out: /out/size, /master/blackout" in caplog.text
    caplog.clear()
    asked = begin(text, preset_setup=True)
    assert asked.values == defaults() | {"/style/psi": 0.5, "/out/size": "128", "/master/blackout": True}
    assert asked.given == {"/style/psi", "/out/size", "/master/blackout"}
    assert not caplog.text


def test_unknown_keys_are_reported_and_do_not_stop_it(begin, caplog):
    assert begin("style.glow = 1\n").values == defaults()
    assert "preset look: unknown to this version: /style/glow" in caplog.text


def test_a_shipped_look_is_found_by_its_name_and_its_sentence_is_in_the_log(tmp_path):
    for name in presets.list_presets(tmp_path):
        start = resolve({"preset": name, "presets": str(tmp_path)})
        look = presets.recall(tmp_path, name)
        assert start.values == defaults() | dict(look.values)
        assert look.description in start.report[0]
