"""What is heard in sounds with known answers: how much steady sounds move a picture, which hits are found.

    python benchmarks/hearing.py [--trials FOLDER] [--pictures LOOK] [--only WORD]

Motion is the length of each band's walk from rising changes, in units of its max_step per 1/40 s: 40 times the mean
rising change, counted from second 3. F is the F-score of onsets within 70 ms of the hits, counted from second 2.
``--pictures`` also draws: mean grey levels per frame of a look, with the embedded model at 128 px and 30 frames per
second, from second 3 to 9; the chords swell for two seconds, and what is held rests two seconds later.
``--trials`` reads WAV files, too, with a truth.json.
"""

import argparse
import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from bandwalk.analysis import Analyzer
from bandwalk.audio.demo import SEED, Track, demo_onsets
from bandwalk.params import defaults
from bandwalk.pipeline import stage_values as plain
from bandwalk.records import Block
from bandwalk.units import SAMPLE_RATE

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import signals

SETTLED_S, HEARD_S, PICTURES_S = 3.0, 2.0, 9.0
TRUTH = {
    "kick124": {0: "kick124"},
    "kickhat124": {0: "kick124", 2: "hats124"},
    "k808": {0: "k808"},
    "hats": {2: "hats"},
    "dnb174": {0: "dnb_kick"},
    "rock110": {1: "rock_snare"},
}


class Table:
    """Everything that one analysis heard: t [n], level, change, onset [n, n_bands]."""

    def __init__(self, y):
        # a sound is [n], or [n, channels]
        analyzer = Analyzer(plain.ear(defaults()), step_rate=100.0)
        steps = [f for block in to_blocks(y) for f in analyzer.process(block)]
        self.t = np.array([f.t_audio for f in steps])
        self.level, self.change, self.onset = (
            np.array([getattr(f, name) for f in steps]) for name in ("level", "change", "onset")
        )

    def motion(self, start_s=SETTLED_S, stop_s=np.inf):
        """Return the motion per second of each band."""
        span = (self.t > start_s) & (self.t <= stop_s)
        return 40 * np.maximum(self.change[span], 0).mean(axis=0)

    def onsets(self, band, start_s=HEARD_S):
        """Return the times of a band's onsets."""
        times = self.t[self.onset[:, band]]
        return times[times > start_s]


def to_blocks(y):
    """Yield a sound as blocks."""
    for stop in range(4800, len(y) + 1, 4800):
        yield Block(to_mono(y[stop - 4800 : stop]).astype(np.float32), stop, 0.0)


def to_mono(y):
    """Mix the channels, which are alike here."""
    return y if y.ndim == 1 else y.mean(axis=1)


def scenes():
    """Return sounds in which something loud comes before or during something quiet."""
    demo = Track(SEED).whole().mean(axis=1).astype(np.float64)
    quiet = signals.db(-30) * demo
    bang = quiet.copy()
    at = 15 * SAMPLE_RATE
    bang[at : at + round(0.4 * SAMPLE_RATE)] += signals.db(-3) * np.sign(signals.white(0.4))
    music = np.tile(demo, 2)
    return demo, {
        "demo at -30 dB": quiet,
        "drops by 20 dB": np.concatenate([demo[: 30 * SAMPLE_RATE], signals.db(-20) * demo[: 30 * SAMPLE_RATE]]),
        "drops by 30 dB": np.concatenate([demo[: 30 * SAMPLE_RATE], quiet[: 30 * SAMPLE_RATE]]),
        "a bang at 15 s": bang,
        "room after music": np.concatenate([demo[: 15 * SAMPLE_RATE], signals.pink(25, -50)]),
        "40 s fade-in": music[: 40 * SAMPLE_RATE] * np.linspace(0, 1, 40 * SAMPLE_RATE) ** 2,
        "a drop after 20 s": np.concatenate([signals.db(-20) * demo[: 20 * SAMPLE_RATE], demo[: 20 * SAMPLE_RATE]]),
    }


def figures(x):
    """Return some numbers as text."""
    return " ".join(f"{v:6.2f}" for v in x)


def print_steady(name, y, grey):
    """Print how much a steady sound moves the picture."""
    table = Table(y)
    level = table.level[table.t > SETTLED_S].mean(axis=0)
    onsets = (table.onset[table.t > SETTLED_S]).sum(axis=0)
    text = f"onsets {onsets}  level {figures(level)}{grey(y)}"
    print(f"{name:22} {figures(table.motion())}  {text}", flush=True)


def print_rhythm(name, y, hits, grey):
    """Print how much a rhythm moves the picture, and how many of its hits are found."""
    table = Table(y)
    found = []
    for band, all_times in hits.items():
        times = np.asarray(all_times)
        times = times[times > HEARD_S]
        onsets = table.onsets(band)
        late = [np.min(np.abs(onsets - t)) for t in times] if len(onsets) else [np.nan]
        found.append(f"band {band}: F {signals.f_score(onsets, times):.2f}, {1e3 * np.median(late):.0f} ms")
    print(f"{name:22} {figures(table.motion())}  {'; '.join(found)}{grey(y)}", flush=True)


def print_scenes():
    """Print the motion in spans around an event, and the levels of the last span."""
    demo, sounds = scenes()
    loud = Table(demo)
    for name, y in sounds.items():
        table = Table(y)
        ends = [0, 10, 15, 16, 18, 20, 25, 30, 32, 34, 38, 45, 60]
        spans = [(a, b) for a, b in pairwise(ends) if b <= len(y) / SAMPLE_RATE]
        print(f"{name:22} " + "  ".join(f"{b}s {'/'.join(f'{m:.1f}' for m in table.motion(a, b))}" for a, b in spans))
        if name == "demo at -30 dB":
            a, b = (np.cumsum(np.maximum(x.change, 0), axis=0) for x in (loud, table))
            off = np.abs(a - b).max(axis=0)
            print(f"{'  path off that at 0 dB':22} {figures(100 * off / a[-1])} %")
            off = np.abs(loud.change - table.change).sum(axis=0)
            print(f"{'  steps off':22} {figures(100 * off / a[-1])} %")
            same = [np.mean(loud.onset[:, k] == table.onset[:, k]) for k in range(3)]
            print(f"{'  onsets alike':22} {figures(same)}")


def grey_of(look, size=128, fps=30):
    """Return a function from a sound to its pictures' grey levels per frame, as text."""
    from played import Song, open_any, play, values_of
    from seen import grey_motion

    G = open_any(size)
    values = values_of(look, G, size, fps)

    def grey(y):
        heard = to_mono(y[: round(PICTURES_S * SAMPLE_RATE)]).astype(np.float32)
        return f"  grey {grey_motion(play(G, values, Song('', heard, {}, 0.0), fps)[round(fps * SETTLED_S) :]):.2f}"

    return grey


def main():
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=Path)
    parser.add_argument("--pictures", metavar="LOOK")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    grey = grey_of(args.pictures) if args.pictures else lambda y: ""
    print(f"{'':22}    low    mid   high  motion per second")
    for name, sound in signals.STEADY.items():
        if args.only in name:
            print_steady(name, sound(12.0), grey)
    for name, make in signals.RHYTHMS.items():
        if args.only in name:
            rhythm = make()
            print_rhythm(name, rhythm.y, rhythm.hits, grey)
    if args.only in "demo":
        print_rhythm(
            "demo", Track(SEED).whole().mean(axis=1), {0: demo_onsets()["kick"], 1: demo_onsets()["snare"]}, grey
        )
    if args.trials:
        truth = json.loads((args.trials / "truth.json").read_text())
        truth["hats124"] = [t + 30 / 124 for t in truth["kick124"]]
        for path in [p for p in sorted(args.trials.glob("*.wav")) if args.only in p.stem]:
            hits = {band: truth[name] for band, name in TRUTH.get(path.stem, {}).items()}
            y = soundfile.read(path)[0]
            (print_rhythm if hits else lambda *a: print_steady(a[0], a[1], a[3]))(path.stem, y, hits, grey)
    if not args.only or args.only == "scenes":
        print_scenes()


if __name__ == "__main__":
    main()
