"""The demo's notes: which sound begins at which sample, composed for 32 bars in A minor at 124 beats a minute.

An intro, a groove, a build, the full track, a break without drums and bass, and the full track again, which leads back
to the start.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from bandwalk.audio import voices
from bandwalk.units import samples_to_s

STEP = 5808
"""Samples of a sixteenth: 123.97 beats a minute."""
BAR = 16 * STEP
BARS = 32
LENGTH = BARS * BAR

LONGEST_BARS = 2
"""No sound reaches further than into the second bar after the one in which it begins."""

# Two bars each: bass note, pad, and the notes of the arpeggio, as MIDI numbers.
CHORDS = (
    (33, (69, 72, 76), (76, 81, 84, 88)),  # A minor
    (29, (69, 72, 77), (77, 81, 84, 89)),  # F
    (36, (67, 72, 76), (76, 79, 84, 88)),  # C
    (31, (67, 71, 74), (74, 79, 83, 86)),  # G
)
# The tune over each chord: at these sixteenths of two bars, of this many sixteenths.
TUNE_STEPS = ((0, 3), (3, 3), (6, 4), (10, 3), (13, 3), (16, 3), (19, 3), (22, 4), (26, 2), (28, 4))
TUNE = (
    (81, 76, 79, 81, 84, 83, 79, 76, 74, 76),
    (81, 77, 79, 81, 84, 86, 84, 81, 79, 77),
    (79, 76, 79, 84, 83, 79, 76, 74, 76, 79),
    (83, 79, 81, 83, 86, 83, 79, 74, 76, 74),
)
PLAYS = {  # bars in which each voice plays
    "kick": (*range(20), *range(24, 32)),
    "snare": (*range(2, 20), *range(24, 32)),
    "clap": (*range(12, 20), *range(24, 31)),
    "bass": (*range(4, 20), *range(24, 32)),
    "hat": (*range(20), *range(24, 32)),
    "pluck": (*range(4), *range(8, 20), *range(24, 32)),
    "lead": (*range(12, 24), *range(24, 30)),
    "pad": tuple(range(32)),
}
BUILDS = (11, 23)
"""Bars with a snare roll and a riser into the next section."""


@dataclass(frozen=True, slots=True)
class Note:
    """One sound of a voice.

    sound: makes it, [n] or [2, n] float32, or has it already.
    at:    sample at which it begins.
    pan:   -1 left .. 1 right.
    """

    voice: str
    sound: Callable[[], np.ndarray]
    at: int
    gain: float
    pan: float = 0.0


def compose(rng: np.random.Generator) -> list[Note]:
    """Return all notes, voice by voice; rng decides the noises and how hard the string is plucked."""
    return [*_drums(rng), *_bass(), *_pads(), *_plucks(rng), *_lead()]


def _drums(rng: np.random.Generator) -> Iterator[Note]:
    kick, snare, clap = voices.kick(), voices.snare(rng), voices.clap(rng)
    closed, opened = voices.hat(rng, 0.022), voices.hat(rng, 0.1)
    for bar in PLAYS["kick"]:
        for step in (0, 4) if bar in BUILDS else (0, 4, 8, 12):
            yield Note("kick", lambda: kick, bar * BAR + step * STEP, 1.0)
    for bar in PLAYS["snare"]:
        for step, gain in (
            ((4, 0.65),) if bar in BUILDS else ((4, 0.65), (12, 0.65)) + (((15, 0.25),) if bar % 4 == 1 else ())
        ):
            yield Note("snare", lambda: snare, bar * BAR + step * STEP, gain)
    for bar in PLAYS["clap"]:
        for step in (4, 12):
            yield Note("clap", lambda: clap, bar * BAR + step * STEP, 0.22)
    for bar in PLAYS["hat"]:
        for step in range(0, 16, 1 if bar >= 12 else 2):
            if step % 4 == 2 and bar >= 4:
                yield Note("hat", lambda: opened, bar * BAR + step * STEP, 0.16, pan=0.25)
            else:
                yield Note("hat", lambda: closed, bar * BAR + step * STEP, (0.16, 0.07, 0.12, 0.07)[step % 4], pan=0.25)
    for bar in BUILDS:
        for step in range(8, 16):
            yield Note("snare", lambda: snare, bar * BAR + step * STEP, 0.1 + 0.06 * (step - 8))
        riser = voices.riser(rng, samples_to_s(BAR))
        yield Note("riser", partial(np.asarray, riser), bar * BAR, 0.2)


def _bass() -> Iterator[Note]:
    for bar in PLAYS["bass"]:
        root = CHORDS[bar // 2 % 4][0]
        for step in (2, 6, 10, 14) + ((15,) if bar % 2 else ()):
            yield Note("bass", partial(voices.bass, root, samples_to_s(2 * STEP)), bar * BAR + step * STEP, 0.45)


def _pads() -> Iterator[Note]:
    chord = cache(_chord)
    for bar in PLAYS["pad"][::2]:
        notes = CHORDS[bar // 2 % 4][1]
        yield Note("pad", partial(chord, notes), bar * BAR, 0.05 if bar in range(20, 24) else 0.032)


def _chord(notes: tuple[int, ...]) -> np.ndarray:
    length_s = samples_to_s(2 * BAR) + 0.8
    return np.stack([voices.pad(notes, length_s, spread) for spread in (0.002, 0.0031)])


def _plucks(rng: np.random.Generator) -> Iterator[Note]:
    order = (0, 2, 1, 3, 2, 1, 0, 2, 3, 1, 2, 0, 1, 3, 2, 1)
    for bar in PLAYS["pluck"]:
        notes = CHORDS[bar // 2 % 4][2]
        level = 0.1 if bar < 4 else 0.12
        for step in range(16):
            accent = 1.0 if step % 16 in (0, 3, 6, 8, 11, 14) else 0.45
            touch = accent * rng.uniform(0.85, 1.1)
            pan = 0.5 * (-1) ** step
            sound = partial(voices.pluck, notes[order[step]])
            yield Note("pluck", sound, bar * BAR + step * STEP, level * touch, pan)


def _lead() -> Iterator[Note]:
    for bar in PLAYS["lead"][::2]:
        for note, (step, steps) in zip(TUNE[bar // 2 % 4], TUNE_STEPS, strict=True):
            yield Note("lead", partial(voices.lead, note, samples_to_s(steps * STEP)), bar * BAR + step * STEP, 0.16)
