"""A preset at the start of a show or a clip."""

import pytest

from bandwalk.control import presets
from bandwalk.params import LIVE, defaults
from bandwalk.params.setting_rows import FIRST_LOOK
from bandwalk.pipeline.start import resolve
from bandwalk.records import BANDS


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


def test_without_a_preset_the_first_look_is_played_and_nobody_has_chosen_it(tmp_path):
    start = resolve({"presets": str(tmp_path), "style_seed": 4})
    look = presets.recall(tmp_path, FIRST_LOOK)
    assert look.values["/walk/low/kind"] == "pulse"
    assert start.values == defaults() | dict(look.values) | {"/style/seed": 4}
    assert start.given == {"/style/seed"}


def test_page_is_the_published_behaviour_one_flag_away():
    values = resolve({"preset": "page"}).values
    assert values == defaults()
    walks = {band: [values[f"/walk/{band}/{name}"] for name in ("kind", "max_step")] for band in BANDS}
    assert walks == {"low": ["random", 10.0], "mid": ["random", 3.0], "high": ["random", 10.0]}
    assert [values[f"/mix/{band}/layers"] for band in BANDS] == ["coarse", "fine", "middle"]
    assert (values["/master/intensity"], values["/style/seed"]) == (1.0, 1)


@pytest.mark.parametrize(
    "flag", [{"method": "published"}, {"mix": "code"}, {"max_steps": "4,3,4"}, {"features": "spectral16"}]
)
def test_flags_of_the_published_behaviour_begin_without_a_look(flag):
    assert resolve(flag).values["/walk/low/kind"] == "random"
    assert resolve({**flag, "preset": FIRST_LOOK}).values["/walk/low/kind"] == "pulse"


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
