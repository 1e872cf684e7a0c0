"""The desk over real bytes: knobs steer, are learned, are shown the values; devices come and go.

The devices are sockets behind a backend of mido of the tests (tests/midi_wire.py), because the machines that run the
tests have no ALSA sequencer; mido's parser and messages are the real ones. Where there is one, the same is done over
ALSA's virtual ports.
"""

import os
import time
from pathlib import Path

import mido
import pytest

from bandwalk.control.midi.bindings import MAX_BINDINGS
from bandwalk.control.midi.messages import Control
from bandwalk.control.midi.ports import is_meant, name_devices, plugged_mark
from bandwalk.control.midi.targets import Target, parse_learned, parse_target
from bandwalk.errors import DeviceError, ParameterError

PSI, NOISE, FREEZE = "/style/psi", "/style/noise", "/master/freeze"
ASKER = ("127.0.0.1", 7)


def bind(room, device, **names):
    """Bind by name: cc_21="/style/psi"."""
    controls = {name.replace("_", "/"): target for name, target in names.items()}
    room.desk.use({Control.parse(device, f"1/{name}"): parse_target(text) for name, text in controls.items()})


@pytest.fixture
def pult(room):
    gear = room.gear("Pult")
    room.desk.open("pul")
    gear.wait_open()
    room.wait(lambda: room.told.get("/midi/devices") == "Pult")
    return gear


def test_nothing_is_opened_before_it_is_asked_for(room):
    room.gear("Pult")
    assert room.desk.ports() == [("Pult", False)]
    assert room.told == {}


def _play_socket(room):
    """Return how to play a device on a socket."""
    return room.gear("bandwalk test").play


def _play_alsa(room):
    """Return how to play one of ALSA's virtual ports."""
    os.environ["MIDO_BACKEND"] = "mido.backends.rtmidi"  # the room's fixture puts the old one back
    port = mido.open_output("bandwalk test", virtual=True)
    return lambda *data: [port.send(message) for message in mido.parse_all(data)]


@pytest.mark.parametrize("play_on", [_play_socket, *([_play_alsa] if Path("/dev/snd/seq").exists() else [])])
def test_a_knob_steers_and_the_others_hear_of_it(room, play_on):
    play = play_on(room)
    room.desk.open("BANDWALK")
    room.wait(lambda: "bandwalk test" in room.told.get("/midi/devices", ""))
    bind(room, "any", cc_21=PSI)
    play(0xB0, 21, 84, 0xB0, 21, 127)
    room.wait_value(PSI, 1.5)
    assert room.echoes[-1] == (PSI, 1.5)


def test_a_key_runs_a_command_and_switches(room, pult):
    bind(room, "Pult", note_36="/walk/low/bump", note_37=FREEZE, note_38="/preset/recall intro 4")
    pult.play(0x90, 36, 100, 0x80, 36, 0, 0x90, 37, 100, 0x90, 37, 0, 0x90, 38, 1)
    room.wait(lambda: len(room.acted) == 2)
    assert room.acted == [("/walk/low/bump", []), ("/preset/recall", ["intro", 4.0])]
    assert room.store.values[FREEZE] is True


def test_every_control_is_there_for_routes(room, pult):
    pult.play(0xB0, 21, 64, 0x91, 36, 127, 0xE0, 127, 127, 0xB0, 7, 1, 0xB0, 39, 0)
    wanted = {"midi/1/cc/21": 0.5, "midi/2/note/36": 1.0, "midi/1/bend": 1.0, "midi/1/cc14/7": 128 / 16384}
    end = time.monotonic() + 20
    while not wanted.items() <= room.controls.read().items():
        assert time.monotonic() < end, room.controls.read()
        time.sleep(0.002)


def test_the_next_control_that_moves_is_learned_and_then_steers(room, pult):
    room.desk.learn(Target(PSI), ASKER)
    assert room.told["/midi/learning"] == PSI
    pult.play(0xB0, 21, 60)
    pult.play(0xB0, 21, 61)
    room.wait(lambda: room.told["/midi/learning"] == "")
    text = f"{PSI} = 1/cc/21 Pult"
    room.wait(lambda: room.answers == [(ASKER, "/midi/learned", text)])
    assert room.told["/midi/learned"] == text
    assert room.store.values[PSI] == 1.0  # it only says which; nothing jumps
    pult.play(0xB0, 21, 100)
    room.wait_value(PSI, 1.18)


def test_what_moves_a_route_is_learned_as_the_name_of_the_control(room, pult):
    room.desk.learn(parse_learned("/route/1/from"), ASKER)
    pult.play(0x99, 36, 100)
    room.wait(lambda: room.told["/midi/learning"] == "")
    assert room.store.values["/route/1/from"] == "midi/10/note/36"
    assert not room.desk.bindings.targets


def test_a_parameter_has_one_learned_control_and_a_control_one_parameter(room, pult):
    for target, number in ((PSI, 21), (NOISE, 22), (PSI, 22)):
        room.desk.learn(Target(target), ASKER)
        pult.play(0xB0, number, 1, 0xB0, number, 70)  # through the middle: none of the two is left out
        room.wait(lambda: room.told["/midi/learning"] == "")
    bound = room.desk.bindings
    assert dict(bound.targets) == {Control("Pult", 1, "cc", 22): Target(PSI)}
    assert bound.forget(Target(PSI))
    assert not bound.forget(Target(PSI))


def test_the_number_of_bindings_is_bounded(room):
    many = {Control("Pult", 1, "nrpn", number): Target(PSI) for number in range(MAX_BINDINGS + 1)}
    with pytest.raises(ParameterError, match="at most 512"):
        room.desk.use(many)


# feedback


def test_a_device_is_shown_what_its_parameters_are(room, pult):
    bind(room, "Pult", cc_21=PSI, note_37=FREEZE, bend="/transform/x")
    shown = sorted(pult.read(3) for _ in range(3))
    assert shown == [[0x90, 37, 0], [0xB0, 21, 85], [0xE0, 0, 64]]  # light off; 1.0 of 1.5; the middle
    room.store.set(PSI, 0.0, clamp=False)
    assert pult.read(3) == [0xB0, 21, 0]
    room.store.set(FREEZE, True, clamp=False)
    assert pult.read(3) == [0x90, 37, 127]
    room.store.set("/transform/x", 1.0, clamp=False)
    assert pult.read(3) == [0xE0, 127, 127]


def test_a_14_bit_fader_is_moved_by_two_messages(room, pult):
    bind(room, "Pult", cc14_7=PSI)
    pult.read(6)
    room.store.set(PSI, 1.5, clamp=False)
    assert pult.read(6) == [0xB0, 7, 127, 0xB0, 39, 127]


def test_a_fader_is_not_sent_what_the_hand_sets_but_a_second_device_is(room, pult):
    other = room.gear("Motor")
    room.desk.open("motor")
    other.wait_open()
    room.wait(lambda: "Motor" in room.told["/midi/devices"])
    room.desk.use({Control("Pult", 1, "cc", 21): Target(PSI), Control("Motor", 1, "cc", 5): Target(PSI)})
    pult.read(3)
    other.read(3)
    pult.play(0xB0, 21, 84, 0xB0, 21, 127)
    assert other.read_until(0xB0, 5, 127)
    assert pult.is_quiet()


def test_the_light_of_a_pressed_key_follows_what_it_switched(room, pult):
    bind(room, "Pult", note_37=FREEZE)
    assert pult.read(3) == [0x90, 37, 0]
    pult.play(0x90, 37, 90)
    assert pult.read(3) == [0x90, 37, 127]


def test_what_comes_back_from_a_device_starts_no_loop(room, pult):
    """A motor fader that reports where it was moved to, and a cable from the output back to the input."""
    bind(room, "Pult", cc_21=PSI, note_37=FREEZE)
    pult.read(6)
    room.store.set(PSI, 0.503, clamp=False)  # no number of a 7-bit fader
    back = pult.read(3)
    pult.play(*back)
    room.store.set(FREEZE, True, clamp=False)
    pult.play(*pult.read(3))
    pult.play(0xB0, 1, 1)  # what came before it has been heard once this is
    room.wait(lambda: True)
    end = time.monotonic() + 20
    while "midi/1/cc/1" not in room.controls.read():
        assert time.monotonic() < end
        time.sleep(0.002)
    assert (room.store.values[PSI], room.store.values[FREEZE]) == (0.503, True)
    assert pult.is_quiet()


def test_a_device_that_hangs_keeps_nobody_waiting(room, pult):
    bind(room, "Pult", cc_21=PSI)
    for turn in range(3000):  # nobody reads them
        room.store.set(PSI, turn % 100 / 100, clamp=False)
    pult.play(0xB0, 22, 64)
    end = time.monotonic() + 20
    while "midi/1/cc/22" not in room.controls.read():
        assert time.monotonic() < end
        time.sleep(0.002)


# devices that come and go


def test_a_device_that_is_pulled_out_and_put_back_goes_on_by_itself(room, pult):
    bind(room, "Pult", cc_21=PSI)
    pult.read(3)
    pult.pull()
    room.wait(lambda: room.told["/midi/devices"] == "")
    room.store.set(PSI, 0.3, clamp=False)
    pult.plug()
    pult.wait_open()
    assert pult.read(3) == [0xB0, 21, 26]  # it is shown what has changed
    pult.play(0xB0, 21, 26, 0xB0, 21, 90)
    room.wait_value(PSI, 1.06)


def test_a_device_that_was_asked_for_is_opened_when_it_is_plugged_in(room):
    room.desk.open("all")
    gear = room.gear("Late", has_output=False)
    gear.wait_open()
    room.wait(lambda: room.told.get("/midi/devices") == "Late")
    room.desk.leave("Late")
    room.wait(lambda: room.told["/midi/devices"] == "")
    room.desk.open("Late")
    room.wait(lambda: room.told["/midi/devices"] == "Late")
    room.desk.leave("all")
    room.wait(lambda: room.told["/midi/devices"] == "")


def test_a_device_without_a_name_of_its_own_is_left_out_of_all():
    assert is_meant("nanoKONTROL2:nanoKONTROL2 MIDI 1", ["KONTROL"])
    assert is_meant("nanoKONTROL2", ["all"])
    assert not is_meant("Midi Through:Midi Through Port-0", ["all"])
    assert is_meant("Midi Through:Midi Through Port-0", ["through"])
    assert not is_meant("nanoKONTROL2", [])


def test_the_number_after_a_name_is_no_part_of_it():
    assert name_devices(["Pult:Pult MIDI 1 20:0", "Pult:Pult MIDI 1 24:0", "Other 28:0"]) == {
        "Pult:Pult MIDI 1": "Pult:Pult MIDI 1 20:0",
        "Pult:Pult MIDI 1 #2": "Pult:Pult MIDI 1 24:0",
        "Other": "Other 28:0",
    }


def test_a_cable_that_was_out_between_two_looks_leaves_a_mark(tmp_path):
    (tmp_path / "midiC1D0").touch()
    before = plugged_mark(tmp_path)
    assert plugged_mark(tmp_path) == before
    (tmp_path / "new").touch()
    (tmp_path / "new").rename(tmp_path / "midiC1D0")
    assert plugged_mark(tmp_path) != before
    assert plugged_mark(tmp_path / "nowhere") == frozenset()


def test_without_the_library_one_line_says_what_to_install(room, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "mido.backends.backend", None)
    with pytest.raises(DeviceError, match=r"^MIDI needs mido.*: pip install 'bandwalk\[midi\]'$"):
        room.desk.open("all")


def test_without_rtmidi_the_same_line_names_it(room, monkeypatch):
    monkeypatch.setenv("MIDO_BACKEND", "mido.backends.rtmidi")
    monkeypatch.setitem(__import__("sys").modules, "rtmidi", None)
    monkeypatch.delitem(__import__("sys").modules, "mido.backends.rtmidi", raising=False)
    with pytest.raises(DeviceError, match=r"^MIDI needs rtmidi: pip install"):
        room.desk.open("all")


# clock and floods


def test_the_clock_of_the_device_that_leads_is_passed_on_with_its_times(room, pult):
    other = room.gear("Other")
    room.desk.open("other")
    other.wait_open()
    begun = time.monotonic()
    pult.play(0xFA, 0xF8)
    room.wait(lambda: len(room.ticks) == 2)
    other.play(0xF8, 0xFC)  # another clock at the same time would be a mess
    other.play(0xB0, 3, 1)
    end = time.monotonic() + 20
    while "midi/1/cc/3" not in room.controls.read():
        assert time.monotonic() < end
        time.sleep(0.002)
    pult.play(0xFC, 0xF2, 25, 0, 0xFB)  # 25 sixteenths into the song
    room.wait(lambda: len(room.ticks) == 5)
    found = [(kind, beats) for kind, _, beats in room.ticks]
    assert found == [("start", 0.0), ("tick", 0.0), ("stop", 0.0), ("position", 6.25), ("continue", 0.0)]
    times = [t for _, t, _ in room.ticks]
    assert times == sorted(times)
    assert begun <= times[0] <= time.monotonic()


def test_ten_thousand_movements_are_survived_and_the_newest_wins(room, pult):
    bind(room, "Pult", cc_21=PSI, cc_22=NOISE)
    pult.play(*[byte for turn in range(5000) for byte in (0xB0, 21, turn % 128, 0xB0, 22, (turn * 7) % 128)])
    pult.play(0xB0, 21, 127, 0xB0, 22, 127)
    room.wait_value(PSI, 1.5)
    room.wait_value(NOISE, 2.0)
    assert room.counters.counts.keys() <= {"midi_dropped"}
    assert len(room.echoes) < 4000
