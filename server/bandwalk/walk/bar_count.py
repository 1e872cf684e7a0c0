"""Counts beats so that bars are whole multiples, and says how many passed in a step."""

from bandwalk.records import Beat

_FASTEST = 2.0
"""In a step no more beats pass than this times the tempo: what is more is a jump of the clock."""


class BarCount:
    """The beats of a show as walks see them.

    Attributes:
        beats:  since the start; multiples of beats_per_bar begin a bar. It follows the clock where that jumps.
        passed: beats in the newest step, 0 or more, without jumps.
    """

    def __init__(self) -> None:
        self.beats = self.passed = 0.0
        self._before: float | None = None

    def step(self, beat: Beat, beats_per_bar: int, dt_s: float) -> None:
        """Count on to where the clock is at the end of a step of dt_s seconds."""
        before = beat.beats if self._before is None else self._before
        advance, self._before = beat.beats - before, beat.beats
        in_bar = beat.bar_phase * beats_per_bar
        self.beats = in_bar + beats_per_bar * round((self.beats + advance - in_bar) / beats_per_bar)
        self.passed = min(max(advance, 0.0), _FASTEST * beat.bpm / 60.0 * dt_s)
