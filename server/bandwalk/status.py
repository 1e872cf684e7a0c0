"""The live status line of a server whose stderr is a terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from bandwalk.records import BANDS, Features
from bandwalk.stats import Tally

_BAR = " ▁▂▃▄▅▆▇█"


class StatusLine:
    """One line that shows how the show does, and one more where something is wrong with the sound that arrives.

    Nothing where stderr is no terminal.
    """

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def show(self, tally: Tally, features: Features | None, now: float, *, watched: bool) -> None:
        """Draw the line anew."""
        if self._live:
            text = line(tally, features, now, watched=watched, width=self._live.console.width)
            self._live.update(Text(text, no_wrap=True, overflow="ellipsis"), refresh=True)


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
