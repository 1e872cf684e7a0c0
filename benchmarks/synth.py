"""Time of a StyleGAN's picture: plain reference, float32, Winograd, half precision.

    python benchmarks/synth.py [--kinds sg1 sg2 sg3-t sg3-r] [--sizes 256 512] [--bases 4096 8192 16384]
                               [--frames 30] [--threads 1] [--device cpu]

Networks of the published shapes with random weights. Batch 1; each frame has its own styles. The paths draw it in turn
in one run with the same weights, so that other load affects all of them. Three rounds of warm-up are not counted. Half
precision is bfloat16 on the CPU and float16 on a GPU; a GPU's times are those of its own events.

``times`` is the reference's time divided by the path's: the median over the frames. GFLOP/s count multiplications and
additions of the fast path's convolutions, for every path; ``peak`` is the speed of the device's convolutions on a
suitable map. ``error`` is the root of the mean square difference from the reference, in
percent of the picture's standard deviation, over all frames. The server's environment (passive OpenMP waiting, glibc's
malloc thresholds) matters; the first lines say whether it is set.
"""

import argparse
import math
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from bandwalk.cli.environment import ENVIRONMENT
from bandwalk.generator.effects import Effects
from bandwalk.generator.model_file import Fast, ModelFile
from bandwalk.generator.precision import full_precision
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan1 import StyleGAN1
from bandwalk.generator.stylegan2 import StyleGAN2
from bandwalk.generator.stylegan3 import StyleGAN3

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import random_networks
from random_networks import DIM

WARM_UP = 3
PATHS = ("reference", "float32", "winograd", "half")
COLUMNS = ("kind", 6), ("size", 5), ("base", 6), ("path", 9), ("ms", 8), ("p95", 8), ("times", 7), ("GFLOP/s", 8)

AT_REST = Effects()

Draw = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Network:
    """The functions that draw styles [num_ws, w_dim], by path."""

    num_ws: int
    draws: dict[str, Draw]


def prepare(family: type[ModelFile], snapshot: Snapshot, device: torch.device, half: torch.dtype) -> Network:
    """Prepare all paths of a network."""
    G = family(snapshot, device=device, exact=True)
    weights = G.read(snapshot, device)
    full = G.prepare_fast(weights)
    plane = () if weights.transform is None else (weights.transform,)
    draws = {
        "reference": lambda ws: G.draw_reference(weights, (ws[None], *plane), AT_REST),
        "float32": at_rest(full, plane),
        "winograd": at_rest(full.in_tiles(), plane),
        "half": at_rest(full.in_precision(half), plane),
    }
    return Network(weights.num_ws, draws)


def at_rest(fast: Fast, plane: tuple[torch.Tensor, ...]) -> Draw:
    """Return what draws styles with no effects."""
    return lambda ws: fast.draw(ws, *plane, AT_REST)


KINDS = {
    "sg1": (random_networks.stylegan1, StyleGAN1),
    "sg2": (random_networks.stylegan2, StyleGAN2),
    "sg3-t": (random_networks.stylegan3_t, StyleGAN3),
    "sg3-r": (random_networks.stylegan3_r, StyleGAN3),
}


def timed(draw: Callable[[], torch.Tensor], device: torch.device) -> tuple[torch.Tensor, float]:
    """Return a picture and its milliseconds: of the clock, or between two events of the GPU."""
    if device.type != "cuda":
        start = time.perf_counter()
        img = draw()
        return img, 1e3 * (time.perf_counter() - start)
    before, after = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    before.record()
    img = draw()
    after.record()
    after.synchronize()
    return img, before.elapsed_time(after)


def measure(network: Network, paths: list[str], frames: int, device: torch.device) -> tuple[dict, dict]:
    """Return milliseconds of each path [frames], and its error in percent."""
    times: dict[str, list[float]] = {path: [] for path in paths}
    missed = dict.fromkeys(paths, 0.0)
    spread = 0.0
    rng = torch.Generator().manual_seed(1)
    for n in range(frames + WARM_UP):
        ws = torch.randn(1, DIM, generator=rng).expand(network.num_ws, -1).to(device)
        drawn = {path: timed(partial(network.draws[path], ws), device) for path in paths}
        if n < WARM_UP:
            continue
        first = drawn[paths[0]][0]
        spread += float(first.var())
        for path, (img, ms) in drawn.items():
            times[path].append(ms)
            missed[path] += float((img - first).square().mean())
    return (
        {path: np.array(ms) for path, ms in times.items()},
        {path: 100.0 * math.sqrt(m / spread) for path, m in missed.items()},
    )


def measure_peak(dtype: torch.dtype, device: torch.device) -> float:
    """Return GFLOP/s of a 3x3 convolution of 256 channels at 64x64, channels-last: the best of ten."""
    x, weight = torch.randn(1, 256, 64, 64), torch.randn(256, 256, 3, 3)
    x, weight = (t.to(device, dtype).contiguous(memory_format=torch.channels_last) for t in (x, weight))
    best = min(timed(lambda: F.conv2d(x, weight, padding=1), device)[1] for _ in range(10))
    return 2e-6 * x.numel() * 256 * 9 / best


def count_gflop(draw: Draw, num_ws: int, device: torch.device) -> float:
    """Return the GFLOP of a picture."""
    with FlopCounterMode(display=False) as counter:
        draw(torch.zeros(num_ws, DIM, device=device))
    return float(counter.get_total_flops()) / 1e9


def report(kind: str, size: int, base: int, args: argparse.Namespace) -> None:
    """Measure one network, print a line for each path."""
    device, half = args.device, half_of(args.device)
    make, family = KINDS[kind]
    network = prepare(family, make(size, base), device, half)
    gflop = count_gflop(network.draws["float32"], network.num_ws, device)
    times, errors = measure(network, args.paths, args.frames, device)
    for path, ms in times.items():
        median, p95 = np.median(ms), np.percentile(ms, 95)
        ratio = np.median(times[args.paths[0]] / ms)  # per frame, because its paths ran under the same load
        name = str(half).removeprefix("torch.") if path == "half" else path
        row = (kind, size, base, name, f"{median:.1f}", f"{p95:.1f}", f"{ratio:.2f}x", f"{1e3 * gflop / median:.0f}")
        cells = (f"{cell:>{width}}" for cell, (_, width) in zip(row, COLUMNS, strict=True))
        print(" ".join(cells), f"{errors[path]:>8.3f}", flush=True)


def half_of(device: torch.device) -> torch.dtype:
    """Return the half-precision type of a device."""
    return torch.float16 if device.type == "cuda" else torch.bfloat16


def describe(args: argparse.Namespace) -> None:
    """Print the machine, and the head of the table."""
    device, threads = args.device, f"{args.threads} thread(s) of {os.cpu_count()} cores"
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{cpu_name()}, {threads}"
    print(f"{name}; Python {platform.python_version()}, torch {torch.__version__}")
    peaks = (f"{measure_peak(dtype, device):.0f} in {dtype}" for dtype in (torch.float32, half_of(device)))
    print(f"peak of convolutions, GFLOP/s: {', '.join(peaks)}")
    missing = [variable for variable in ENVIRONMENT if variable not in os.environ]
    print(f"environment: {'not set: ' + ', '.join(missing) if missing else 'as the server sets it'}")
    print(" ".join(f"{title:>{width}}" for title, width in COLUMNS), f"{'error %':>8}")


def cpu_name() -> str:
    """Return the processor's name from Linux, else its architecture."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def parse() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--bases", type=int, nargs="+", default=[4096, 8192, 16384], help="channel_base")
    parser.add_argument("--paths", nargs="+", choices=PATHS, default=list(PATHS), help="the first is compared with")
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--device", type=torch.device, default=device)
    return parser.parse_args()


def main() -> None:
    """Print one table."""
    args = parse()
    torch.set_num_threads(args.threads)
    with torch.inference_mode(), full_precision():
        describe(args)
        for kind in args.kinds:
            for size in args.sizes:
                for base in args.bases:
                    report(kind, size, base, args)


if __name__ == "__main__":
    main()
