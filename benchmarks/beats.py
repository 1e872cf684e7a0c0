"""The beat that is heard: against the known beats of synthetic songs, against librosa's of real ones, and in no music.

    python benchmarks/beats.py [--seconds 40] [--only WORD] [--songs FOLDER]

F is the F-measure of the beats reported from second 4 on, within 70 ms of the true ones; bar the same of the bars from
second 10 on. lock: from so many seconds after the first beat on, four seconds of beats are all met. error: time of a
reported beat less that of the true one, median of its size, 95th percentile of that. tempo: times the true one.
The true tempo is given a range of an octave (--default-range: 70 to 180), as a VJ sets /beat/lowest and /beat/highest.

Real songs are those of the Debian package frozen-bubble-data. Their reference is librosa's beat_track, from the whole
song (pip install librosa, only for this script); how late librosa is in a synthetic song is taken off. For the second
one it is given the tempo that was counted by hand, for it finds another. Without librosa they are left out.
Speech is espeak-ng's (apt install espeak-ng), else synthetic syllables; applause is synthetic.
"""

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from bandwalk.analysis.beat import BeatTracker
from bandwalk.analysis.spectrum import ShortSpectrum
from bandwalk.records import BeatValues
from bandwalk.units import SAMPLE_RATE, db_to_lin, samples_to_s

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import signals
import songs

HOP = 480
FLOOR = db_to_lin(-72.0)
REAL = {"frozen-mainzik-1p": None, "frozen-mainzik-2p": 133.33, "introzik": None}
"""Songs, and the tempo that was counted by hand where librosa finds another."""

TEXT = (
    "Good evening. The doors open at eight, the first set begins at nine, and the bar is at the back, to the left. "
    "Please leave your coats downstairs, for it will get warm in here. We start with two people from the north who "
    "have played together since school, and then there is a break of half an hour. "
)


def track(y: np.ndarray, values: BeatValues) -> tuple[np.ndarray, np.ndarray]:
    """Return the times of the beats and of the bars that are reported, seconds."""
    spectrum, tracker = ShortSpectrum(HOP, 1), BeatTracker(SAMPLE_RATE / HOP, values)
    beats, bars = [], []
    for end in range(HOP, len(y) + 1, HOP):
        spectrum.step(y[end - HOP : end])
        beat = tracker.step(spectrum.power, FLOOR)
        beats += [samples_to_s(end)] * beat.beat
        bars += [samples_to_s(end)] * beat.bar
    return np.array(beats), np.array(bars)


def f_after(found: np.ndarray, wanted: np.ndarray, start_s: float) -> float:
    """Return F of what lies after a time and before the last one that is wanted."""
    found = found[(found > start_s - 0.07) & (found < wanted[-1] + 0.07)]
    return signals.f_score(found, wanted[wanted > start_s])


def lock_s(found: np.ndarray, wanted: np.ndarray) -> float:
    """Return how long after the first beat four seconds begin in which all beats are met; infinite: never."""
    for start in np.arange(wanted[0], wanted[-1] - 4, 0.1):
        true = wanted[(wanted >= start) & (wanted < start + 4)]
        near = found[(found >= start - 0.07) & (found < start + 4.07)]
        if signals.f_score(near, true) > 0.93:
            return float(start - wanted[0])
    return np.inf


def row(name: str, y: np.ndarray, beats: np.ndarray, bars: np.ndarray, values: BeatValues) -> str:
    """Return a line of the table."""
    found, found_bars = track(y, values)
    late = found[(found > 4) & (found < beats[-1] + 0.1)]
    if len(late) < 3:
        return f"| {name} | 0 | | | | | |"
    off = np.array([late[np.abs(late - t).argmin()] - t for t in beats[beats > 4]])
    off = 1000 * np.abs(off[np.abs(off) < 0.07])
    tempo = np.median(np.diff(beats[beats > 4])) / np.median(np.diff(late))
    bar = f"{f_after(found_bars, bars, 10):.2f}" if len(bars) else ""
    error = f"{np.median(off):.0f} | {np.quantile(off, 0.95):.0f}" if len(off) else " | "
    f = f_after(found, beats, 4)
    return f"| {name} | {f:.2f} | {lock_s(found, beats):.1f} | {error} | x{tempo:.2f} | {bar} |"


def synthetic(seconds: float) -> Iterator[tuple[str, songs.Song]]:
    """Yield songs with their names."""
    steady = [("house", 70), ("rock", 82), ("half", 95), ("house", 104), ("rock", 118), ("house", 128), ("funk", 128)]
    steady += [("broken", 140), ("funk", 150), ("broken", 162), ("rock", 174), ("broken", 174), ("funk", 180)]
    for p, bpm in steady:
        yield f"{p} {bpm}", songs.song(songs.steady(bpm, seconds), p)
    for p, bpm in (("rock", 96), ("house", 124), ("half", 140)):
        yield f"{p} {bpm}, hands (6 ms)", songs.song(songs.steady(bpm, seconds), p, jitter_s=0.006)
    for p, bpm in (("rock", 100), ("house", 120), ("rock", 140)):
        yield f"{p} {bpm}, swung", songs.song(songs.steady(bpm, seconds), p, swing=2 / 3)
    for p, bpm in (("rock", 110), ("house", 124), ("broken", 174)):
        yield f"{p} {bpm}, break of 8 bars", songs.song(songs.steady(bpm, 25 * 240 / bpm), p, quiet=((10, 18),))
    for p, bpm, per_s, until in (("house", 100, 2, 140), ("rock", 140, -2, 100), ("house", 120, 2, 160)):
        beats = songs.ramp(bpm, per_s, seconds, until=until)
        yield f"{p} {bpm} to {until}, 2 bpm a second", songs.song(beats, p)
    for p, bpm in (("house", 90), ("rock", 110), ("house", 124)):
        yield f"{p} {bpm}, a quarter of the kicks missing", songs.song(songs.steady(bpm, seconds), p, missing=0.25)


def range_of(beats: np.ndarray) -> BeatValues:
    """Return a range of an octave around the tempo of these beats."""
    middle = 60 / float(np.median(np.diff(beats)))
    return BeatValues(max(40.0, middle / 1.42), min(240.0, middle * 1.42), 4)


def real(folder: Path, seconds: float) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return sound and reference of the real songs by name, those for which there is all that it takes."""
    try:
        import librosa
    except ImportError:
        print("real songs are left out: pip install librosa\n")
        return {}

    def beats_of(y: np.ndarray, bpm: float | None) -> np.ndarray:
        low = resample_poly(y, 147, 320).astype(np.float32)
        given = {} if bpm is None else {"bpm": bpm, "tightness": 400}
        return librosa.beat.beat_track(y=low, sr=22_050, units="time", **given)[1]

    known = songs.song(songs.steady(104, 25), "rock")
    off = np.array([beats_of(known.y, None)[np.abs(beats_of(known.y, None) - t).argmin()] - t for t in known.beats[4:]])
    late_s = float(np.median(off[np.abs(off) < 0.1]))
    print(f"librosa {librosa.__version__} is {1000 * late_s:.0f} ms late in a synthetic song\n")
    made = {}
    for name, bpm in REAL.items():
        path = folder / f"{name}.ogg"
        if path.exists():
            y, rate = soundfile.read(path, always_2d=True)
            y = resample_poly(y.mean(axis=1)[: round(seconds * rate)], SAMPLE_RATE, rate)
            made[name] = (y, beats_of(y, bpm) - late_s)
    return made


def speech(seconds: float) -> np.ndarray:
    """Return a voice that speaks."""
    if shutil.which("espeak-ng") is None:
        return songs.speech_like(seconds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        subprocess.run(["espeak-ng", "-w", str(path), TEXT * 4], check=True)
        y, rate = soundfile.read(path)
    return resample_poly(y, SAMPLE_RATE, rate)[: round(seconds * SAMPLE_RATE)]


def negatives() -> dict[str, np.ndarray]:
    """Return a minute of sounds without a beat, by name."""
    return {
        "pink noise, -20 dB": signals.pink(60, -20, 7),
        "white noise": 0.1 * signals.white(60),
        "speech": speech(60),
        "pads": songs.pads(60),
        "hum": signals.hum(60, -40),
        "fan": signals.fan(60, -40),
        "applause of 60": songs.applause(60),
        "applause of 9": songs.applause(60, 9, 8),
        "a crowd's voices": songs.crowd(60),
    }


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--default-range", action="store_true")
    parser.add_argument("--songs", type=Path, default=Path("/usr/share/games/frozen-bubble/snd"), metavar="FOLDER")
    args = parser.parse_args()
    usual = BeatValues(70.0, 180.0, 4)
    print(f"{platform.platform()}, Python {platform.python_version()}, numpy {np.__version__}\n")
    print("| song | F | lock, s | error, ms | p95 | tempo | bar |\n|---|---|---|---|---|---|---|")
    for name, song in synthetic(args.seconds):
        if args.only in name:
            values = usual if args.default_range else range_of(song.beats)
            print(row(name, song.y, song.beats, song.bars, values), flush=True)
    if args.only in "real":
        print()
        for name, (y, beats) in real(args.songs, 90.0).items():
            print(row(name, y, beats, np.zeros(0), usual), flush=True)
    if args.only in "none":
        print("\n| a minute of | beats reported |\n|---|---|")
        for name, y in negatives().items():
            print(f"| {name} | {len(track(y, usual)[0])} |", flush=True)


if __name__ == "__main__":
    main()
