"""One clock: of all that can say where the beat is, the one that was chosen, as everything downstream sees it."""

from bandwalk.pipeline.beat_clock.chosen import FACTORS, BeatClock, ClockValues
from bandwalk.pipeline.beat_clock.midi_clock import MidiClock
from bandwalk.pipeline.beat_clock.timebase import Timebase

__all__ = ["FACTORS", "BeatClock", "ClockValues", "MidiClock", "Timebase"]
