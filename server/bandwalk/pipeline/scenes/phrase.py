"""Where the music is among its bars, and where a change that takes some beats may land."""

import math

from bandwalk.records import Beat

SHORTEST = 0.5
"""A glide that begins late still lands on the next line if so much of it is left; it is that much faster."""

_EXACT, _NEAR = 1e-9, 1e-6
"""Beats; bars."""


class Phrase:
    """Counts beats and bars of the chosen clock; phrases begin with a drop, or with a bar that was asked for.

    Attributes:
        bar:   bars since the start.
        beats: since the phrase began; below 0 in the bar before it.
    """

    def __init__(self) -> None:
        self.bar = 0
        self.beats = 0.0
        self._bars = 0  # since the phrase began
        self._per_bar = 4
        self._in_bar = 0.0
        self._counted = 0.0
        self._advance = 0.0  # beats in the newest step

    def step(self, beat: Beat, per_bar: int, *, drop: bool) -> None:
        """Go on by an analysis step."""
        in_bar, before = beat.bar_phase * per_bar, self._in_bar
        self._advance, self._counted = beat.beats - self._counted, beat.beats
        self._per_bar, self._in_bar = per_bar, in_bar
        if in_bar < before:
            self.bar += 1
            self._bars = self._bars + 1 if before > per_bar - 1.0 else 0
        if drop:
            self._bars = 0 if in_bar < per_bar / 2 else -1
        self.beats = self._bars * per_bar + in_bar

    def grid(self, quantum: str) -> float:
        """Return the distance of the lines that a change may land on, beats; 0: it lands anywhere."""
        counts = {"off": 0.0, "beat": 1.0, "bar": float(self._per_bar)}
        return counts[quantum] if quantum in counts else float(quantum.split(maxsplit=1)[0]) * self._per_bar

    def bar_in(self, beats: float) -> int:
        """Return the number of the bar that is so many beats ahead; the first is 1."""
        return self.bar + 1 + math.floor((self._in_bar + beats) / self._per_bar + _NEAR)

    def to_line(self, grid: float) -> float:
        """Return the beats from the end of this step to the next line: above 0, at most grid."""
        return grid - self.beats % grid

    def way(self, grid: float, length: float) -> float | None:
        """Return in how many beats a change that takes length beats lands, if it begins now; None: it waits.

        It lands on the last line that is not further than it takes. A cut (length 0) is made in the step that a line
        is in.
        """
        if not grid:
            return length
        if not length:
            return 0.0 if self.beats % grid < self._advance - _EXACT else None
        next_line = self.to_line(grid)
        if next_line > length + _EXACT:
            return None
        last = next_line + grid * math.floor((length - next_line) / grid + _EXACT)
        return last if last >= SHORTEST * length else None

    def aligned(self, left: float, grid: float) -> float:
        """Return the line nearest to so many beats ahead: a bar that begins elsewhere takes the landing with it."""
        line = self.to_line(grid)
        return line + grid * round((left - line) / grid)
