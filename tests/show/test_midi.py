"""MIDI in a show of its own process: a device on sockets (tests/midi_wire.py) steers it, is learned, comes and goes."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import textwrap
import time
from pathlib import Path

import pytest
from midi_wire import BACKEND, Gear
from server import Osc, Server, run_cli

from bandwalk.control.midi import map_files

SMALL = ("--size", "64x64", "--threads", "1", "--fps", "10")
PSI = "/style/psi"
PAGE = (Path(__file__).parents[2] / "docs" / "midi.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wire():
    folder = Path(tempfile.mkdtemp(prefix="bw-midi-"))  # a socket's path has at most 107 characters
    yield {**BACKEND, "MIDI_WIRE": str(folder)}
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("presets")
    (folder / "stage.midi.toml").write_text(f'[any]\n"1/cc/21" = "{PSI}"\n')
    (folder / "stage.toml").write_text("[style]\npsi = 0.75\n")
    return folder


@pytest.fixture(scope="module")
def server(wire, folder):
    with Server("demo", *SMALL, "--midi", "pult", "--preset", "stage", "--presets", folder, env=wire) as running:
        yield running


@pytest.fixture(scope="module")
def pult(server, wire):
    gear = Gear(wire["MIDI_WIRE"], "Pult")
    gear.wait_open()
    return gear


@pytest.fixture
def osc(server):
    controller = Osc(server)
    yield controller
    controller.close()


def test_the_map_of_the_preset_is_in_use_and_subscribers_hear_the_knob(pult, osc):
    assert pult.read(3) == [0xB0, 21, 64]
    pult.play(0xB0, 21, 64, 0xB0, 21, 127)
    assert osc.until(PSI, lambda value: value == 1.5)
    osc.send("/midi/list")
    assert osc.until("/midi/binding") == [PSI, "1/cc/21 any"]


def test_devices_are_listed_and_pulled_out_and_put_back(pult, osc):
    osc.send("/midi/ports")
    assert osc.until("/midi/port") == ["Pult", 1]
    pult.pull()
    pult.plug()
    pult.wait_open()
    assert pult.read(3)[:2] == [0xB0, 21]


def test_a_control_is_learned_saved_forgotten_and_loaded(pult, osc, folder):
    osc.send("/midi/learn", "/walk/low/bump")
    osc.settle()
    pult.play(0x90, 36, 100)
    assert osc.until("/midi/learned") == ["/walk/low/bump = 1/note/36 Pult"]
    osc.send("/midi/save", "desk")
    osc.send("/midi/maps")
    osc.until("/midi/map", lambda name: name == "desk")
    assert '"1/note/36" = "/walk/low/bump"' in (folder / "desk.midi.toml").read_text()
    osc.send("/midi/forget", "all")
    osc.send("/midi/forget", "all")
    osc.until("/error", lambda _, reason: reason == "/midi/forget all: expected one of /midi/list")
    osc.send("/preset/recall", "stage")  # its map comes with it
    osc.until(PSI, lambda value: value == 0.75)
    osc.send("/midi/load", "desk")
    osc.send("/midi/maps")  # answered after it
    osc.until("/midi/map", lambda name: name == "stage")
    osc.send("/midi/learn", "/mix/low/layers")
    osc.until("/error", lambda _, reason: "expected a number, a boolean, a choice" in reason)
    osc.send("/midi/list")
    assert osc.until("/midi/binding") == [PSI, "1/cc/21 any"]
    assert osc.until("/midi/binding") == ["/walk/low/bump", "1/note/36 Pult"]


def test_a_route_follows_the_control_that_was_learned_for_it(pult, osc):
    osc.send("/midi/learn", "/route/1/from")
    osc.settle()
    pult.play(0xB0, 50, 1, 0xB0, 50, 70)
    osc.until("/route/1/from", lambda name: name == "midi/1/cc/50")
    osc.send("/route/1/to", "/style/noise")
    osc.send("/route/1/mode", "replace")
    osc.send("/route/1/amount", 1.0)
    osc.send("/route/1/enabled", True)
    pult.play(0xB0, 50, 127)
    osc.until("/route/1/value", lambda value: value > 1.5)
    pult.play(0xB0, 50, 0)
    osc.until("/route/1/value", lambda value: value < 0.1)
    osc.send("/route/1/enabled", False)


def test_midi_clock_leads_the_beat_and_a_pad_taps_it(pult, osc):
    osc.send("/midi/forget", "all")
    osc.send("/beat/from", "midi")
    osc.until("/beat/from", lambda name: name == "midi")
    begun, period = time.monotonic() + 0.1, 60 / 174 / 24
    sent = [(0xFA,), *[(0xF8,)] * (24 * 8)]
    for n, message in enumerate(sent):
        time.sleep(max(0.0, begun + max(0, n - 1) * period - time.monotonic()))  # the beat is what is under test
        pult.play(*message)
    osc.until("/feature/bpm", lambda bpm: abs(bpm - 174) < 1.0)
    osc.send("/midi/learn", "/beat/tap")
    osc.settle()
    times = []
    for _ in range(5):  # the first one is learned
        pult.play(0x90, 40, 100, 0x90, 40, 0)
        times.append(time.monotonic())
        time.sleep(0.4)
    osc.until_it_is("/beat/from", "tap")
    tapped = 60 * 3 / (times[-1] - times[1])
    osc.until("/feature/bpm", lambda bpm: bpm == pytest.approx(tapped, rel=0.1))
    osc.send("/beat/from", "auto")


def test_the_messages_of_the_page_are_taken(server, pult, osc):
    lines = re.findall(r"^    (oscsend .*)$", PAGE, re.MULTILINE)
    assert len(lines) == 4
    for line in lines:
        subprocess.run(shlex.split(line.replace(" 9000 ", f" {server.base} ")), check=True)
    osc.send("/midi/maps")
    assert osc.until_any(lambda address, *args: address == "/error" or args == ("stage",)) == ["stage"]
    osc.send("/midi/learn", "")


def test_the_map_of_the_page_is_one(folder):
    (text,) = re.findall(r"\n\n((?:    \[.*\n|    \".*\n|\n(?=    \[))+)", PAGE)
    (folder / "page_example.midi.toml").write_text(textwrap.dedent(text))
    assert {control.device for control in map_files.load(folder, "page_example")} == {"nanoKONTROL2", "any"}


def test_every_command_of_the_page_is_one_that_is_run():
    commands = re.findall(r"^    ((?:bandwalk|pip) .*)$", PAGE, re.MULTILINE)
    assert commands == ["pip install 'bandwalk[midi]'", "bandwalk devices", "bandwalk serve demo --midi all"]


def test_devices_lists_them(pult, wire):
    done = run_cli("devices", env=wire)
    assert "MIDI: Pult" in done.stdout, done.stdout + done.stderr


def test_without_midi_the_show_goes_on_and_says_so(folder):
    env = {"MIDO_BACKEND": "midi_that_is_not_there"}
    with Server("demo", *SMALL, "--midi", "all", "--presets", folder, env=env) as running:
        running.wait_for(r"MIDI needs midi_that_is_not_there: pip install 'bandwalk\[midi\]'; goes on without MIDI")
        controller = Osc(running)
        controller.send("/midi/open", "all")
        assert "pip install 'bandwalk[midi]'" in controller.until("/error")[1]
        controller.close()


def test_a_map_that_is_not_there_ends_the_start_with_one_line(folder):
    done = run_cli("serve", "demo", *SMALL, "--midi-map", "none", "--presets", folder, env={**os.environ})
    assert done.returncode == 2
    assert done.stderr.strip().endswith("MIDI map none: No such file or directory; expected one of /midi/maps")
