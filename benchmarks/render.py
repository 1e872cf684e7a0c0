"""What a clip costs: seconds against the song's length, each part of a frame, peak memory of a long and a short clip.

    python benchmarks/render.py SONG [--seconds 180] [--sizes 256 512] [--fps 30]

Every clip is rendered by a process of its own, as a user would; imports are in its time. Peak memory is the kernel's
figure of the finished process. The parts are measured one by one, on as many threads as a render takes for them.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch

from bandwalk.launch import ensure_environment
from bandwalk.models import open_model
from bandwalk.output.containers import Look, container_of
from bandwalk.output.movie import Movie
from bandwalk.pipeline import paint
from bandwalk.render.job import job_of, threads_of
from bandwalk.render.plan import shots_of
from bandwalk.startup import resolve

WARM_UP = 4
PARTS = 200  # frames


def rendered(song, out, *flags):
    """Render in a process of its own: (seconds, CPU seconds, peak MB)."""
    child = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
        "u = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(done.returncode, u.ru_utime + u.ru_stime, u.ru_maxrss / 1024)"
    )
    command = [sys.executable, "-m", "bandwalk", "render", song, "-o", str(out), *map(str, flags)]
    begun = time.perf_counter()
    said = subprocess.run([sys.executable, "-c", child, *command], capture_output=True, text=True, check=True).stdout
    status, cpu, peak = map(float, said.split())
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status:.0f}")
    return time.perf_counter() - begun, cpu, peak


def durations(path):
    """What ffprobe says of a clip's streams: {kind: seconds}."""
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_type,duration", "-of", "json", str(path)]
    streams = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    return {stream["codec_type"]: float(stream["duration"]) for stream in streams}


def per_frame(run, n):
    """Return the median (wall, CPU) milliseconds of run(k)."""
    times = []
    for k in range(n):
        wall, cpu = time.perf_counter(), time.process_time()
        run(k)
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return np.median(times[WARM_UP:], axis=0) * 1e3


def parts(song, size, fps):
    """Print what planning, drawing, converting and encoding a frame take."""
    job = job_of(resolve({"out_size": str(size), "out_fps": str(fps), "start": "20"}, song), "clip.mp4")
    G = open_model("builtin", job.values, device="cpu", exact=False)
    plan = shots_of(job, G)
    shots = [next(plan)]
    table = {"plan": per_frame(lambda k: shots.append(next(plan)), PARTS)}
    torch.set_num_threads(threads_of(job))
    pictures = []
    table["draw"] = per_frame(lambda k: pictures.append(paint(G, shots[k], job.values)), PARTS)

    def to_yuv(k):
        av.VideoFrame.from_ndarray(pictures[k], format="rgb24").reformat(format="yuv420p")

    table["to YUV"] = per_frame(to_yuv, PARTS)
    for preset in ("ultrafast", "superfast", "veryfast", "faster"):
        look = Look(size, size, Fraction(fps), 18, preset, 1)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.mp4"
            movie = Movie(path, look, container=container_of(path, look), sound=None)
            wall, cpu = time.perf_counter(), time.process_time()
            for rgb in pictures:
                movie.write(rgb)
            movie.stop()
            taken = np.array([time.perf_counter() - wall, time.process_time() - cpu]) * 1e3 / PARTS
            rate = path.stat().st_size * 8 * fps / PARTS / 1e6
        table[f"write, {preset}"] = (*taken, rate)
    for name, (wall, cpu, *rate) in table.items():
        print(f"    {name:18} {wall:7.2f} ms, CPU {cpu:6.2f}" + "".join(f", {r:.1f} Mbit/s" for r in rate))


def main():
    """Measure and print."""
    ensure_environment()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("song")
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--fps", type=int, default=30)
    args = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        for size in args.sizes:
            common = ("--size", size, "--fps", args.fps)
            seconds, cpu, peak = rendered(args.song, Path(folder) / "long.mp4", "--end", args.seconds, *common)
            _, _, short_peak = rendered(args.song, Path(folder) / "short.mp4", "--end", 20, *common)
            share, cpu_share = seconds / args.seconds, cpu / args.seconds
            print(f"  {size} px: {seconds:.1f} s for {args.seconds:g} s ({share:.0%}; CPU {cpu_share:.0%} of one core)")
            lengths = durations(Path(folder) / "long.mp4")
            apart = abs(lengths["video"] - lengths["audio"]) * args.fps
            print(f"    picture {lengths['video']:.3f} s, sound {lengths['audio']:.3f} s: {apart:.2f} frames apart")
            print(f"    peak memory {peak:.0f} MB, of 20 s {short_peak:.0f} MB")
            parts(args.song, size, args.fps)


if __name__ == "__main__":
    main()
