"""Time of NSynth's encoder at its real size: the stream and the plain network, with one or more threads.

    python benchmarks/nsynth.py [--seconds 4] [--device cpu]

The weights are random. Prints seconds of work per second of sound: below 1 is fast enough for live sound, if nothing
else runs. The best of three runs each, in turn.
"""

import argparse
import time
from collections import defaultdict

import numpy as np
import torch

from bandwalk.analysis.nsynth import HOP, SAMPLE_RATE, NSynthEncoder
from bandwalk.analysis.nsynth.reference import encode_plain
from bandwalk.analysis.nsynth.weights import to_weights, variable_shapes

WIDTH = 128


def random_weights():
    """Return weights of the published shapes."""
    rng = np.random.default_rng(0)
    shapes = variable_shapes(WIDTH)
    return to_weights(lambda name: 0.05 * rng.standard_normal(shapes[name], np.float32))


def flop_a_second():
    """Return the operations for a second of sound: two per weight and sample."""
    return 2 * SAMPLE_RATE * sum(np.prod(shape) for name, shape in variable_shapes(WIDTH).items() if name[-1] == "W")


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    weights = random_weights()
    E = NSynthEncoder(weights, args.device)
    y = 0.3 * torch.randn(1, int(args.seconds * SAMPLE_RATE) // HOP * HOP)
    ways = {"stream": lambda: E.encode(y)}
    if args.device == "cpu":
        ways["conv1d"] = lambda: encode_plain(weights, y)
    best = defaultdict(lambda: float("inf"))
    for _ in range(3):
        for threads in (1, 2):
            torch.set_num_threads(threads)
            for name, encode in ways.items():
                begun = time.perf_counter()
                encode()
                best[name, threads] = min(best[name, threads], time.perf_counter() - begun)
    print(f"torch {torch.__version__}, {args.device}; {flop_a_second() / 1e9:.1f} GFLOP per second of sound")
    for (name, threads), seconds in best.items():
        rate = seconds * SAMPLE_RATE / y.numel()
        gflop = flop_a_second() / rate / 1e9
        print(f"{name:8} {threads} threads   {rate:5.2f} s per second of sound   {gflop:5.0f} GFLOP/s")


if __name__ == "__main__":
    main()
