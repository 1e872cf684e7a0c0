"""What a picture of a StyleGAN costs: the plain reference, the fast path in float32 and in bfloat16.

    python benchmarks/synth.py [--sizes 256 512] [--bases 4096 8192 16384] [--frames 30] [--threads 1]

Networks of the official shapes, with random weights made here: 512 numbers in z and w, 8 mapping layers, and
min(base / resolution, 512) channels. Batch 1; each frame has styles of its own, and the paths take turns on it in one
run, so that what else the machine does falls on all of them. Three rounds of warm-up are not counted.

GFLOP/s count multiplications and additions of the fast path's convolutions, for every path alike; the first line
says what the machine's convolutions reach on a map that suits them. ``error`` is the root of the mean square difference
from the reference, in percent of the picture's spread. The environment that the server gives itself (passive OpenMP
waiting, glibc's malloc thresholds) matters: the last line says whether it is set.
"""

import argparse
import math
import os
import platform
import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan2 import reference
from bandwalk.generator.stylegan2.fast import FastSynthesis
from bandwalk.generator.stylegan2.prepare import prepare

WARM_UP = 3
ENVIRONMENT = ("OMP_WAIT_POLICY", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_")
DIM = 512
PATHS = ("reference", "float32", "bfloat16")

Draw = Callable[[torch.Tensor], torch.Tensor]


def random_stylegan2(size: int, base: int, channel_max: int) -> Snapshot:
    """Return a StyleGAN2 of the PyTorch releases' shapes, skip architecture, clamped at 256 as they are."""
    rng = torch.Generator().manual_seed(size + base)
    tensors = {"mapping.w_avg": torch.zeros(DIM)}
    attrs = {}
    row = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8.0

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=rng)

    for k in range(8):
        tensors |= {f"mapping.fc{k}.weight": draw(DIM, DIM) * 100.0, f"mapping.fc{k}.bias": torch.zeros(DIM)}
    channels = min(base // 4, channel_max)
    tensors["synthesis.b4.const"] = draw(channels, 4, 4)
    for res in (4 << k for k in range(int(math.log2(size)) - 1)):
        out = min(base // res, channel_max)
        place = f"synthesis.b{res}"
        tensors[f"{place}.resample_filter"] = torch.outer(row, row)
        for layer, i, o in (("conv0", channels, out), ("conv1", out, out), ("torgb", out, 3)):
            if (res, layer) == (4, "conv0"):
                continue
            kernel = 1 if layer == "torgb" else 3
            tensors |= {
                f"{place}.{layer}.weight": draw(o, i, kernel, kernel),
                f"{place}.{layer}.bias": draw(o) * 0.1,
                f"{place}.{layer}.affine.weight": draw(i, DIM),
                f"{place}.{layer}.affine.bias": torch.ones(i),
                f"{place}.{layer}.noise_const": draw(res, res),
                f"{place}.{layer}.noise_strength": torch.tensor(0.1),
                f"{place}.{layer}.resample_filter": torch.outer(row, row),
            }
            attrs[f"{place}.{layer}.conv_clamp"] = 256.0
        channels = out
    return Snapshot("persistence", f"{size}, {base}", "", tensors, attrs)


def stylegan2_paths(size: int, base: int, channel_max: int) -> tuple[dict[str, Draw], int]:
    """Return what draws styles [num_ws, w_dim] in each of the paths, and the number of styles."""
    weights = prepare(random_stylegan2(size, base, channel_max))
    fast = FastSynthesis(weights)
    short = fast.in_precision(torch.bfloat16)
    draws: dict[str, Draw] = {
        "reference": lambda ws: reference.draw(weights, ws[None], 1.0),
        "float32": lambda ws: fast.draw(ws, 1.0),
        "bfloat16": lambda ws: short.draw(ws, 1.0),
    }
    return draws, weights.num_ws


def measure(draws: dict[str, Draw], num_ws: int, frames: int) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return milliseconds of each path [frames], and its error in percent."""
    times: dict[str, list[float]] = {path: [] for path in draws}
    errors: dict[str, float] = {}
    rng = torch.Generator().manual_seed(1)
    for _ in range(frames + WARM_UP):
        ws = torch.randn(1, DIM, generator=rng).expand(num_ws, -1)
        exact = None
        for path, draw in draws.items():
            start = time.perf_counter()
            img = draw(ws)
            times[path].append(1e3 * (time.perf_counter() - start))
            exact = img if exact is None else exact
            errors[path] = 100.0 * float((img - exact).square().mean().sqrt() / exact.std())
    return {path: np.array(rows[WARM_UP:]) for path, rows in times.items()}, errors


def measure_peak(dtype: torch.dtype) -> float:
    """Return GFLOP/s of a 3x3 convolution of 256 channels at 64x64, channels-last: the best of ten."""
    x = torch.randn(1, 256, 64, 64).to(dtype, memory_format=torch.channels_last)
    weight = torch.randn(256, 256, 3, 3).to(dtype, memory_format=torch.channels_last)
    best = math.inf
    for _ in range(10):
        start = time.perf_counter()
        F.conv2d(x, weight, padding=1)
        best = min(best, time.perf_counter() - start)
    return 2e-9 * x.numel() * 256 * 9 / best


def count_gflop(draw: Draw, num_ws: int) -> float:
    """Return the GFLOP of a picture."""
    with FlopCounterMode(display=False) as counter:
        draw(torch.zeros(num_ws, DIM))
    return float(counter.get_total_flops()) / 1e9


def report(size: int, base: int, args: argparse.Namespace) -> None:
    """Measure one network, print a line for each path."""
    draws, num_ws = stylegan2_paths(size, base, args.channel_max)
    gflop = count_gflop(draws["float32"], num_ws)
    times, errors = measure({path: draws[path] for path in args.paths}, num_ws, args.frames)
    first = np.median(times[args.paths[0]])
    for path, ms in times.items():
        median, p95 = np.median(ms), np.percentile(ms, 95)
        # Each frame's ratio, then the median: the paths of one frame met the same machine.
        ratio = np.median(times[args.paths[0]] / ms)
        print(
            f"{size:>5} {base:>6} {path:>10} {median:>8.1f} {p95:>8.1f} {ratio:>6.2f}x {first / median:>7.2f}x"
            f" {gflop / median * 1e3:>8.0f} {errors[path]:>7.3f}"
        )


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--bases", type=int, nargs="+", default=[4096, 8192, 16384], help="channel_base")
    parser.add_argument("--channel-max", type=int, default=512)
    parser.add_argument("--paths", nargs="+", choices=PATHS, default=list(PATHS), help="the first is compared with")
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_grad_enabled(False)
    peaks = ", ".join(f"{measure_peak(dtype):.0f} in {dtype}" for dtype in (torch.float32, torch.bfloat16))
    print(f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}, {args.threads} thread(s)")
    print(f"StyleGAN2; convolutions reach {peaks} GFLOP/s")
    header = ("size", 5), ("base", 6), ("path", 10), ("ms", 8), ("p95", 8), ("frame", 7), ("median", 8), ("GFLOP/s", 8)
    print(" ".join(f"{title:>{width}}" for title, width in header), f"{'error %':>7}")
    for size in args.sizes:
        for base in args.bases:
            report(size, base, args)
    missing = [name for name in ENVIRONMENT if name not in os.environ]
    print(f"environment: {'not set: ' + ', '.join(missing) if missing else 'as the server sets it'}")


if __name__ == "__main__":
    main()
