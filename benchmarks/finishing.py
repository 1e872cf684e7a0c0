"""Cost of what is done to a drawn picture: colour, feedback, the limiter of flashes, each on one thread.

    python benchmarks/finishing.py [--size 512] [--frames 200]

Pictures are the embedded model's, which move as at a loud song. Prints median and fastest milliseconds a picture.
"""

import argparse
import os
import platform
import statistics
import time

import numpy as np
import torch

from bandwalk.cli.environment import ensure_environment
from bandwalk.generator import load
from bandwalk.output.colour import Colour, recolour
from bandwalk.output.feedback import Feedback, Trail
from bandwalk.output.flash_limiter import FlashLimiter
from bandwalk.units import seed_to_z

FPS = 30
LOOK = Colour(hue=40.0, saturation=1.3)
CURVED = Colour(hue=40.0, saturation=1.3, contrast=1.2, gamma=0.9)
TRAIL = Trail(0.7, zoom=1.3, rotate=20.0)


def drawn(size, n=12):
    """Return pictures on a straight way between two seeds."""
    G = load("builtin", size=size)
    ends = [G.map(seed_to_z(seed, G.z_dim)[None]) for seed in (1, 2)]
    return [G.render(torch.lerp(*ends, 0.02 * k)) for k in range(n)]


def timed(name, step, frames):
    """Print how long one step takes."""
    times = []
    for k in range(frames):
        begun = time.perf_counter()
        step(k)
        times.append((time.perf_counter() - begun) * 1e3)
    print(f"{name:36s} median {statistics.median(times):6.2f}   fastest {min(times):6.2f} ms")


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--frames", type=int, default=200)
    args = parser.parse_args()
    ensure_environment()
    torch.set_num_threads(1)
    pictures = drawn(args.size)
    there_and_back = [*pictures, *pictures[::-1]]
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}: {args.size} px, one thread")

    def picture(k):
        return there_and_back[k % len(there_and_back)]

    feedback, limiter, all_feedback, all_limiter = Feedback(), FlashLimiter(), Feedback(), FlashLimiter()
    busy = FlashLimiter()
    flicker = np.zeros_like(pictures[0]), np.full_like(pictures[0], 255)
    timed("colour", lambda k: recolour(picture(k), LOOK), args.frames)
    timed("colour with a curve", lambda k: recolour(picture(k), CURVED), args.frames)
    timed("feedback", lambda k: feedback.step(picture(k), TRAIL, k / FPS), args.frames)
    timed("limiter", lambda k: limiter.step(picture(k), 1.0, k / FPS), args.frames)
    timed("limiter at work", lambda k: busy.step(flicker[k // 2 % 2], 1.0, k / FPS), args.frames)

    def everything(k):
        rgb = all_feedback.step(recolour(picture(k), LOOK), TRAIL, k / FPS)
        all_limiter.step(rgb, 1.0, k / FPS)

    timed("colour, feedback and limiter", everything, args.frames)


if __name__ == "__main__":
    main()
