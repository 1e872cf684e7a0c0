"""Parts that several tests share: seeded chance, and a PulseAudio server of our own."""

import environment  # noqa: F401  # isort: skip  before numpy

import math
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# A test never measures time.
settings.register_profile("bandwalk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bandwalk")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts what runs beside: no Ctrl-C would be tested
    signal.signal(signal.SIGINT, signal.default_int_handler)

DEADLINE_S = 60.0

# Begun first where several processes share the files: the one that begins a long file last is waited for by all.
LONGEST = (
    "web/test_panel.py",
    "web/test_panel_hands.py",
    "show/test_live.py",
    "show/test_begins_and_ends.py",
    "show/test_recording.py",
    "web/test_panel_sound.py",
    "show/test_swapping.py",
    "show/test_link.py",
    "render/test_render.py",
    "drills/test_on_stage.py",
    "farm/test_cluster.py",
    "farm/test_processes.py",
    "render/test_workers.py",
    "drills/test_soak.py",
    "show/test_sound.py",
    "pipeline/test_pipeline.py",
    "pipeline/test_routes.py",
    "test_gpu_report.py",
    "audio/test_live.py",
    "show/test_hung_sound.py",
    "drills/test_full_disk.py",
    "touchdesigner/test_link.py",
    "show/test_security.py",
    "show/test_midi.py",
    "show/test_stalls.py",
    "show/test_supervised.py",
    "show/test_state.py",
    "drills/test_bad_drawing.py",
    "generator/test_engines.py",
    "analysis/test_hearing.py",
    "analysis/test_features.py",
    "cli/test_cli.py",
    "analysis/test_analyzer.py",
    "commands/test_analyze.py",
    "generator/test_model_files.py",
    "commands/test_directions.py",
    "audio/test_damage.py",
    "clients/test_viewer.py",
    "control/test_other_programs.py",
    "show/test_shapes_shown.py",
    "render/test_sound_of_clips.py",
    "pipeline/test_features.py",
    "generator/test_effects.py",
    "show/test_real_sound.py",
    "analysis/beat/test_tracker.py",
    "analysis/test_music.py",
    "generator/test_directions.py",
    "generator/test_cuda.py",
    "cli/test_documents.py",
    "render/test_plan.py",
    "web/test_control.py",
    "generator/test_cost.py",
    "control/test_every_row.py",
    "audio/test_sound_server.py",
    "audio/test_file.py",
    "generator/test_stylegan3.py",
    "analysis/test_published.py",
    "clients/test_pages.py",
    "web/test_other_programs.py",
)


def pytest_collection_modifyitems(items):
    """Put the longest files first."""
    here = Path(__file__).parent
    rank = {here / name: n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.fixture(autouse=True)
def same_environment():
    """What a test does to the environment ends with it: a command sets some for the programs that it starts."""
    before = dict(os.environ)
    yield
    before |= {"PYTEST_CURRENT_TEST": os.environ.get("PYTEST_CURRENT_TEST", "")}
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


# The door opens last: a program that gets in finds the sink and its monitor.
_PULSE_CONFIG = """\
load-module module-null-sink sink_name=bw rate=48000 channels=2
set-default-sink bw
set-default-source bw.monitor
load-module module-native-protocol-unix auth-anonymous=1 socket={home}/native
"""

# Names of our own for PortAudio, which lists ALSA's: a source is then selected by a part of its name.
_ALSA_CONFIG = """\
pcm.bw_monitor { type pulse device "bw.monitor" hint { show on description "null sink monitor" } }
pcm.bw_sink { type pulse device "bw" hint { show on description "null sink" } }
"""


class Pulse:
    """A PulseAudio server with one null sink, "bw": what is played into it is heard on live:bw_monitor.

    env: what a program needs in its environment to find the server (and PortAudio the devices
         bw_monitor, bw_sink, pulse and default).
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.env = {
            **os.environ,
            "HOME": str(home),
            "PULSE_RUNTIME_PATH": str(home),
            "PULSE_STATE_PATH": str(home),
            "PULSE_SERVER": f"unix:{home}/native",
        }
        self._server: subprocess.Popen | None = None
        self._players: list[subprocess.Popen] = []
        (home / "bw.pa").write_text(_PULSE_CONFIG.format(home=home))
        (home / ".asoundrc").write_text(_ALSA_CONFIG)

    def start(self) -> None:
        """Start the server and a player of silence: an idle null sink wakes only every two seconds."""
        (self.home / "native").unlink(missing_ok=True)
        options = "--daemonize=no --exit-idle-time=-1 --disallow-exit --use-pid-file=no --disable-shm=yes"
        priority = "--realtime=no --high-priority=no"
        command = ["pulseaudio", "-n", "-F", str(self.home / "bw.pa"), *options.split(), *priority.split()]
        log = (self.home / "log").open("ab")
        self._server = subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait_for(lambda: "Server Name" in self._pactl("info"))
        self._players.clear()
        self._run("pacat", "--playback", "--latency-msec=10", "--rate=48000", "--channels=2", "/dev/zero")
        self.wait_until_playing()

    def kill(self) -> None:
        """Kill the server, as when a sound card is pulled out."""
        assert self._server is not None
        _end(self._server)
        for player in self._players:
            _end(player)

    def hang(self, *, hanging: bool) -> None:
        """Let the server stand still, as a driver that hangs, or go on."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP if hanging else signal.SIGCONT)

    def play(self, *sounds: str, seconds: float = 60.0) -> subprocess.Popen:
        """Let ffmpeg play lavfi sounds, mixed, into the null sink, e.g. "sine=frequency=440:sample_rate=48000"."""
        inputs = [part for sound in sounds for part in ("-f", "lavfi", "-i", sound)]
        mix = ["-filter_complex", f"amix=inputs={len(sounds)}"] if len(sounds) > 1 else []
        out = [
            "-t",
            str(seconds),
            "-ac",
            "2",
            "-f",
            "pulse",
            "-buffer_duration",
            "100",
            "-device",
            "bw",
            "bandwalk test",
        ]
        return self._run("ffmpeg", "-loglevel", "error", "-re", *inputs, *mix, *out)

    def play_tone(self, hz: float, seconds: float = 60.0) -> subprocess.Popen:
        """Play a tone at -6 dBFS into the null sink."""
        return self.play(f"aevalsrc=0.5*sin({2 * math.pi * hz!r}*t):s=48000", seconds=seconds)

    def wait_until_playing(self) -> None:
        """Wait until the sound of all players has arrived at the server."""
        self._wait_for(lambda: self._pactl("list", "short", "sink-inputs").count("\n") >= len(self._players))

    def stop_playing(self) -> None:
        """End all players but the one of silence."""
        for player in self._players[1:]:
            _end(player)
        del self._players[1:]

    def close(self) -> None:
        """End the players and the server."""
        for process in (*self._players, self._server):
            if process is not None:
                _end(process)

    def _pactl(self, *command: str) -> str:
        return subprocess.run(["pactl", *command], env=self.env, capture_output=True, text=True, check=False).stdout

    def _wait_for(self, is_reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not is_reached():
            assert time.monotonic() < deadline, (self.home / "log").read_text()
            time.sleep(0.05)

    def _run(self, *command: str) -> subprocess.Popen:
        log = (self.home / "log").open("ab")
        player = subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._players.append(player)
        return player


def _end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait(DEADLINE_S)


@pytest.fixture
def rng():
    """Chance that is the same each time."""
    return np.random.default_rng(0)


@pytest.fixture
def pulse():
    """A PulseAudio server of our own, running; its ``env`` goes to the programs under test."""
    home = Path(tempfile.mkdtemp(prefix="bandwalk-pulse-"))  # short: a socket's path has at most 107 characters
    home.chmod(0o700)
    server = Pulse(home)
    try:
        server.start()
        yield server
    finally:
        server.close()
        shutil.rmtree(home, ignore_errors=True)
