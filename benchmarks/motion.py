"""How the picture follows a song: each band's motion against every band's change, and a contact sheet.

    python benchmarks/motion.py SONG [--start 20] [--seconds 20] [--size 128] [--sheet sheet.png]

Each band's walk moves alone; a frame's motion is the mean difference from the frame before, in grey levels. Prints
the correlation of that motion with the rising change of each band over the same frames: the diagonal should stand
out. Then all walks move together, and the motion in silence is measured.
"""

import argparse
from pathlib import Path

import numpy as np

from bandwalk.audio import Feed, Options, open_source
from bandwalk.clock import SteppedClock
from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import defaults
from bandwalk.pipeline import Pipeline
from bandwalk.records import BANDS, Block, Counters
from bandwalk.sheet import save
from bandwalk.stats import Tally

FPS = 30.0


def blocks_of(path, start_s, seconds):
    """Yield the song's blocks from start_s on, their time counted from 0."""
    source = open_source(str(path), Options())
    source.seek(start_s)
    feed = Feed(source, clock=SteppedClock(), counters=Counters(), ends=True)
    for block in feed.blocks():
        if block.t_audio > seconds:
            feed.close()
            return
        yield block


def play(G, blocks, values):
    """Return (frames [n] of rgb, rising change [n, n_bands] in the time of each frame)."""
    pipeline = Pipeline(G, values, step_rate=100.0, encoder=open_encoder("auto"), tally=Tally())
    frames, rises, heard, k = [], [], [], 0
    for block in blocks:
        heard += [np.maximum(features.change, 0) for features in pipeline.hear(block, values)]
        while k / FPS <= block.t_audio:
            frames.append(pipeline.draw(k / FPS, values).rgb)
            # the frame shows the path one step back: what moved it since the last one is heard[:-1]
            rises.append(np.sum(heard[:-1], axis=0) if len(heard) > 1 else np.zeros(len(BANDS)))
            heard, k = heard[-1:], k + 1
    return frames, np.array(rises)


def motion(frames):
    """Return the mean absolute difference of each frame to the one before, grey levels."""
    return np.array([np.abs(a.astype(np.int16) - b).mean() for a, b in zip(frames[1:], frames, strict=False)])


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("song", type=Path)
    parser.add_argument("--start", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--sheet", type=Path)
    args = parser.parse_args()
    G = load("builtin", size=args.size)
    blocks = list(blocks_of(args.song, args.start, args.seconds))
    print(f"{args.song.name}, {args.seconds:g} s from {args.start:g} s\n\nmotion of       correlation with the rise of")
    print(" " * 16 + "".join(f"{band:>8}" for band in BANDS) + "   levels a frame: mean / p95 / max")
    for band in BANDS:
        only = {f"/walk/{other}/enabled": other == band for other in BANDS}
        frames, rises = play(G, blocks, defaults() | only)
        moved = motion(frames)
        row = [np.corrcoef(moved, rises[1:, i])[0, 1] for i in range(len(BANDS))]
        figures = f"{moved.mean():.1f} / {np.percentile(moved, 95):.1f} / {moved.max():.1f}"
        print(f"{band:16}" + "".join(f"{r:8.2f}" for r in row) + f"   {figures}")
    frames, _ = play(G, blocks, defaults())
    moved = motion(frames)
    print(f"{'all':40}   {moved.mean():.1f} / {np.percentile(moved, 95):.1f} / {moved.max():.1f}")
    quiet = [Block(np.zeros_like(block.y), block.end, block.t_capture) for block in blocks[:500]]
    print(f"{'silence':40}   {motion(play(G, quiet, defaults())[0]).max():.2f} at most")
    if args.sheet:
        picked = frames[:: max(1, len(frames) // 40)][:40]
        rows = [np.concatenate(picked[i : i + 8], axis=1) for i in range(0, len(picked), 8)]
        save(np.concatenate(rows), args.sheet)


if __name__ == "__main__":
    main()
