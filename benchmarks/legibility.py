"""What can be seen of music: hits as peaks of motion, scenes that are held and left, songs that differ.

    python benchmarks/legibility.py LOOK... [--songs WORD] [--seconds 20] [--size 256] [--fps 30] [--sheet FOLDER]
    python benchmarks/legibility.py --clip CLIP --hits HITS.json [--bpm 120]

A LOOK is a preset's name, a file of one, or "start": what a show starts with. Songs are made here, with known hits;
the demo's are known too; of sound files only motion is measured. ``--hits`` is {"kick": [seconds], ...} of a clip.

hits       share of kicks, snares and hats that show as a peak of motion within 80 ms, in the part of the picture where
           they show best; then the share of moments away from them that look like one, too
a bar, 8   how much of a picture is still there one and eight bars later; 0: as little as of another seed's
grey       mean change from picture to picture, grey levels; low .. air: where only this band is heard
colour     standard deviation of chroma over all pixels, grey levels
flashes    most in a second, general and red; clip: share of values that are 0 or 255
songs      how different the pictures of two songs are: 0 alike, 1 as different as two seeds
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
import seen
from played import BEAT_COUNT, HEARD, KINDS, MADE, Song, demo, from_file, made, open_any, play, values_of

from bandwalk.commands.sheet import arranged, save
from bandwalk.output.caption import caption
from bandwalk.output.flash_cells import to_cells, to_light
from bandwalk.output.flashes import FlashMeter
from bandwalk.units import SAMPLE_RATE

SETTLED_S = 2.0
MOTION_S = 6.0


@dataclass(frozen=True)
class Row:
    """What was measured of one clip."""

    hits: dict
    bar: float
    eight: float
    grey: float
    colour: float
    flashes: tuple
    clip: float


def measure(frames, fps, hits, bar_s, by_chance):
    """Return what is seen in a clip from SETTLED_S on; hits: of each kind (part, what is seen) by falling score."""
    first = round(SETTLED_S * fps)
    part_of = {}
    motions = seen.motions(frames[first:])
    for kind, times in hits.items():
        at = np.asarray(times) - first / fps
        found = [(part, seen.hits_seen(motions[part], at, fps, seen.VISIBLE[part])) for part in seen.PARTS]
        part_of[kind] = sorted(found, key=lambda pair: -pair[1].score)
    rest = frames[first:]
    bar, eight = (seen.held(rest, n * bar_s, fps, by_chance) if bar_s else float("nan") for n in (1, 8))
    return Row(
        part_of, bar, eight, seen.grey_motion(rest), seen.colour_spread(rest), flashes(frames, fps), seen.clipped(rest)
    )


def flashes(frames, fps):
    """Return the most flashes in a second, general and red."""
    meter, worst = FlashMeter(), (0.0, 0.0)
    for k, rgb in enumerate(frames):
        meter.step(to_light(to_cells(rgb)), k / fps)
        worst = tuple(map(max, worst, meter.flashes()))
    return worst


def print_row(look, song, row):
    """Print a line of the table."""
    cells = []
    for kind in KINDS:
        if kind not in row.hits:
            cells.append(" " * 21)
            continue
        part, found = row.hits[kind][0]
        cells.append(f"{part:>9} {found.share:4.2f} / {found.between:4.2f}")
    print(
        f"{look:12} {song:21}"
        + " ".join(cells)
        + f"  {row.bar:5.2f} {row.eight:5.2f}  {row.grey:5.1f} {row.colour:5.1f}"
        f"  {row.flashes[0]:3.1f} {row.flashes[1]:3.1f}  {100 * row.clip:4.1f} %",
        flush=True,
    )


def strip(frames, fps, n=10):
    """Return pictures a second apart."""
    return [
        frames[min(len(frames) - 1, round((SETTLED_S + k * max(1.0, (len(frames) / fps - SETTLED_S) / n)) * fps))]
        for k in range(n)
    ]


def hit_strip(frames, fps, hits, n=10):
    """Return neighbouring pictures from just before a kick on."""
    later = [t for t in hits.get("kick", ()) if t > 4.0]
    first = max(0, int((later[0] if later else 4.0) * fps))
    return frames[first : first + n]


def tile(rgb, side, text):
    """Return a small picture over its caption."""
    small = seen.shrink(rgb.astype(np.float32), side).astype(np.uint8)
    return np.concatenate([small, caption(text, side)])


def main():
    """Print one table; draw sheets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("looks", nargs="*", metavar="LOOK")
    parser.add_argument("--songs", default="", help="a part of the songs' names; or files")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--bands", action="store_true", help="also measure the motion of each band alone")
    parser.add_argument("--file", type=Path, action="append", default=[], help="a sound file more")
    parser.add_argument("--sheet", type=Path, help="folder for a sheet of each look")
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--hits", type=Path)
    parser.add_argument("--bpm", type=float, default=0.0)
    args = parser.parse_args()
    print(f"{'':34}{'kicks':>21} {'snares':>21} {'hats':>21}  a bar     8   grey colour  flashes  clip")
    if args.clip:
        measure_clip(args)
        return
    played = [made(name, args.seconds) for name in MADE] + [demo(args.seconds)]
    played += [from_file(path, args.seconds) for path in args.file]
    played = [song for song in played if args.songs in song.name]
    G = open_any(args.size)
    for look in args.looks:
        measure_look(look, G, played, args)


def measure_look(look, G, played, args):
    """Print a look's lines."""
    values = values_of(look, G, args.size, args.fps)
    name = Path(look).stem
    silent = Song("", np.zeros(4800, np.float32), {}, 0.0)
    seeds = [play(G, {**values, "/style/seed": seed}, silent, 1.0)[0] for seed in range(101, 111)]
    by_chance = seen.unrelated(seeds)
    clips, tiles = [], []
    for song in played:
        frames = play(G, values, song, args.fps)
        print_row(name, song.name, measure(frames, args.fps, song.hits, song.bar_s, by_chance))
        clips.append(frames[:: max(1, round(args.fps / 5))])
        tiles += [
            tile(rgb, args.side, f"{name} {song.name[:5].strip()} {k}" if k == 0 else "")
            for k, rgb in enumerate(strip(frames, args.fps))
        ]
        if song is played[0]:
            tiles += [
                tile(rgb, args.side, "kick" if k == 1 else "")
                for k, rgb in enumerate(hit_strip(frames, args.fps, song.hits))
            ]
    if len(clips) > 1:
        apart = [seen.difference(a, b, by_chance) for i, a in enumerate(clips) for b in clips[:i]]
        print(f"{name:12} songs {np.mean(apart):.2f}  unrelated seeds correlate {by_chance:.2f}", flush=True)
    if args.bands:
        part = replace(played[0], y=played[0].y[: round(MOTION_S * SAMPLE_RATE)])
        rest = [
            seen.grey_motion(play(G, values, part, args.fps, only=k)[round(SETTLED_S * args.fps) :])
            for k in range(len(HEARD))
        ]
        print(
            f"{name:12} grey by band " + " ".join(f"{band} {x:.1f}" for band, x in zip(HEARD, rest, strict=True)),
            flush=True,
        )
    if args.sheet:
        args.sheet.mkdir(parents=True, exist_ok=True)
        save(arranged(tiles, 10), args.sheet / f"{name}.jpg")


def measure_clip(args):
    """Print the line of a clip."""
    with av.open(str(args.clip)) as container:
        fps = float(container.streams.video[0].average_rate)
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    hits = json.loads(args.hits.read_text()) if args.hits else {}
    bar_s = BEAT_COUNT * 60 / args.bpm if args.bpm else 0.0
    print_row(args.clip.stem[:12], "", measure(frames, fps, hits, bar_s, 0.0))


if __name__ == "__main__":
    main()
