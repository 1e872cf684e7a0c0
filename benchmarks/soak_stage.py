"""Where a soak plays: folders with songs, models and presets, a sound server, the clients that are there."""

import contextlib
import os
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import soundfile
import zmq

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"
MODELS = ("a0_sg2ada_64_tiny.pkl", "c1_sg3t.pkl", "d0_sg1_64_tiny.pkl", "a2_sg2ada_cond5.pkl")
SAMPLE_RATE, SONG_S = 48_000, 20


class Stage:
    """A show with its folders, songs, models, clients and chance."""

    def __init__(self, folder, chance, pause_s):
        self.folder, self.chance, self.pause_s = folder, chance, pause_s
        self.show = self.sound = None
        self.clients, self.context, self.notes = [], zmq.Context(), []
        self.music, self.models, self.presets = (folder / name for name in ("music", "models", "presets"))
        for path in (self.music, self.models, self.presets, folder / "kept"):
            path.mkdir()
        for name in MODELS:
            shutil.copy(DATA / name, self.models)
        whole = (DATA / MODELS[0]).read_bytes()
        (self.models / "half.pkl").write_bytes(whole[: len(whole) // 2])
        (self.models / "nan.pkl").write_bytes(whole[:100_000] + b"\xff" * 4000 + whole[104_000:])
        (self.models / "noise.pkl").write_bytes(chance.randbytes(100_000))
        write_songs(self.music)
        for path in self.music.iterdir():
            shutil.copy(path, folder / "kept")

    def flags(self, size, fps):
        """Return the arguments of ``bandwalk serve``."""
        folders = [f for name in ("music", "models", "presets") for f in (f"--{name}", self.folder / name)]
        return ["songs", "--size", size, "--fps", fps, "--transport-repeat", "all", "--preset", "heartbeat", *folders]

    def rest(self, most_s=None):
        """Wait for a moment."""
        time.sleep(self.chance.uniform(0.2, 1.0) * (self.pause_s if most_s is None else most_s))

    def come(self, make):
        """Let a client come; one for which there is no room now is none."""
        with contextlib.suppress(OSError):
            self.clients.append(make(self.chance.uniform(1, 8) * self.pause_s))
        self.clients = [client for client in self.clients if not client.is_over]

    def calm(self, size):
        """Let all clients leave, and go back to the first model, songs and size."""
        for client in self.clients:
            client.close()
        self.clients.clear()
        self.show.send("/model/load", "builtin")
        self.show.send("/audio/source", "songs")
        self.show.send("/out/size", str(size))
        self.show.send("/preset/recall", "heartbeat")

    def close(self):
        """End the clients and the sound server."""
        for client in self.clients:
            client.close()
        self.context.destroy(linger=0)
        if self.sound is not None:
            self.sound.close()


def write_songs(folder):
    """Write songs: beats over a bass, and some with NaN, infinity, an offset, clipped, silent and cut off."""
    rng = np.random.default_rng(0)
    t = np.arange(SONG_S * SAMPLE_RATE) / SAMPLE_RATE
    beat = np.exp(-(t % 0.5) / 0.05)
    y = 0.3 * beat * np.sin(2 * np.pi * 60 * t) + 0.1 * np.sin(2 * np.pi * 330 * t * (1 + (t // 4) / 8))
    y = (y + 0.1 * np.exp(-((t + 0.25) % 0.5) / 0.02) * rng.standard_normal(len(t))).astype(np.float32)
    broken = y.copy()
    broken[SAMPLE_RATE :: SAMPLE_RATE // 2] = np.nan
    broken[SAMPLE_RATE * 2 :: SAMPLE_RATE] = np.inf
    sounds = {"beats.flac": y, "beats.ogg": y[::-1], "beats.mp3": y, "clipped.wav": np.clip(20 * y, -1, 1)}
    sounds |= {"offset.wav": 0.3 * y + 0.6, "silence.wav": 0 * y, "cut.wav": y}
    for name, sound in sounds.items():
        soundfile.write(folder / name, sound, SAMPLE_RATE)
    soundfile.write(folder / "broken.wav", broken, SAMPLE_RATE, subtype="FLOAT")
    os.truncate(folder / "cut.wav", 500_000)


def start_sound(stage, names):
    """Start a sound server, if there is PulseAudio and it is wanted; return the environment to find it."""
    sys.path.insert(0, str(ROOT / "tests"))
    from sound_servers import SoundServer

    is_wanted = not names or "sound server killed" in names
    if is_wanted and shutil.which("pulseaudio") and shutil.which("pactl"):
        stage.sound = SoundServer("PulseAudio")
        return stage.sound.env
    return {}
