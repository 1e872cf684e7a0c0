"""What the autopilot does over a song, played again and again without a pause: when, what, and why.

    python benchmarks/autopilot.py [SONG] [--minutes 10] [--bars 16]

Nothing is drawn. "off" is how far a landing is from the nearest bar of the demo track, milliseconds; of a song nobody
knows its bars.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from played import decoded

from bandwalk.analysis import Analyzer
from bandwalk.audio.demo import SEED, Track
from bandwalk.audio.demo_score import BAR
from bandwalk.params import defaults
from bandwalk.pipeline import stage_values as plain
from bandwalk.pipeline.beat_clock import BeatClock
from bandwalk.pipeline.glide import Glider
from bandwalk.pipeline.scenes import Autopilot, Change, Conductor
from bandwalk.records import Block
from bandwalk.units import SAMPLE_RATE

NAMES = ("tide", "traffic", "drummer", "bloom", "glass")
STEP_S = 0.01


class Stage:
    """Takes what the conductor says."""

    def __init__(self, values):
        self.values = values

    def set(self, change):
        """Return the values: nothing is drawn."""
        return self.values

    def tell(self, told):
        """Nobody listens."""


def blocks(song: str, seconds: float) -> Iterator[Block]:
    """Yield the demo track or a song, as long as wanted, in blocks of 0.1 s."""
    y = decoded(song) if song else Track(SEED).whole().mean(axis=1).astype(np.float32)
    for end in range(4800, int(seconds * SAMPLE_RATE), 4800):
        yield Block(np.take(y, range(end - 4800, end), mode="wrap"), end, end / SAMPLE_RATE)


def main() -> None:
    """Print one line for each landing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("song", nargs="?", default="")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--bars", type=int, default=16)
    args = parser.parse_args()
    values = defaults() | {"/auto/enabled": True, "/auto/bars": args.bars}
    glider, clock = Glider(), BeatClock(STEP_S, 120.0)

    def wanted():
        name = pilot.choose([name for name in NAMES if name != conductor.told.current])
        pilot.offer(Change(name, {}))

    pilot = Autopilot(1, wanted)
    conductor = Conductor(glider, Stage(values), pilot)
    analyzer, beats, shown = Analyzer(plain.ear(values), step_rate=1 / STEP_S), 0.0, ""
    for block in blocks(args.song, args.minutes * 60):
        for heard in analyzer.process(block):
            beat = clock.step(heard.beat, heard.t_audio, plain.beat_clock(values))
            features = replace(heard, beat=beat, t_capture=heard.t_audio)
            glider.step(STEP_S, beat.beats - beats)
            beats = beat.beats
            conductor.step(features, values)
            told = conductor.told
            if told.current != shown:
                shown = told.current
                bar_s = BAR / SAMPLE_RATE
                off = "" if args.song else f"off {1e3 * ((heard.t_audio + bar_s / 2) % bar_s - bar_s / 2):+.0f} ms"
                print(f"{heard.t_audio:7.2f} s  {told.auto:32} {beat.bpm:6.1f} bpm  {off}", flush=True)


if __name__ == "__main__":
    main()
