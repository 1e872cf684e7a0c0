"""Counts beats so that bars are whole multiples, and says how many passed in a step."""

from bandwalk.records import Beat

_FASTEST = 2.0
"""In a step no more beats pass than this times the tempo: what is more is a jump of the clock."""

_JUMP = 0.125
"""Beats. The count differs by more from what passed: it has jumped."""


class BarCount:
    """The beats of a show as walks see them.

    Attributes:
        beats:  since the start; multiples of beats_per_bar begin a bar. It follows the clock where that jumps.
        passed: beats in the newest step, 0 or more, without jumps.
        has_jumped: whether the clock jumped, or other beats begin the bars.
    """

    def __init__(self) -> None:
        self.beats = self.passed = 0.0
        self.has_jumped = False
        self._before: float | None = None

    def step(self, beat: Beat, beats_per_bar: int, dt_s: float) -> None:
        """Count on to where the clock is at the end of a step of dt_s seconds."""
        pace = beat.bpm / 60.0 * dt_s
        advance = pace if self._before is None else beat.beats - self._before
        before, self._before = self.beats, beat.beats
        in_bar = beat.bar_phase * beats_per_bar
        self.beats = in_bar + beats_per_bar * round((before + advance - in_bar) / beats_per_bar)
        self.passed = min(max(advance, 0.0), _FASTEST * pace)
        self.has_jumped = abs(self.beats - before - self.passed) > _JUMP
