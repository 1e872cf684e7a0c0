"""What a show keeps of itself, and comes back with after a kill."""

import json
import os
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from server import Frames, Osc, Server

from bandwalk.errors import ParameterError
from bandwalk.params import defaults
from bandwalk.pipeline.glide import Glider, Length, Rest
from bandwalk.pipeline.start import resolve
from bandwalk.records import Counters
from bandwalk.show.state_file import NAME, State, come_back, read_state, write_state
from bandwalk.show.state_keeper import StateKeeper

DEADLINE_S = 60.0
SMALL = ("--size", "64x64", "--threads", "1")


def state(scene="tide", model="builtin", **values):
    return State(
        {**defaults(), **{f"/{name.replace('__', '/')}": value for name, value in values.items()}}, scene, model
    )


@pytest.fixture
def start(tmp_path):
    def begin(**flags):
        given = {"preset": "", "state": str(tmp_path), "restore": True, "music": str(tmp_path), **flags}
        return resolve(given, flags.pop("source", "demo"))

    return begin


def test_a_state_is_read_as_it_was_written_and_replaced_whole(tmp_path):
    first = state(style__psi=0.3)
    rest = Rest({"/style/psi": 0.5, "/mix/low/layers": "0-3"}, Length(3.5, is_in_beats=True))
    second = replace(state("waves", style__psi=0.7), song="/music/a.ogg", pending="tide", rest=rest)
    write_state(tmp_path, first)
    write_state(tmp_path, second)
    assert read_state(tmp_path) == second
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert read_state(tmp_path / "none") is None


@pytest.mark.parametrize("text", ["", "{", "[" * 5000, "[]", '{"format": 99, "values": {}}', '{"format": 1}'])
def test_a_broken_state_is_named_and_stops_no_show(tmp_path, start, text, caplog):
    (tmp_path / NAME).write_text(text)
    with pytest.raises(ParameterError, match=r"--restore: .*state\.json"):
        read_state(tmp_path)
    begun = start()
    assert come_back(begun) == (begun, None)
    assert "starts as the command line says" in caplog.text


def test_values_that_this_version_does_not_take_are_left_out(tmp_path, caplog):
    write_state(tmp_path, state(style__psi=0.3))
    said = json.loads((tmp_path / NAME).read_text())
    said["values"] |= {"/style/psi": "much", "/no/such": 1, "/out/fps": 25.0}
    (tmp_path / NAME).write_text(json.dumps(said))
    values = read_state(tmp_path).values
    assert "/style/psi" not in values
    assert "/no/such" not in values
    assert values["/out/fps"] == 25.0
    assert "2 values are left out" in caplog.text


def test_what_was_last_set_counts_more_than_the_command_line(tmp_path, start):
    write_state(tmp_path, state(style__psi=0.3))
    came, seen = come_back(start(style_psi="0.9"))
    assert came.values["/style/psi"] == 0.3
    assert (seen.scene, came.source) == ("tide", "demo")
    assert come_back(start(restore=False))[1] is None
    with pytest.raises(ParameterError, match="--restore: no folder, expected --state FOLDER, too"):
        come_back(start(state=""))


def test_a_glide_that_is_unreadable_is_left_out(tmp_path):
    rest = Rest({"/style/psi": 0.5}, Length(3.5))
    write_state(tmp_path, replace(state(), rest=rest))
    said = json.loads((tmp_path / NAME).read_text())
    for broken in (3, {"starts": 4, "number": 3.5}, {"starts": {}, "number": "much"}, {"starts": {}, "number": -1}):
        (tmp_path / NAME).write_text(json.dumps(said | {"rest": broken}))
        assert read_state(tmp_path).rest is None
    said["rest"]["starts"]["/no/such"] = 1
    (tmp_path / NAME).write_text(json.dumps(said))
    assert read_state(tmp_path).rest == rest


@pytest.mark.parametrize("is_in_beats", [False, True])
def test_what_is_left_of_a_glide_goes_on_as_it_would_have_gone(is_in_beats):
    before = {"/style/psi": 0.2, "/walk/low/max_step": 0.5, "/transform/zoom": 1.0}
    after = before | {"/style/psi": 1.0, "/walk/low/max_step": 0.1}
    whole, again = Glider(), Glider()
    assert whole.rest(before) is None
    whole.begin(before, after, lambda: None, Length(4.0, is_in_beats))
    for _ in range(15):
        whole.step(0.1, 0.1)
    again.resume(after, whole.rest(after))
    for _ in range(24):
        whole.step(0.1, 0.1)
        again.step(0.1, 0.1)
        assert again.at(after) == pytest.approx(dict(whole.at(after)))
        assert again.at(after)["/style/psi"] < 1.0
    for glider in (whole, again):
        glider.step(0.11, 0.11)
        assert glider.at(after) == after
        assert glider.rest(after) is None


def test_a_model_or_a_song_that_is_gone_is_not_waited_for(tmp_path, start):
    write_state(tmp_path, state(model=str(tmp_path / "gone.pkl"), audio__source="gone.ogg"))
    came, _ = come_back(start())
    assert came.settings.draw.model == "builtin"
    assert (came.source, came.values["/audio/source"]) == ("demo", "demo")
    (tmp_path / "there.ogg").touch()
    write_state(tmp_path, state(audio__source="there.ogg"))
    came, _ = come_back(start())
    assert (came.source, came.values["/audio/source"]) == ("", "there.ogg")
    write_state(tmp_path, state(audio__source="../../etc/passwd"))
    assert come_back(start())[0].values["/audio/source"] == "demo"


def test_only_what_has_changed_is_written_and_a_disk_that_fails_is_counted(tmp_path, monkeypatch, caplog):
    states = [state(style__psi=0.1)]
    stop, counters = threading.Event(), Counters()
    stop.set()  # so that no turn waits
    (tmp_path / ".0123.part").touch()
    keeper = StateKeeper(tmp_path, lambda: states[-1], stop, counters)
    keeper.begin()
    keeper.turn()
    (tmp_path / NAME).unlink()
    keeper.turn()
    assert list(tmp_path.iterdir()) == []
    states.append(state(style__psi=0.2))
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    for _ in range(3):
        keeper.turn()
    assert counters.counts["state_failed"] == 3
    assert caplog.text.count("No space left on device") == 1
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(os, "fsync", real)
    keeper.turn()
    assert read_state(tmp_path).values["/style/psi"] == 0.2


def _is_kept(folder):
    """Whether the file has the last of what was set, and the song at its place."""
    kept = read_state(folder)
    if kept is None or kept.rest is None or not kept.song.endswith("b.wav"):
        return False
    told = (kept.values["/out/fps"], kept.scene, kept.pending, kept.values["/cue/at/3"])
    return told == (24.0, "tide", "ink", 7.0) and kept.values["/transport/position"] > 100.0


def _stats_say(osc, address, wanted):
    """Ask for the state until it says so: a show that has begun gets to its scene with its first steps."""
    end = time.monotonic() + DEADLINE_S
    while True:
        osc.send("/stats")
        (told,) = osc.until(address)
        if told == wanted:
            return
        assert time.monotonic() < end, f"{address} is {told!r}, expected {wanted!r}"


def test_after_a_kill_the_same_scene_glides_on_in_the_same_song_with_the_same_values(tmp_path):
    for name in ("a", "b"):
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(400 * 8000, np.int16), 8000)
    (tmp_path / "night.m3u8").write_text("a.wav\n#BANDWALK-SCENE:neon\nb.wav\n")
    kept = ("--presets", tmp_path / "presets", "--state", tmp_path / "state", "--restore")
    args = (tmp_path / "night.m3u8", *SMALL, "--scene-quantize", "off", "--scene-glide-unit", "seconds", *kept)
    with Server(*args, "--scene-glide", "256") as show:
        osc = Osc(show)
        osc.send("/transport/next")
        osc.until("/scene/pending", lambda name: name == "neon")  # with the song
        osc.until("/transport/song", lambda name: name == "b.wav")  # told again and again
        osc.send("/preset/recall", "tide")
        osc.until("/scene/current", lambda name: name == "tide")
        osc.send("/scene/go", "ink")
        osc.until("/scene/pending", lambda name: name == "ink")
        osc.send("/transport/position", 100.0)
        osc.send("/cue/set", 3, 7.0)
        osc.send("/style/psi", 0.4321)
        osc.send("/out/fps", 24.0)
        end = time.monotonic() + DEADLINE_S
        while not _is_kept(tmp_path / "state"):
            assert time.monotonic() < end
            time.sleep(0.02)
        osc.close()
        show.process.send_signal(signal.SIGKILL)
        show.process.wait(30)
    with Server(*args, base=show.base) as again:
        with Frames(again) as frames:
            frames.next()
        osc = Osc(again)
        osc.send("/style/psi")
        assert osc.until("/style/psi")[0] == pytest.approx(0.4321)
        _stats_say(osc, "/scene/current", "tide")
        _stats_say(osc, "/scene/pending", "ink")  # not that of its song
        osc.until("/transport/song", lambda name: name == "b.wav")
        osc.until("/transport/position", lambda at: 100.0 < at < 300.0)
        osc.send("/cue/at/3")
        osc.until("/cue/at/3", lambda at: at == 7.0)
        osc.close()
        assert again.stop()[0] == 0
