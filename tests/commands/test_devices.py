import io
import os
import re
import subprocess
import sys

import pytest
from rich.console import Console

from bandwalk.audio import NOTHING_DB, Device, HealthReading
from bandwalk.commands import devices
from bandwalk.commands.devices import meter
from bandwalk.errors import DeviceError

PROGRAM = "from rich.console import Console; from bandwalk.commands.devices import run; run(Console(width={width}))"


def _run(env, width=140):
    command = [sys.executable, "-c", PROGRAM.format(width=width)]
    return subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8", check=True, timeout=60)


@pytest.mark.audio
def test_devices_are_listed_with_their_level_and_why_one_does_not_open(pulse):
    pulse.play_tone(440)
    pulse.wait_until_playing()
    done = _run({**pulse.env, "PYTHONIOENCODING": "utf-8"})
    rows = {line.split("│")[2].strip(): line for line in done.stdout.splitlines() if line.count("│") > 5}
    assert "dB" in rows["bw_monitor"]
    assert "█" in rows["bw_monitor"]
    assert "Error opening InputStream" in rows["bw_sink"]
    monitor = rows["Monitor of Null Output (default)"]
    assert "█" in monitor
    assert rows.keys() >= {"bw.monitor", "bw_monitor"}  # the sound server's own name of it stands under its name
    assert not rows.keys() & {"default", "pulse"}  # ALSA's ways to the same server, which would mix the channels
    index = monitor.split("│")[1].strip()
    assert f"bandwalk serve live:computer (here {index} Monitor of Null Output (PulseAudio))" in done.stdout
    assert done.stderr == ""  # no driver's chatter


@pytest.mark.audio
def test_nothing_is_cut_off_in_a_terminal_of_80_columns(pulse):
    pulse.play_tone(440)
    pulse.wait_until_playing()
    done = _run({**pulse.env, "PYTHONIOENCODING": "utf-8"}, width=80)
    table = [line for line in done.stdout.splitlines() if line.startswith(tuple("┏┃┡│└"))]
    assert {len(line) for line in table} == {80}
    assert "…" not in done.stdout
    levels = [line.split("│")[6] for line in table if "bw_monitor" in line]
    assert [re.fullmatch(r" [█░]{10} (-?\d+ dB|silence) *", level) is not None for level in levels] == [True]


@pytest.mark.parametrize("width", [80, 99, 100, 140])
def test_long_names_take_no_room_from_the_meter(monkeypatch, width):
    names = ("Microphone Array (Realtek(R) Audio)", "alsa_input.usb-Focusrite_Scarlett_2i2-00.analog-stereo", "Line")
    cards = tuple(Device(k, name, 2, 0, 192000, "Windows DirectSound", k == 0, False) for k, name in enumerate(names))

    refused = DeviceError("opening live:2: Error opening InputStream: Illegal combination of I/O devices")
    heard = [HealthReading(NOTHING_DB, "digital silence"), HealthReading(-40.0), refused]
    monkeypatch.setattr(devices, "list_inputs", lambda: list(cards))
    monkeypatch.setattr(devices, "find_output", lambda: None)
    monkeypatch.setattr(devices, "measure_all", lambda *_: heard)
    out = io.StringIO()
    devices.run(Console(file=out, width=width))
    text = out.getvalue()
    assert "░" * 10 + " silence" in text
    assert "█" * 3 + "░" * 7 + " -40 dB" in text
    assert "0: digital silence\n" in text
    assert "…" not in text
    assert "│\n" in text  # the table's right edge


def test_without_a_sound_card_it_says_so(tmp_path):
    done = _run({**os.environ, "HOME": str(tmp_path), "PULSE_SERVER": "unix:/nonexistent"})
    assert "To hear what the computer itself plays" in done.stdout
    assert "No sound card to listen to was found" in done.stdout or "index" in done.stdout


@pytest.mark.parametrize(
    ("peak", "full", "text"),
    [(NOTHING_DB, 0, "silence"), (0.0, 10, "0 dB"), (12.0, 10, "12 dB"), (-30.0, 5, "-30 dB"), (-80.0, 0, "-80 dB")],
)
def test_the_meter_reaches_from_minus_60_to_0_db(peak, full, text):
    bar, _, number = meter(peak).partition(" ")
    assert bar.count("█") == full
    assert len(bar) == 10
    assert number == text
