"""Real sound servers with many-channelled null sinks, and tones to play into them: one for each channel.

Both run as any user, without D-Bus and without hardware. Oracles import nothing from bandwalk.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

DEADLINE_S = 60.0

AUX = ",".join(f"aux{k}" for k in range(8))
FRONT = "front-left,front-right"
SURROUND = f"{FRONT},front-center,lfe,rear-left,rear-right"
MAPS = {"bw_stereo": FRONT, "bw_aux": AUX, "bw_51": SURROUND, "bw_71": f"{SURROUND},side-left,side-right"}
"""The null sinks, each with where its channels sound; the first is the default."""

FIRST_HZ = {"bw_stereo": 300, "bw_aux": 400, "bw_51": 430, "bw_71": 460}
"""The tone of a sink's first channel; each further channel is 100 Hz higher: no two in all are the same."""

AMPLITUDE = 0.3
WINDOW = 9600
"""Samples that are looked at: 0.2 s, in which each of the tones has whole periods."""

_PULSE = """\
load-module module-native-protocol-unix auth-anonymous=1 socket={home}/pulse/native
"""

_WIREPLUMBER = """\
context.properties = {{ log.level = 2  wireplumber.script-engine = lua-scripting  support.dbus = false }}
context.spa-libs = {{ audio.convert.* = audioconvert/libspa-audioconvert  support.* = support/libspa-support }}
context.modules = [
  {modules}
]
wireplumber.components = [
  {{ name = libwireplumber-module-lua-scripting, type = module }}
  {{ name = bw.lua, type = config/lua }}
]
"""
_WIREPLUMBER_MODULES = ("protocol-native", "client-node", "client-device", "adapter", "metadata", "session-manager")

# What links streams to the nodes that they ask for, and to the default; no hardware, no D-Bus.
_WIREPLUMBER_LUA = """\
components = {}
function load_module(name, args)
  components[name] = { "libwireplumber-module-" .. name, type = "module", args = args }
end
function load_script(name, args) components[name] = { name, type = "script/lua", args = args } end
load_module("metadata")
load_script("access/access-default.lua", { rules = {} })
load_module("default-nodes-api")
load_module("mixer-api")
load_module("si-node")
load_module("si-audio-adapter")
load_module("si-standard-link")
load_module("si-audio-endpoint")
load_module("default-nodes", { ["use-persistent-storage"] = false })
load_script("policy-node.lua", { ["move"] = true, ["follow"] = true })
load_script("create-item.lua")
"""


class SoundServer:
    """A server with the null sinks of :data:`MAPS`; env: what a program needs to find it."""

    def __init__(self, kind):
        self.home = Path(tempfile.mkdtemp(prefix="bw-"))  # short: a socket's path has at most 107 characters
        self.home.chmod(0o700)
        self.kind = kind
        self.env = {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "PULSE_RUNTIME_PATH": str(self.home / "pulse"),
            "PULSE_STATE_PATH": str(self.home / "pulse"),
            "PULSE_SERVER": f"unix:{self.home}/pulse/native",
            "WIREPLUMBER_CONFIG_DIR": str(self.home / "wireplumber"),
            "PIPEWIRE_DEBUG": "1",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        }
        self._processes = []
        self._write()
        self.start()

    def start(self):
        """Start the server, its sinks, and a tone for each channel of each."""
        for socket in ("pulse/native", "pipewire-0"):  # a killed server leaves them; who starts next would not wait
            (self.home / socket).unlink(missing_ok=True)
        if self.kind == "PipeWire":
            self._run("pipewire")
            self._wait_for((self.home / "pipewire-0").exists)
            self._run("wireplumber")
            self._run("pipewire-pulse")
        else:
            options = "--daemonize=no --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes --realtime=no"
            self._run("pulseaudio", "-n", "-F", str(self.home / "bw.pa"), *options.split(), "--high-priority=no")
        self._wait_for(lambda: "Server Name" in self.pactl("info"))
        for sink, places in MAPS.items():
            n = places.count(",") + 1
            self.pactl("load-module", "module-null-sink", f"sink_name={sink}", f"channels={n}", f"channel_map={places}")
        self.pactl("set-default-sink", "bw_stereo")
        self._wait_for(lambda: "Default Sink: bw_stereo" in self.pactl("info"))
        for sink in MAPS:
            self._play(sink)
        self._wait_for(lambda: self.pactl("list", "short", "sink-inputs").count("\n") >= len(MAPS))

    def kill(self):
        """Kill all of it, at once."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait(DEADLINE_S)
        self._processes.clear()

    def close(self):
        """Kill it, and leave nothing."""
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def pactl(self, *command):
        """Let the server's own tool do something; return what it says."""
        env = {**os.environ, **self.env}
        done = subprocess.run(["pactl", *command], env=env, capture_output=True, text=True, check=False, timeout=60)
        return done.stdout

    def _write(self):
        for folder in ("pulse", "wireplumber"):
            (self.home / folder).mkdir()
        (self.home / "bw.pa").write_text(_PULSE.format(home=self.home))
        modules = "\n  ".join(f"{{ name = libpipewire-module-{name} }}" for name in _WIREPLUMBER_MODULES)
        (self.home / "wireplumber" / "wireplumber.conf").write_text(_WIREPLUMBER.format(modules=modules))
        (self.home / "wireplumber" / "bw.lua").write_text(_WIREPLUMBER_LUA)
        for sink, places in MAPS.items():
            t = np.arange(48_000) / 48_000  # a whole second of whole periods: played over and over without a seam
            tones = [AMPLITUDE * np.sin(2 * np.pi * hz * t) for hz in tones_of(sink, range(places.count(",") + 1))]
            (self.home / f"{sink}.raw").write_bytes(np.stack(tones, axis=1).astype("<f4").tobytes() * 120)

    def _play(self, sink):
        places = MAPS[sink]
        sound = f"--format=float32le --rate=48000 --channels={places.count(',') + 1} --channel-map={places} --no-remix"
        self._run(
            "pacat", "--playback", "--raw", *sound.split(), f"--device={sink}", "--latency-msec=500", f"{sink}.raw"
        )

    def _run(self, *command):
        with (self.home / "log").open("ab") as log:
            env = {**os.environ, **self.env}
            process = subprocess.Popen(
                command, env=env, cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._processes.append(process)

    def _wait_for(self, is_reached):
        deadline = time.monotonic() + DEADLINE_S
        while not is_reached():
            assert time.monotonic() < deadline, (self.home / "log").read_text(errors="replace")
            time.sleep(0.05)


def tones_of(sink, channels):
    """Return the tones, Hz, of these channels, counted from 0, of a sink."""
    return [FIRST_HZ[sink] + 100 * channel for channel in channels]


def tones_in(y):
    """Return the tones, Hz, found in y [WINDOW], by falling amplitude: those over -60 dB of what was played.

    In so many samples each tone has whole periods, is one bin of the transform; a gap in the sound shows as many.
    """
    spectrum = np.abs(np.fft.rfft(y)) * 2 / WINDOW
    found = np.flatnonzero(spectrum > 1e-3 * AMPLITUDE)
    return [int(k) * 48_000 // WINDOW for k in sorted(found, key=lambda k: -spectrum[k])]
