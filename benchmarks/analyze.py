"""Time of the analysis: CPU time of a step, share of a core, and speed offline.

    python benchmarks/analyze.py [--seconds 30] [--repeats 5] [--step-rate 100]

Generated drums and a lead go through the analyzer in blocks of several sizes, as from a card and from a file. Each
figure is the median of the repeats, after one to warm up. CPU time is that of the whole process, including threads of
a linear algebra library. In the last row a band's edge moves all the time: filters are designed again, and two sets of
them run in parallel.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy

from bandwalk.analysis import Analyzer
from bandwalk.params import defaults
from bandwalk.records import BANDS, BandValues, BeatValues, Block, EarValues
from bandwalk.units import SAMPLE_RATE

BLOCKS = (128, 480, 4096)
LIMIT_PERCENT = 2.0


def to_values() -> EarValues:
    """Return the table's defaults for the analysis."""
    table = defaults()
    names = BandValues.__dataclass_fields__
    bands = tuple(BandValues(**{name: table[f"/band/{band}/{name}"] for name in names}) for band in BANDS)
    beat = BeatValues(*(table[f"/beat/{name}"] for name in BeatValues.__dataclass_fields__))
    return EarValues(table["/audio/gain"], table["/audio/floor_db"], bands, beat)


def with_edge(values: EarValues, f_hi: float) -> EarValues:
    """Return values with a different upper edge of the lowest band."""
    return replace(values, bands=(replace(values.bands[0], f_hi=f_hi), *values.bands[1:]))


def make_sound(seconds: float) -> np.ndarray:
    """Return kicks at 124 bpm, a lead and noise: [n] float32."""
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    since = t % (60 / 124)
    y = 0.7 * np.sin(2 * np.pi * 55 * since) * np.exp(-since / 0.1) + 0.1 * np.sin(2 * np.pi * 880 * t)
    return (y + 0.02 * np.random.default_rng(1).standard_normal(len(t))).astype(np.float32)


def to_blocks(y: np.ndarray, size: int) -> Iterator[Block]:
    """Cut a sound into blocks."""
    for start in range(0, len(y), size):
        part = y[start : start + size]
        yield Block(part, start + len(part), (start + len(part)) / SAMPLE_RATE)


def run(analyzer: Analyzer, blocks: list[Block], turns: list[EarValues]) -> tuple[float, float]:
    """Return (CPU seconds per step, wall seconds) of one run; turns: values to set in turn, one per block."""
    n_steps = 0
    cpu, wall = time.process_time(), time.perf_counter()
    for i, block in enumerate(blocks):
        if turns:
            analyzer.set(turns[i % len(turns)])
        n_steps += len(analyzer.process(block))
    return (time.process_time() - cpu) / n_steps, time.perf_counter() - wall


def row(name: str, runs: list[tuple[float, float]], *, step_rate: float, seconds: float) -> str:
    """Return one line of the table from (CPU seconds per step, wall seconds) pairs; the first one is the warm-up."""
    cpu_s = statistics.median(cpu for cpu, _ in runs[1:])
    wall_s = statistics.median(wall for _, wall in runs[1:])
    return f"{name:>12} {cpu_s * 1e6:12.1f} {cpu_s * step_rate * 100:14.2f} {seconds / wall_s:12.0f}"


def cpu_name() -> str:
    """Return the processor's name if the system gives it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    """Print the machine, the versions and one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="length of the sound")
    parser.add_argument("--repeats", type=int, default=5, help="runs per row, after the warm-up")
    parser.add_argument("--step-rate", type=float, default=100.0, help="analysis steps per second")
    args = parser.parse_args()

    values = to_values()
    knob = [with_edge(values, f_hi) for f_hi in np.geomspace(80, 160, 997).tolist()]
    analyzer = Analyzer(values, step_rate=args.step_rate)
    sound = make_sound(args.seconds)
    print(f"{platform.platform()}, {cpu_name()}")
    print(f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}")
    print(f"{analyzer.step_rate:g} steps a second, {args.seconds:g} s of sound, at most {LIMIT_PERCENT:g} % wanted\n")
    print(f"{'block':>12} {'us a step':>12} {'% of a core':>14} {'x realtime':>12}")
    for size, turns in [*((size, []) for size in BLOCKS), (480, knob)]:
        blocks = list(to_blocks(sound, size))
        runs = [run(analyzer, blocks, turns) for _ in range(args.repeats + 1)]
        name = f"{size}, knob" if turns else str(size)
        print(row(name, runs, step_rate=analyzer.step_rate, seconds=args.seconds))


if __name__ == "__main__":
    main()
