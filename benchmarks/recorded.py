"""Do picture and sound of a recording fit, also after an hour?

    python benchmarks/recorded.py [--minutes 60] [--size 128] [--fps 30] [--port-base 23500]

`bandwalk serve` plays a song of clicks, one a second, and records itself. Each recorded JPEG file says for which audio
time it was drawn, and click k was audio time k: how far apart they stand in the file is how much they do not fit. The
table has this for each tenth of the recording. Exit status 1: over 20 ms anywhere, or clicks are missing.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import av
import numpy as np
import soundfile

RATE = 48_000
MAX_APART_S = 0.020
THRESHOLD = 0.3


def write_song(path, seconds):
    """Write silence with a click at the start of each second but the first; a second at a time."""
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
        for k in range(seconds):
            y = np.zeros(RATE)
            y[0] = 0.9 * (k > 0)
            file.write(y)


def pictures_of(path):
    """Return (where it stands, audio time), seconds, of each picture of the file."""
    found = []
    with av.open(str(path)) as file:
        for packet in file.demux(video=0):
            jpeg = bytes(packet)
            if jpeg:
                said = json.loads(jpeg[16 : 4 + int.from_bytes(jpeg[4:6], "big")])
                if "repeat" not in said:
                    found.append((float(packet.pts * packet.time_base), said["t_audio"]))
    return np.array(found)


def clicks_of(path):
    """Return where the clicks stand, seconds."""
    found = []
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            x = np.abs(frame.to_ndarray().reshape(-1, 2)[:, 0].astype(float)) / 2**31
            start = float(frame.pts * frame.time_base)
            found += [start + n / RATE for n in np.flatnonzero(x > THRESHOLD)]
    return np.array(found)


def apart_of(pictures, clicks):
    """Return (audio time, seconds by which the picture stands after the sound) of each picture.

    Args:
        pictures: [n, 2] as of :func:`pictures_of`.   clicks: [m], that of audio time 1 s first.
    """
    begins = np.interp(pictures[:, 1], 1.0 + np.arange(len(clicks)), clicks - 1.0 - np.arange(len(clicks)))
    return np.stack([pictures[:, 1], pictures[:, 0] - pictures[:, 1] - begins], axis=1)


def record(args, folder):
    """Let a show play the song and record itself; return the file."""
    seconds = round(args.minutes * 60)
    song, video = Path(folder) / "clicks.flac", Path(folder) / "show.mkv"
    write_song(song, seconds)
    flags = ["--size", args.size, "--fps", args.fps, "--port-base", args.port_base, "--duration", seconds]
    command = [sys.executable, "-m", "bandwalk", "serve", song, "--record", video, *flags]
    subprocess.run(list(map(str, command)), check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return video


def main():
    """Record, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--port-base", type=int, default=23500)
    args = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {args.minutes:g} minutes, {args.size} px, {args.fps:g} fps")
    with tempfile.TemporaryDirectory() as folder:
        video = record(args, folder)
        pictures, clicks = pictures_of(video), clicks_of(video)
        print(f"{video.stat().st_size / 1e6:.1f} MB, {len(pictures)} pictures, {len(clicks)} clicks")
    apart = apart_of(pictures, clicks)
    print("| part | audio time, s | picture after sound, ms: least | median | most |\n|---|---|---|---|---|")
    for n, part in enumerate(np.array_split(apart, 10)):
        least, most = part[:, 1].min() * 1e3, part[:, 1].max() * 1e3
        print(f"| {n + 1} | {part[-1, 0]:.1f} | {least:+.3f} | {np.median(part[:, 1]) * 1e3:+.3f} | {most:+.3f} |")
    sys.exit(bool(np.abs(apart[:, 1]).max() > MAX_APART_S or len(clicks) < apart[-1, 0] - 2))


if __name__ == "__main__":
    main()
