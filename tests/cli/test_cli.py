"""The command line: flags from the table, one line and an exit status for whatever is wrong."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from server import free_port_base, run_cli

from bandwalk.cli.docs import SIGNAL_GROUPS, signals_markdown
from bandwalk.params import ROWS, SETTINGS, rows_used_by
from bandwalk.params.clips import RENDER
from bandwalk.params.signals import SIGNALS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    (folder / "empty.wav").write_bytes(b"")
    (folder / "none").mkdir()
    (folder / "text.wav").write_text("all work and no play\n" * 50)
    soundfile.write(folder / "good.wav", np.zeros(48_000), 48_000)
    (folder / "cut.ogg").write_bytes(b"OggS" + bytes(40))
    (folder / "cut.flac").write_bytes(b"fLaC" + bytes(10))
    (folder / "good.mp4").write_bytes(b"a clip")
    (folder / "broken.toml").write_text("[style\npsi = 1")
    (folder / "wrong.toml").write_text("[style]\npsi = 99.0\n")
    return folder


WRONG = {
    "a missing file": (["serve", "no-such.wav"], "no-such.wav"),
    "an empty file": (["serve", "{bad}/empty.wav"], "empty.wav"),
    "a text file called wav": (["serve", "{bad}/text.wav"], "text.wav"),
    "a file that was cut off": (["serve", "{bad}/cut.ogg"], "cut.ogg"),
    "another file that was cut off": (["serve", "{bad}/cut.flac"], "cut.flac"),
    "a folder without songs": (["serve", "{bad}/none"], "none: no song in it"),
    "an unknown device": (["serve", "live:no such card"], "live:no such card"),
    "no frames a second": (["serve", "--fps", "0"], "--fps = 0: expected a number in 1..240"),
    "frames that are no number": (["serve", "--fps", "many"], "--fps = many: expected a number in 1..240"),
    "an odd size": (["serve", "--size", "77"], "--size: size = 77: expected a side from 128 to 4096"),
    "an unknown model": (["serve", "--model", "no-such.pkl"], "no-such.pkl"),
    "a file that is no model": (["serve", "--model", "{bad}/text.wav"], "text.wav"),
    "an unknown preset": (["serve", "--preset", "no-such"], "no-such"),
    "a broken preset": (["serve", "--preset", "{bad}/broken.toml"], "broken.toml"),
    "a preset out of range": (["serve", "--preset", "{bad}/wrong.toml"], "/style/psi = 99"),
    "channels that the file has not": (["serve", "{bad}/good.wav", "--channels", "3-4"], "channels = 3-4"),
    "a target without a port": (["serve", "--osc-to", "somewhere"], "--osc-to"),
    "a route that is none": (["serve", "--osc-map", "low/level"], "--osc-map = low/level: expected FEATURE=ADDRESS"),
    "routes in no file": (["serve", "--osc-map-file", "no-such.map"], "--osc-map-file = no-such.map"),
    "an address of another machine": (["serve", "--bind", "192.0.2.1"], "--bind = 192.0.2.1"),
    "an unknown flag": (["serve", "--no-such-flag"], "--no-such-flag"),
    "a clip of no song": (["render", "no-such.wav"], "no-such.wav"),
    "a clip of no kind": (["render", "{bad}/good.wav", "-o", "clip.avi"], "clip.avi: expected a name that ends in"),
    "a clip in no folder": (["render", "{bad}/good.wav", "-o", "{bad}/no/clip.mp4"], "No such file or directory"),
    "three steps that are two": (["render", "{bad}/good.wav", "--max-steps", "4,3"], "--max-steps: max_steps = 4,3"),
    "a clip that goes on with nothing": (["render", "{bad}/good.wav", "-o", "{bad}/good.mp4", "--resume"], "good.mp4"),
    "a rate that is none": (["render", "{bad}/good.wav", "--fps", "30/0"], "--fps = '30/0': expected a number"),
    "an unknown command": (["sing"], "sing"),
    "an unknown kind of sheet": (["sheet", "--kind", "portrait"], "portrait"),
    "a picture of no kind": (["sheet", "-o", "sheet.bmp"], "sheet.bmp"),
    "an endpoint that is none": (["grab", "ftp://x"], "ftp://x"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_one_line_and_status_2(case, bad, tmp_path):
    args, said = WRONG[case]
    done = run_cli(*[arg.format(bad=bad) for arg in args], env={"PULSE_SERVER": "", "HOME": str(tmp_path)})
    errors = [line for line in done.stderr.splitlines() if not re.match(r"^[ID] bandwalk|^ALSA ", line)]
    assert done.returncode == 2, done.stderr
    assert len(errors) == 1, done.stderr
    assert errors[0].startswith("bandwalk: ")
    assert said in errors[0]
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_named(tmp_path):
    base = free_port_base()
    for offset, kind in ((0, socket.SOCK_DGRAM), (2, socket.SOCK_STREAM)):
        with socket.socket(socket.AF_INET, kind) as taken:
            taken.bind(("127.0.0.1", base + offset))
            if kind == socket.SOCK_STREAM:
                taken.listen()
            done = run_cli("serve", "--port-base", base)
        assert done.returncode == 2
        assert f"--port-base = {base}: port {base + offset}/" in done.stderr.splitlines()[-1]
        assert "taken" in done.stderr.splitlines()[-1]


def test_grab_without_a_server_failed_while_working(tmp_path):
    done = run_cli("grab", f"tcp://127.0.0.1:{free_port_base()}", "-o", tmp_path / "x.jpg", "--timeout", "0.3")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "x.jpg").exists()


def test_help_shows_every_flag_whole_on_a_terminal_of_80_columns():
    for command, rows in ((command, rows_used_by(command)) for command in ("serve", "render")):
        text = run_cli(command, "--help", env={"COLUMNS": "80"}).stdout
        flags = set(re.findall(r"(?<![\w-])--[\w-]+", text))
        assert {row.option for row in rows if row.address != "/audio/source"} <= flags
        assert max(map(len, text.splitlines())) <= 80
        first = text.partition("Most used:\n")[2].partition("\n\n")[0]
        assert len(re.findall(r"^  -", first, re.MULTILINE)) == 10


def test_help_of_every_command_fits_80_columns():
    listed = run_cli("--help", env={"COLUMNS": "80"}).stdout
    commands = re.findall(r"^│ ([a-z][a-z-]+) ", listed, re.MULTILINE)
    assert len(commands) >= 15
    for command in commands:
        text = run_cli(command, "--help", env={"COLUMNS": "80"}).stdout
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= 80, command
        assert "--help" in text
        assert "\nOptions:\n" in text, command


def test_params_prints_every_row_and_protocol_md_holds_the_same_table():
    text = run_cli("params").stdout
    for row in (*ROWS, *SETTINGS, *RENDER):
        assert re.sub(r"^/route/\d+/", "/route/{1..16}/", row.address if row.live else row.option) in text
    assert run_cli("params", "--markdown").stdout.strip() in (ROOT / "protocol.md").read_text(encoding="utf-8")


def test_protocol_md_lists_every_signal():
    assert {row.address.split("/")[1] for row in SIGNALS} == set(SIGNAL_GROUPS)
    page = (ROOT / "protocol.md").read_text(encoding="utf-8")
    for group in SIGNAL_GROUPS:
        assert signals_markdown(group) in page
    assert "| `/feature/{low,mid,high}/level` | f | 0..1 |" in signals_markdown("feature")
    assert "| `/spectrum/{20,25,31.5,...,16000}` | f | 0..1 |" in signals_markdown("spectrum")


def test_help_view_and_grab_work_without_torch_and_scipy(tmp_path):
    absent = ("torch", "scipy", "sounddevice", "soxr", "av", "soundfile")
    blocker = f"import sys\nfor name in {absent}: sys.modules[name] = None\n"
    (tmp_path / "sitecustomize.py").write_text(blocker)
    env = {"PYTHONPATH": str(tmp_path), "SDL_VIDEODRIVER": "dummy"}
    assert run_cli("--help", env=env, fresh=True).returncode == 0
    assert run_cli("keys", env=env, fresh=True).returncode == 0
    assert run_cli("params", env=env, fresh=True).returncode == 0
    assert run_cli("grab", "tcp://127.0.0.1:1", "--timeout", "0.1", env=env, fresh=True).returncode == 1
    assert run_cli("view", "--help", env=env, fresh=True).returncode == 0
    done = run_cli("serve", env=env, fresh=True)
    assert done.returncode == 2
    assert "pip install 'bandwalk[server]'" in done.stderr


def test_nothing_happens_at_import():
    code = (
        "import sys, threading, pkgutil, importlib, bandwalk\n"
        "for m in pkgutil.walk_packages(bandwalk.__path__, 'bandwalk.'):\n"
        "    if not m.name.endswith('__main__'): importlib.import_module(m.name)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == done.stderr == ""
