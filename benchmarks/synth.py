"""Time of a StyleGAN's picture: plain reference, our fast path, half precision, OpenVINO, the official programs.

    python benchmarks/synth.py [--networks sg2-256-8192 sg3-t-256-8192 ...] [--paths reference float32 openvino]
                               [--official FOLDER] [--frames 30] [--threads 1] [--device cpu]

Networks of the published shapes with random weights, named family-size-base. Batch 1; each frame has its own styles.
The paths draw it in turn in one run with the same weights, so that other load affects all of them. Three rounds of
warm-up are not counted. Half precision is bfloat16 on the CPU and float16 on a GPU. Times are the CPU's of this process
for each thread, so that other programs count little, or those of a GPU's own events.

``times`` is the first path's time divided by the path's: the median over the frames. GFLOP/s count multiplications and
additions of the fast path's convolutions, for every path; ``share`` is their part of the speed of convolutions on a map
that suits the device (``peak``). ``error`` is the root of the mean square difference from the first path, in percent of
the picture's standard deviation, over all frames. The server's environment (passive OpenMP waiting, glibc's malloc
thresholds) matters; the first lines say whether it is set.

With --official, the official programs (stylegan3's or stylegan2-ada-pytorch's) draw too. They are imported from a
folder that holds them; nothing is fetched. Without them: the reference takes 1.11 times their time at 256 px, 1.14 at
512.
"""

import argparse
import importlib.util
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
from bandwalk.generator.engines import LiveSynthesis, compile_network, convert_synthesis
from bandwalk.generator.model_file import Fast
from bandwalk.generator.precision import full_precision
from bandwalk.generator.stylegan1 import StyleGAN1
from bandwalk.generator.stylegan2 import StyleGAN2
from bandwalk.generator.stylegan3 import StyleGAN3
from bandwalk.machine import processor_name

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import random_networks
from official import official_draw
from random_networks import DIM

WARM_UP = 3
PATHS = ("reference", "float32", "winograd", "half", "openvino", "official")
USUAL_PATHS = ("reference", "float32", "winograd", "openvino")
COLUMNS = ("network", 16), ("path", 9), ("ms", 8), ("p95", 8), ("times", 7), ("GFLOP", 7), ("GFLOP/s", 8), ("share", 6)
USUAL_NETWORKS = ("sg2-256-8192", "sg2-512-8192", "sg2-1024-32768", "sg3-t-256-8192", "sg3-r-256-8192")

AT_REST = Effects()

Draw = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Network:
    """The functions that draw styles [num_ws, w_dim], by path."""

    num_ws: int
    draws: dict[str, Draw]
    gflop: float  # of a picture


def prepare(name: str, args: argparse.Namespace) -> Network:
    """Prepare the wanted paths of a network."""
    kind, size, base = name.rsplit("-", 2)
    make, family = KINDS[kind]
    snapshot, device = make(int(size), int(base)), args.device
    G = family(snapshot, device=device, exact=True)
    weights = G.read(snapshot, device)
    full = G.prepare_fast(weights)
    plane = () if weights.transform is None else (weights.transform,)
    ways: dict[str, Callable[[], Draw]] = {
        "reference": lambda: lambda ws: G.draw_reference(weights, (ws[None], *plane), AT_REST),
        "float32": lambda: at_rest(full, plane),
        "winograd": lambda: at_rest(full.in_tiles(), plane),
        "half": lambda: at_rest(full.in_precision(half_of(device)), plane),
        "openvino": lambda: by_openvino(full.in_maps(), plane, weights.num_ws, args.threads),
        "official": lambda: official_draw(args.official, kind, snapshot),
    }
    gflop = count_gflop(ways["float32"](), weights.num_ws, device)
    return Network(weights.num_ws, {path: ways[path]() for path in args.paths}, gflop)


def by_openvino(fast: Fast, plane: tuple[torch.Tensor, ...], num_ws: int, threads: int) -> Draw:
    """Return what draws styles by OpenVINO."""
    synthesis = LiveSynthesis(fast.draw, (torch.zeros(num_ws, DIM), *plane), AT_REST)
    draw = compile_network(convert_synthesis(synthesis), threads)
    return lambda ws: draw(ws, *plane)


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
    """Return a picture and its milliseconds: of CPU for each thread, or between two events of the GPU."""
    if device.type != "cuda":
        start = time.process_time()
        img = draw()
        return img, 1e3 * (time.process_time() - start) / torch.get_num_threads()
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


def measure_copy() -> float:
    """Return GB/s, read and written, of a copy of 256 MB in memory: the best of five."""
    x = torch.zeros(64 << 20)
    y = torch.empty_like(x)
    best = min(timed(lambda: y.copy_(x), torch.device("cpu"))[1] for _ in range(5))
    return 2e-6 * 4 * x.numel() / best


def count_gflop(draw: Draw, num_ws: int, device: torch.device) -> float:
    """Return the GFLOP of a picture."""
    with FlopCounterMode(display=False) as counter:
        draw(torch.zeros(num_ws, DIM, device=device))
    return float(counter.get_total_flops()) / 1e9


def report(name: str, peak: float, args: argparse.Namespace) -> None:
    """Measure one network, print a line for each path."""
    network = prepare(name, args)
    times, errors = measure(network, args.paths, args.frames, args.device)
    for path, ms in times.items():
        median, p95 = np.median(ms), np.percentile(ms, 95)
        ratio = np.median(times[args.paths[0]] / ms)  # per frame, because its paths ran under the same load
        speed = 1e3 * network.gflop / median
        row = (name, path, f"{median:.1f}", f"{p95:.1f}", f"{ratio:.2f}x", f"{network.gflop:.1f}", f"{speed:.0f}")
        row = *row, f"{speed / peak:.0%}"
        cells = (f"{cell:>{width}}" for cell, (_, width) in zip(row, COLUMNS, strict=True))
        print(" ".join(cells), f"{errors[path]:>8.3f}", flush=True)


def half_of(device: torch.device) -> torch.dtype:
    """Return the half-precision type of a device."""
    return torch.float16 if device.type == "cuda" else torch.bfloat16


def describe(args: argparse.Namespace) -> float:
    """Print the machine, and the head of the table; return GFLOP/s of float32."""
    device, threads = args.device, f"{args.threads} thread(s) of {os.cpu_count()} cores"
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{processor_name()}, {threads}"
    print(f"{name}; Python {platform.python_version()}, torch {torch.__version__}")
    peak, short = (measure_peak(dtype, device) for dtype in (torch.float32, half_of(device)))
    print(f"peak of convolutions, GFLOP/s: {peak:.0f} in float32, {short:.0f} in {half_of(device)}")
    print(f"a copy in memory, GB/s: {measure_copy():.1f}")
    missing = [variable for variable in ENVIRONMENT if variable not in os.environ]
    print(f"environment: {'not set: ' + ', '.join(missing) if missing else 'as the server sets it'}")
    print(" ".join(f"{title:>{width}}" for title, width in COLUMNS), f"{'error %':>8}", flush=True)
    return peak


def parse() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=list(USUAL_NETWORKS), help=f"of {', '.join(KINDS)}")
    parser.add_argument("--paths", nargs="+", choices=PATHS, help="the first is compared with")
    parser.add_argument("--official", type=Path, help="folder that holds the official programs; adds their path")
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--device", type=torch.device, default=device)
    args = parser.parse_args()
    if args.paths is None:
        usual = USUAL_PATHS if importlib.util.find_spec("openvino") and args.device.type == "cpu" else USUAL_PATHS[:-1]
        args.paths = [*(["official"] if args.official else []), *usual]
    if "official" in args.paths and args.official is None:
        parser.error("--paths official: needs --official FOLDER")
    return args


def main() -> None:
    """Print one table."""
    args = parse()
    torch.set_num_threads(args.threads)
    with torch.inference_mode(), full_precision():
        peak = describe(args)
        for name in args.networks:
            report(name, peak, args)


if __name__ == "__main__":
    main()
