"""The published analysis compared with librosa's: is it equal, and how much faster is it?

    pip install librosa
    python benchmarks/published.py SONG [SONG ...] [--rounds 5]

Both start with a file and end with three bands' RMS per step. Decoding counts; imports and the first round do not.
The librosa version follows the published description: librosa.load, butter and filtfilt, librosa.feature.rms. Both run
in turn in one process.
"""

import argparse
import os
import platform
import time
from pathlib import Path

import librosa
import numpy as np
from scipy.signal import butter, filtfilt

from bandwalk.analysis.published_bands import hop_of
from bandwalk.pipeline.whole_song import Outline, published_rms

BPM = 150
STEPS = ((("low", 150),), (("low", 350), ("high", 200)), (("low", 5000), ("high", 500)))


def by_librosa(path):
    """Return the RMS of each band and step, [3, n_steps]."""
    y, rate = librosa.load(path)
    hop = int(rate / (BPM * 16 / 60))
    found = []
    for filters in STEPS:
        band = y
        for kind, f_hz in filters:
            band = filtfilt(*butter(5, f_hz / (rate / 2), kind), band)
        found.append(librosa.feature.rms(y=band, frame_length=hop, hop_length=hop)[0])
    return np.stack(found)


def by_bandwalk(path):
    """Return the same."""
    return published_rms(Path(path), "", Outline(hop_of(BPM)))[0]


def timed(run, path):
    """Return (result, wall seconds, CPU seconds)."""
    wall, cpu = time.perf_counter(), time.process_time()
    rms = run(path)
    return rms, time.perf_counter() - wall, time.process_time() - cpu


def main():
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("songs", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, librosa {librosa.__version__}")
    for song in args.songs:
        times = {by_librosa: [], by_bandwalk: []}
        for _ in range(args.rounds + 1):
            given = []
            for run, taken in times.items():
                rms, *seconds = timed(run, song)
                taken.append(seconds)
                given.append(rms)
        theirs, ours = given
        n = min(theirs.shape[1], ours.shape[1])
        print(f"{Path(song).name}: {theirs.shape[1]} and {ours.shape[1]} steps of {hop_of(BPM)} samples")
        for name, a, b in zip(("low", "mid", "high"), theirs[:, :n], ours[:, :n], strict=True):
            error = np.abs(a - b).max() / a.max()
            print(f"  {name:4}  correlation {np.corrcoef(a, b)[0, 1]:.8f}  largest error {error:.1e} of the maximum")
        (wall_a, cpu_a), (wall_b, cpu_b) = (np.median(taken[1:], axis=0) for taken in times.values())
        print(f"  librosa  {wall_a:.2f} s (CPU {cpu_a:.2f})   bandwalk {wall_b:.2f} s (CPU {cpu_b:.2f})")
        print(f"  {wall_a / wall_b:.2f} times as fast (CPU {cpu_a / cpu_b:.2f})")


if __name__ == "__main__":
    main()
