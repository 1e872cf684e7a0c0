"""Speed of a farm: pictures per second of one process and of workers, in turn, on the same machine.

    python benchmarks/farm.py SONG [--farm local:2] [--model builtin] [--size 256] [--frames 400] [--rounds 3] [--exact]

Workers stay; a round starts when they have drawn some pictures. Nothing is encoded. Prints the median rate of each,
and the median of the ratios of two consecutive runs.
"""

import argparse
import os
import platform
import statistics
import time
from contextlib import ExitStack
from itertools import islice

from bandwalk.pipeline.drawn_size import screen_for
from bandwalk.pipeline.models import open_model
from bandwalk.pipeline.start import resolve
from bandwalk.render.backends import open_farm
from bandwalk.render.job import job_of
from bandwalk.render.plan import frame_inputs_of


def rate(draw, inputs):
    """Return pictures per second, counted after the first quarter."""
    pictures, first = draw(iter(inputs)), len(inputs) // 4
    for _ in islice(pictures, first):
        pass
    begun = time.perf_counter()
    n = sum(1 for _ in pictures)
    return n / (time.perf_counter() - begun)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("song")
    parser.add_argument("--farm", default="local:2")
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--size", default="256")
    parser.add_argument("--frames", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--exact", action="store_true")
    args = parser.parse_args()
    flags = {"model": args.model, "out_size": args.size, "exact": str(int(args.exact)), "threads": "1"}
    rates = {"": [], args.farm: []}
    with ExitStack() as stack:
        draws = {}
        for farm in rates:
            job = job_of(resolve(flags | {"farm": farm}, args.song), "clip.mp4")
            screen = screen_for(args.model, job.values, is_chosen=True)
            G = open_model(args.model, screen, device=job.settings.draw.device, exact=args.exact)
            draws[farm] = stack.enter_context(open_farm(job, G))
        inputs = list(islice(frame_inputs_of([job], G), args.frames))
        for _ in range(args.rounds):
            for farm, draw in draws.items():
                rates[farm].append(rate(draw, inputs))
    alone, farmed = rates.values()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}: {G.name} at {args.size} px")
    print(f"one process, one thread: {statistics.median(alone):.1f} pictures per second")
    print(f"{args.farm}: {statistics.median(farmed):.1f}")
    print(f"ratio: {statistics.median(b / a for a, b in zip(alone, farmed, strict=True)):.2f}")


if __name__ == "__main__":
    main()
