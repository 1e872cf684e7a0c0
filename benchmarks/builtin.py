"""Time of the embedded model: milliseconds per frame, fast path and plain path, and its stages.

    python benchmarks/builtin.py [--sizes 256 512] [--frames 60] [--threads 1]

Frames of different seeds, the paths interleaved in one run, after four frames of warm-up. CPU time is that of the
process, so other programs do not count; wall time is how long a viewer waits. The server's environment (passive OpenMP
waiting, glibc's malloc thresholds) matters: the last line says whether it is set.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable

import numpy as np
import torch

from bandwalk.generator import Generator, load
from bandwalk.units import seed_to_z

WARM_UP = 4
ENVIRONMENT = ("OMP_WAIT_POLICY", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_")


def measure(runs: dict[str, Callable[[torch.Tensor], object]], ws: torch.Tensor) -> dict[str, np.ndarray]:
    """Time each run on each frame of ws, interleaved: [frames, 2] CPU and wall milliseconds."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for k in range(len(ws)):
        for name, run in runs.items():
            cpu, wall = time.process_time(), time.perf_counter()
            run(ws[k : k + 1])
            times[name].append((1e3 * (time.process_time() - cpu), 1e3 * (time.perf_counter() - wall)))
    return {name: np.array(rows[WARM_UP:]) for name, rows in times.items()}


def seeds_to_ws(G: Generator, frames: int) -> torch.Tensor:
    """Return the styles of as many seeds as frames [frames, num_ws, w_dim]."""
    return G.map(np.stack([seed_to_z(seed, G.z_dim) for seed in range(frames)]))


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}, {args.threads} thread(s)")
    print(f"{'size':>5} {'path':>7} {'CPU ms':>8} {'p95':>7} {'wall ms':>8} {'p95':>7}")
    for size in args.sizes:
        fast, plain = load("builtin", size=size), load("builtin", size=size, exact=True)
        ws = seeds_to_ws(fast, args.frames + WARM_UP)
        for name, times in measure({"render": fast.render, "plain": plain.render}, ws).items():
            cpu, wall = np.median(times, axis=0)
            cpu95, wall95 = np.percentile(times, 95, axis=0)
            print(f"{size:>5} {name:>7} {cpu:>8.2f} {cpu95:>7.2f} {wall:>8.2f} {wall95:>7.2f}")
    missing = [name for name in ENVIRONMENT if name not in os.environ]
    print(f"environment: {'not set: ' + ', '.join(missing) if missing else 'as the server sets it'}")


if __name__ == "__main__":
    main()
