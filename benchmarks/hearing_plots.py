"""What a show hears in sounds that are no club music: a plot of each.

    python benchmarks/hearing_plots.py FOLDER [--only WORD]

Each sound is written as a stereo file and heard as a show hears it, through the audio edge. The plot has the waveform,
each band's level and change, the energy with breaks (grey), drops and silence, and the beats (bars longer) with their
confidence. Speech is espeak-ng's (left out, and said so, where it is not installed); piano, strings and applause are
synthesised. Needs the extra ``plot``.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.signal import fftconvolve

from bandwalk.audio.demo import SEED, Track
from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.whole_song import HeardSong, hear_live
from bandwalk.units import SAMPLE_RATE

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import signals

SECONDS = 30.0
COLOURS = {"low": "#e0603a", "mid": "#d09a1e", "high": "#2f9fc9", "air": "#8a63d2"}
INK, GREY = "#333333", "#bbbbbb"
TEXT = (
    "The picture on the wall behind me moves when I speak, and it should rest when I stop. "
    "Ladies and gentlemen, please welcome, on this stage, for the first time tonight, the band that you came to hear. "
    "They have travelled a long way. Be kind to them, and be loud."
)


def demo(seconds: float = SECONDS) -> np.ndarray:
    """Return the start of the demo track, mono."""
    return Track(SEED).whole().mean(axis=1).astype(np.float64)[: round(seconds * SAMPLE_RATE)]


def hall(y: np.ndarray) -> np.ndarray:
    """Return a sound in a hall of 1.8 s."""
    t = signals.time(1.8)
    tail = signals.white(1.8, 9) * np.exp(-t / 0.35)
    wet = fftconvolve(y, tail / np.sqrt(np.sum(tail**2)))[: len(y)]
    return y + 0.5 * wet


def strings() -> np.ndarray:
    """Return slow string chords, the loudest at -30 dBFS, that swell and fade, in a hall."""
    rng, y = np.random.default_rng(5), np.zeros(round(SECONDS * SAMPLE_RATE))
    t = signals.time(4.5)
    for i, notes in enumerate(((220, 277, 330), (196, 247, 294), (175, 220, 262), (165, 208, 247)) * 2):
        vibrato = 0.004 * np.sin(2 * np.pi * 5.5 * t + rng.uniform(0, 6))
        tone = sum(
            0.6**m * np.sin(2 * np.pi * f * m * (t + vibrato / (2 * np.pi * 5.5)) + rng.uniform(0, 6))
            for f in notes
            for m in range(1, 7)
        )
        loud = (0.3, 0.5, 1.0, 0.4)[i % 4]
        start = round(i * 3.6 * SAMPLE_RATE)
        part = y[start : start + len(t)]
        part += (loud * tone * np.sin(np.pi * t / 4.5) ** 1.5)[: len(part)]
    y = hall(y)
    return signals.db(-30) * y / np.abs(y).max() + signals.pink(SECONDS, -78)


def piano() -> np.ndarray:
    """Return a slow piece of broken chords with a free tempo, each note struck and dying away."""
    rng, y, at = np.random.default_rng(6), np.zeros(round(SECONDS * SAMPLE_RATE)), 0.3
    chords = ((57, 64, 69, 73), (54, 61, 66, 69), (50, 57, 62, 66), (52, 59, 64, 68))
    i = 0
    while at < SECONDS - 3:
        midi = chords[i // 8 % 4][i % 4] + 12 * (i % 8 == 5)
        f_hz, t = 440 * 2 ** ((midi - 69) / 12), signals.time(2.5)
        note = sum(
            0.5**m * np.sin(2 * np.pi * f_hz * m * t * (1 + 2e-4 * m * m)) * np.exp(-t * m / 0.9) for m in range(1, 8)
        )
        start = round(at * SAMPLE_RATE)
        y[start : start + len(t)] += rng.uniform(0.5, 1) * note * np.minimum(1, t / 0.003)
        at += 0.3 * rng.uniform(0.85, 1.25) + (0.25 if i % 8 == 7 else 0)
        i += 1
    y = hall(y)
    return signals.db(-12) * y / np.abs(y).max()


def applause() -> np.ndarray:
    """Return two hundred people who clap, come in within 2 s, and stop one after the other from 18 s on."""
    rng, y = np.random.default_rng(7), np.zeros(round(SECONDS * SAMPLE_RATE))
    for k in range(200):
        clap = signals.burst(0.05, rng.uniform(600, 1200), rng.uniform(2500, 5000), 0.008, k)
        at, gap = rng.uniform(1, 3), rng.uniform(0.18, 0.32)
        while at < rng.uniform(18, 25):
            start = round(at * SAMPLE_RATE)
            y[start : start + len(clap)] += rng.uniform(0.2, 1) * clap[: len(y) - start]
            at += gap * rng.uniform(0.9, 1.1)
    y = hall(y)
    return signals.db(-8) * y / np.abs(y).max()


def speech() -> np.ndarray | None:
    """Return what espeak-ng says, twice with a pause; None without it."""
    if shutil.which("espeak-ng") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "speech.wav")
        subprocess.run(["espeak-ng", "-s", "150", "-w", path, TEXT], check=True)
        y, rate = soundfile.read(path)
    n = round(len(y) * SAMPLE_RATE / rate)
    return (
        signals.db(-6) * np.interp(np.arange(n) * rate / SAMPLE_RATE, np.arange(len(y)), y)
        + signals.pink(n / SAMPLE_RATE, -60)[:n]
    )


def sounds() -> dict[str, np.ndarray | None]:
    """Return {name: sound [n] or [n, 2]; None: it cannot be made here}."""
    song = demo()
    quiet_then_loud = np.concatenate([signals.db(-40) * demo(20), demo(20)])
    return {
        "quiet classical": strings(),
        "brick-walled": 0.99 * np.tanh(8 * song),
        "speech": speech(),
        "fade-in": song * np.linspace(0, 1, len(song)) ** 3,
        "minus 40 dB then 0 dB": quiet_then_loud,
        "anti-phase": np.stack([song, -song], axis=1),
        "35 Hz sine": np.concatenate([np.zeros(SAMPLE_RATE), signals.sine(35, 15, -12), np.zeros(4 * SAMPLE_RATE)]),
        "hum": signals.hum(20, -40),
        "applause": applause(),
        "piano": piano(),
    }


def draw(name: str, heard: HeardSong, path: Path) -> None:
    """Draw what is heard."""
    figure = Figure(figsize=(13, 9), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    wave, level, change, energy, beat = figure.subplots(5, 1, sharex=True, height_ratios=[1, 1.6, 1.2, 1.2, 0.8])
    t, s = heard.t_s, heard.signals
    outline = heard.outline[:, : len(t)]
    wave.fill_between(t[: outline.shape[1]], *outline, color=INK, linewidth=0)
    wave.set_title(name, loc="left")
    for band, colour in COLOURS.items():
        level.plot(t, s[f"{band}/level"], color=colour, linewidth=1, label=band)
        change.plot(t, s[f"{band}/change"], color=colour, linewidth=0.7)
    level.legend(loc="upper right", ncols=4, fontsize=8)
    energy.fill_between(t, s["break"].astype(float), color=GREY, alpha=0.5, step="pre", linewidth=0, label="break")
    energy.plot(t, s["energy"], color=INK, label="energy")
    energy.plot(t, 0.03 + 0 * t, color="#d33", linewidth=0)
    energy.fill_between(t, -0.08 * s["silence"], color="#d33", step="pre", linewidth=0, label="silence")
    energy.plot(t[s["drop"]], 0.9 + 0 * t[s["drop"]], "v", color="#c2185b", label="drop")
    energy.legend(loc="upper right", ncols=4, fontsize=8)
    beat.plot(t, s["confidence"], color=GREY)
    beat.vlines(t[s["beat"]], 0, 0.6, color=INK, linewidth=0.7)
    beat.vlines(t[s["bar"]], 0, 1.0, color=INK, linewidth=1.1)
    for axis, label in zip((wave, level, change, energy, beat), ("", "level", "change", "energy", "beat"), strict=True):
        axis.set_ylabel(label)
    figure.savefig(path)


def main() -> None:
    """Draw each sound, and print a line of figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for name, y in sounds().items():
        if args.only not in name:
            continue
        if y is None:
            print(f"{name:22} left out: espeak-ng is not installed")
            continue
        path = args.folder / f"{name.replace(' ', '-')}.wav"
        soundfile.write(path, y if y.ndim == 2 else np.stack([y, y], axis=1), SAMPLE_RATE, subtype="FLOAT")
        start = resolve({}, str(path))
        heard = hear_live(path, start.settings.hear, start.values)
        draw(name, heard, path.with_suffix(".png"))
        s = heard.signals
        means = "  ".join(f"{key} {s[key].mean():6.2f}" for key in ("energy", "loudness", "percussive", "flatness"))
        counts = "  ".join(f"{key} {s[key].sum():3d}" for key in ("beat", "drop", "onset"))
        print(f"{name:22} {means}  {counts}  break {s['break'].mean():.2f}  key {s['key'][-1]}", flush=True)


if __name__ == "__main__":
    main()
