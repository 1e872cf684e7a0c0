"""How the picture follows a song: correlation of each band's motion with every band's change, and a contact sheet.

    python benchmarks/motion.py SONG [--start 20] [--seconds 20] [--size 128] [--sheet sheet.png] [--model FILE]
                                     [--features bands|spectral16|nsynth] [--nsynth FILE]

Each band's walk moves by itself; a frame's motion is the mean difference from the frame before, in grey levels. Prints
the correlation of that motion with the rising change of each band over the same frames: the diagonal should stand
out. Then all walks move together, and the motion in silence is measured.

With sixteen drivers, prints for each style the correlation of its w's motion with its own driver's change and the mean
correlation with the others; then that of the picture with the bands' rises, as above.
"""

import argparse
from pathlib import Path

import numpy as np

from bandwalk.audio import Feed, SourceOptions, open_source
from bandwalk.clock import SteppedClock
from bandwalk.commands.sheet import save
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import defaults
from bandwalk.params.settings import Settings
from bandwalk.pipeline.drawn_size import screen_for
from bandwalk.pipeline.joined_styles import join_styles
from bandwalk.pipeline.models import open_model
from bandwalk.pipeline.open_drivers import open_drivers
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.stats import Tally
from bandwalk.records import BANDS, Block, Counters

FPS = 30.0
BANDS_DRIVE = Settings.of({}).hear


def blocks_of(path, start_s, seconds):
    """Yield the song's blocks from start_s, with their times counted from 0."""
    source = open_source(str(path), SourceOptions())
    source.seek(start_s)
    feed = Feed(source, clock=SteppedClock(), counters=Counters(), ends=True)
    for block in feed.blocks():
        if block.t_audio > seconds:
            feed.close()
            return
        yield block


def play(G, blocks, values, settings=BANDS_DRIVE):
    """Return (frames [n] of rgb, ws [n, num_ws, w_dim], the drives of the walks in the time of each frame).

    The last is [n, n_bands] rising changes, then the drivers' changes if there are any.
    """
    channels = open_drivers(settings, "cpu")
    pipeline = Pipeline(G, values, step_rate=100.0, encoder=open_encoder("auto"), tally=Tally(), drivers=channels)
    frames, ws, followed, steps, k = [], [], [], follow(pipeline.scene.track), 0
    for block in blocks:
        pipeline.hear(block, values)
        while k / FPS <= block.t_audio - pipeline.look_ahead_s:
            picture = pipeline.draw(k / FPS, values)
            frames.append(picture.rgb)
            ws.append(join_styles(G, picture.pose.z, values, by_drivers=picture.pose.by_drivers)[0].numpy())
            # the frame shows the path one step earlier, so the changes until that step count
            due = [change for t, change in steps if t <= k / FPS - pipeline.step_s + 1e-9]
            followed.append(np.sum(due, axis=0) if due else np.zeros_like(steps[0][1]))
            del steps[: len(due)]
            k += 1
    return frames, np.array(ws), np.array(followed)


def follow(track):
    """Return a list that grows by (audio time, drives of the walks) with each step of the track."""
    steps, add = [], track.add

    def noting(features, *rest):
        steps.append((features.t_audio, np.array([*np.maximum(features.change, 0), *features.drivers])))
        add(features, *rest)

    track.add = noting
    return steps


def motion(frames):
    """Return the mean absolute difference of each frame to the one before, grey levels."""
    return np.array([np.abs(a.astype(np.int16) - b).mean() for a, b in zip(frames[1:], frames, strict=False)])


def print_styles(ws, followed):
    """Print how each style's motion follows its driver, and how the picture's follows the bands."""
    moved = np.linalg.norm(np.diff(ws, axis=0), axis=2)  # [n - 1, num_ws]
    channels = followed[1:, len(BANDS) :][:, [i * min(16, ws.shape[1]) // ws.shape[1] for i in range(ws.shape[1])]]
    r = np.corrcoef(moved.T, channels.T)[: ws.shape[1], ws.shape[1] :]
    own, others = np.diag(r), (r.sum(axis=1) - np.diag(r)) / (len(r) - 1)
    print("style with its own driver    " + " ".join(f"{x:5.2f}" for x in own))
    print("mean with the other drivers  " + " ".join(f"{x:5.2f}" for x in others))


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("song", type=Path)
    parser.add_argument("--start", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--features", default="bands")
    parser.add_argument("--nsynth", default="")
    parser.add_argument("--model", default="builtin")
    args = parser.parse_args()
    values = defaults() | {"/out/size": str(args.size)}
    G = open_model(args.model, screen_for(args.model, values, is_chosen=True), device="cpu", exact=False)
    values["/style/psi"] = G.usual_psi
    blocks = list(blocks_of(args.song, args.start, args.seconds))
    print(f"{args.song.name}, {args.seconds:g} s from {args.start:g} s\n\nmotion of       correlation with the rise of")
    print(" " * 16 + "".join(f"{band:>8}" for band in BANDS) + "   levels per frame: mean / p95 / max")
    settings = Settings.of({"features": args.features, "nsynth": args.nsynth}).hear
    for band in BANDS if args.features == "bands" else ():
        only = {f"/walk/{other}/enabled": other == band for other in BANDS}
        frames, _, rises = play(G, blocks, values | only)
        moved = motion(frames)
        row = [np.corrcoef(moved, rises[1:, i])[0, 1] for i in range(len(BANDS))]
        figures = f"{moved.mean():.1f} / {np.percentile(moved, 95):.1f} / {moved.max():.1f}"
        print(f"{band:16}" + "".join(f"{r:8.2f}" for r in row) + f"   {figures}")
    frames, ws, followed = play(G, blocks, values, settings)
    if args.features != "bands":
        print_styles(ws, followed)
    moved = motion(frames)
    r = [np.corrcoef(moved, followed[1:, i])[0, 1] for i in range(len(BANDS))]
    print(
        f"{'all':16}"
        + "".join(f"{x:8.2f}" for x in r)
        + f"   {moved.mean():.1f} / {np.percentile(moved, 95):.1f} / {moved.max():.1f}"
    )
    quiet = [Block(np.zeros_like(block.y), block.end, block.t_capture) for block in blocks[:500]]
    print(f"{'silence':40}   {motion(play(G, quiet, values, settings)[0]).max():.2f} at most")
    if args.sheet:
        picked = frames[:: max(1, len(frames) // 40)][:40]
        rows = [np.concatenate(picked[i : i + 8], axis=1) for i in range(0, len(picked), 8)]
        save(np.concatenate(rows), args.sheet)


if __name__ == "__main__":
    main()
