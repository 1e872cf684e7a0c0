"""The commands under /preset, on a store and a folder."""

import os

import pytest

from bandwalk.clock import ManualClock
from bandwalk.control import Store
from bandwalk.control.presets import list_presets
from bandwalk.errors import ParameterError
from bandwalk.params import LIVE, defaults, rows_of
from bandwalk.show.preset_commands import Presets

ME, STRANGER = ("127.0.0.1", 1), ("10.0.0.9", 1)
SETUP = {"/master/blackout": True, "/master/freeze": True, "/audio/source": "song.ogg", "/out/fps": 25.0}


@pytest.fixture
def store():
    return Store({}, clock=ManualClock())


@pytest.fixture
def act(store, tmp_path):
    handlers = Presets(store, tmp_path, may_save=lambda who: who == ME).handlers()
    return lambda address, *args, who=ME: handlers[address](list(args), who).act()


def test_a_look_saved_in_blackout_recalls_no_black_and_no_other_setup(store, act):
    store.set_many(SETUP | {"/style/psi": 0.5})
    act("/preset/save", "dark")
    now = {"/master/blackout": False, "/master/freeze": False, "/audio/source": "demo", "/out/fps": 50.0}
    store.set_many(now | {"/style/psi": 0.9})
    act("/preset/recall", "dark")
    assert store.values == defaults() | now | {"/style/psi": 0.5}
    store.set("/master/blackout", True, clamp=False)
    act("/preset/recall", "dark")
    assert store.values["/master/blackout"] is True  # what the hand made black stays black, too


def test_a_recalled_look_leaves_nothing_of_the_one_before(store, act, tmp_path):
    store.bring(rows_of(["smile"]))
    act("/preset/save", "neutral")
    neutral = dict(store.values)
    for address, value in {
        "/route/2/from": "low/level",
        "/route/2/to": "/style/psi",
        "/bend/a/kind": "scale",
        "/direction/smile/alpha": 2.0,
        "/color/hue": 90.0,
        "/band/low/gain": 2.0,
    }.items():
        store.set(address, value, clamp=False)
    full = dict(store.values)
    act("/preset/save", "full")
    act("/preset/recall", "neutral")
    assert store.values == neutral
    act("/preset/recall", "full")
    assert store.values == full
    (tmp_path / "short.toml").write_text("format = 2\n")
    act("/preset/recall", "short")
    assert store.values == neutral
    act("/preset/recall", "code")  # not complete: it sets the layers only
    assert store.values == neutral | {"/mix/mid/layers": "middle", "/mix/high/layers": "fine"}


def test_an_old_file_sets_what_it_names_but_no_setup_unless_all_is_asked_for(store, act, tmp_path):
    (tmp_path / "old.toml").write_text(
        'style.psi = 0.5\nstyle.glow = 1\nmaster.blackout = true\naudio.source = "song.ogg"\n'
    )
    store.set("/style/seed", 7, clamp=False)
    with pytest.raises(ParameterError) as told:
        act("/preset/recall", "old")
    assert str(told.value) == (
        "preset old: setup is left out: /master/blackout, /audio/source; unknown to this version: /style/glow; "
        "the rest is recalled"
    )
    assert store.values == defaults() | {"/style/seed": 7, "/style/psi": 0.5}
    with pytest.raises(ParameterError, match=r"^preset old: unknown to this version: /style/glow; the rest"):
        act("/preset/recall_all", "old")
    setup = {"/master/blackout": True, "/audio/source": "song.ogg"}
    assert store.values == defaults() | {"/style/seed": 7, "/style/psi": 0.5} | setup


def test_what_the_model_lacks_and_setup_are_one_line(act, tmp_path):
    (tmp_path / "old.toml").write_text("direction.smile.alpha = 1\nout.fps = 25\n")
    with pytest.raises(ParameterError, match=r"the model has no /direction/smile/alpha; setup is left out: /out/fps;"):
        act("/preset/recall", "old")


def test_a_look_recalled_over_time_glides_to_what_it_does_not_name(store, act, tmp_path):
    store.set("/color/saturation", 3.0, clamp=False)
    (tmp_path / "short.toml").write_text("format = 2\n")
    act("/preset/recall", "short", 10.0)
    assert store.values["/color/saturation"] == LIVE["/color/saturation"].default
    assert store.snapshot()["/color/saturation"] == 3.0


def test_the_list_answers_names_sentences_and_whose_they_are(act, tmp_path):
    (tmp_path / "mine.toml").write_text('description = "Slow."\n')
    first, *rest = act("/preset/list")
    assert first == ("/preset/name", "mine", "Slow.", 1)
    assert [reply[1] for reply in rest] == list_presets(tmp_path / "nowhere")
    assert all(sentence and not own for _, _, sentence, own in rest)


def test_renaming_and_deleting_answer_the_list(act, tmp_path):
    act("/preset/save", "mine")
    assert act("/preset/rename", "mine", "set/other")[0] == ("/preset/name", "set/other", "", 1)
    answer = act("/preset/delete", "set/other")
    assert not any(own for *_, own in answer)
    assert answer == act("/preset/list")


@pytest.mark.parametrize("command", [("save", "mine"), ("delete", "mine"), ("rename", "mine", "new")])
def test_who_may_not_write_files_is_refused_at_once(act, tmp_path, command):
    (tmp_path / "mine.toml").write_text("")
    name, *args = command
    with pytest.raises(ParameterError, match=f"^/preset/{name}: .*--osc-allow"):
        act(f"/preset/{name}", *args, who=STRANGER)
    assert os.listdir(tmp_path) == ["mine.toml"]
    assert (tmp_path / "mine.toml").read_text() == ""
