"""The live status line of a server whose stderr is a terminal."""

import os

from bandwalk.pipeline.stats import Tally
from bandwalk.records import BANDS, Features
from bandwalk.show.terminal import Terminal

_BAR = " ▁▂▃▄▅▆▇█"


class StatusLine:
    """A line that shows how the show does, and one more where something is wrong with the sound that arrives.

    Nothing where stderr is no terminal, or one that knows no commands.
    """

    def __init__(self, terminal: Terminal) -> None:
        knows_commands = os.environ.get("TERM") not in ("dumb", "unknown", None) or "WT_SESSION" in os.environ
        self._terminal = terminal if terminal.isatty() and knows_commands else None

    def show(self, tally: Tally, features: Features | None, now: float, *, watched: bool) -> None:
        """Draw the lines anew; never waits."""
        if self._terminal:
            width = _width_of(self._terminal)
            text = line(tally, features, now, watched=watched, width=width)
            self._terminal.show("\n".join(each[:width] for each in text.split("\n")))


def _width_of(terminal: Terminal) -> int:
    """Return how many letters a line may have, the last column left free; of a terminal that is gone, the usual."""
    try:
        return os.get_terminal_size(terminal.fileno()).columns - 1
    except OSError:
        return 79


def line(tally: Tally, features: Features | None, now: float, *, watched: bool, width: int) -> str:
    """Return the line: frames a second, late frames, input, bands, and each stage's median and p99 in milliseconds.

    In a terminal narrower than the line, names are left out or cut to three letters. What is wrong with the sound
    that arrives stands in a line of its own.
    """
    sound = f"{tally.input.db:.0f} dB"
    begin = f"{tally.frames.fps(now):5.1f} fps  {tally.counters.counts.get('late', 0)} late"
    end = "" if watched else "  (nobody watches)"
    levels = features.level if features is not None else (0.0,) * len(BANDS)
    meters = [_BAR[round(level * (len(_BAR) - 1))] for level in levels]
    stages = tally.stopwatch.read()
    named = " ".join(f"{band} {meter}" for band, meter in zip(BANDS, meters, strict=True))
    times = [(s.stage, s.median_ms, s.p99_ms) for s in stages]
    long = "  ".join([begin, f"in {sound}", named, *(f"{stage} {ms:.1f}/{p99:.0f}" for stage, ms, p99 in times)])
    short = " ".join([begin, sound, "".join(meters), *(f"{stage[:3]} {ms:.0f}/{p99:.0f}" for stage, ms, p99 in times)])
    long, short = long + " ms" + end, short + end
    health = f"\nsound: {tally.input.sentence}" if tally.input.sentence else ""
    return (long if len(long) <= width else short) + health
