"""What may move something: a signal that is heard, a low-frequency oscillator, or a learned control.

low/level           a signal, by its address without /feature/
lfo/sine/4          one turn in 4 beats; without a length in 1 beat
midi/1/cc/21        a knob, a key or a wheel of a MIDI device
osc/NAME            an OSC message of another program
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from bandwalk.errors import ParameterError
from bandwalk.params.signals import RANGES

SHAPES = ("sine", "saw", "square", "random")
"""Oscillators. Each begins with the beat; random has a new value each turn, the same at each run."""

MIN_BEATS, MAX_BEATS = 1 / 64, 1024.0

_LFO = re.compile(rf"lfo/({'|'.join(SHAPES)})(?:/(\d{{1,6}}(?:\.\d{{1,6}})?))?")
_CONTROL = re.compile(r"(?:midi|osc)(?:/[A-Za-z0-9_.-]{1,32}){1,8}")


@dataclass(frozen=True, slots=True)
class Mover:
    """What moves something.

    name:   of the signal or the control.
    shape:  one of SHAPES; empty: not an oscillator.
    beats:  of one turn.
    lo, hi: range of the signal.
    """

    name: str
    shape: str = ""
    beats: float = 1.0
    lo: float = 0.0
    hi: float = 1.0

    @property
    def is_heard(self) -> bool:
        """Whether it is heard in the sound."""
        return self.name in RANGES

    def share(self, number: float) -> float:
        """Return a number of the signal as a share of its range, 0..1; -1..1 where it falls as far as it rises."""
        if self.lo == -self.hi:
            return max(-1.0, min(1.0, number / self.hi))
        return max(0.0, min(1.0, (number - self.lo) / (self.hi - self.lo)))


def osc_control(name: str) -> str:
    """Return the name of the control that a controller moves by /control.

    Raises:
        ParameterError: the name does not fit in a route.
    """
    control = f"osc/{name}"
    if not _CONTROL.fullmatch(control):
        raise ParameterError(f"/control {name[:80]}: expected a name of letters, digits, _, . and -; parts by /")
    return control


@lru_cache(maxsize=256)
def parse_mover(text: str) -> Mover | None:
    """Return what a text names; None for an empty one.

    Raises:
        ParameterError: nothing has this name.
    """
    if not text:
        return None
    if text in RANGES:
        return Mover(text, lo=RANGES[text][0], hi=RANGES[text][1])
    match = _LFO.fullmatch(text)
    beats = float(match[2] or 1.0) if match else math.nan
    if match and MIN_BEATS <= beats <= MAX_BEATS:
        return Mover(text, match[1], beats)
    if _CONTROL.fullmatch(text):
        return Mover(text)
    raise ParameterError(
        f"{text[:80]}: unknown, expected a signal as low/level, lfo/{{{','.join(SHAPES)}}}/BEATS with 0.015625 to 1024 "
        "beats, midi/CHANNEL/cc/NUMBER, or osc/NAME"
    )
