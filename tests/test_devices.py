import os
import subprocess
import sys

import pytest

from bandwalk.devices import meter

PROGRAM = "from rich.console import Console; from bandwalk.devices import run; run(Console(width=140))"


def _run(env):
    command = [sys.executable, "-c", PROGRAM]
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
    assert "default (default)" in rows
    assert "PULSE_SOURCE=@DEFAULT_MONITOR@ bandwalk serve live:pulse" in done.stdout or sys.platform != "linux"
    assert done.stderr == ""  # no driver's chatter


def test_without_a_sound_card_it_says_so(tmp_path):
    done = _run({**os.environ, "HOME": str(tmp_path), "PULSE_SERVER": "unix:/nonexistent"})
    assert "To hear what the computer itself plays" in done.stdout
    assert "No sound card to listen to was found" in done.stdout or "index" in done.stdout


@pytest.mark.parametrize(
    ("peak", "full", "text"),
    [(0.0, 0, "silence"), (1.0, 20, "0 dB"), (4.0, 20, "12 dB"), (10**-1.5, 10, "-30 dB"), (1e-4, 0, "-80 dB")],
)
def test_the_meter_reaches_from_minus_60_to_0_db(peak, full, text):
    bar, _, number = meter(peak).partition(" ")
    assert bar.count("█") == full
    assert len(bar) == 20
    assert number == text
