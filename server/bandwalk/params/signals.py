"""What bandwalk sends, one row for each signal: a part of the table in :mod:`bandwalk.params`.

Rows under ``/feature/`` are what is heard, in the order of :func:`numbers_of`. Each of them may drive anything.
"""

import math
from dataclasses import dataclass

from bandwalk.params.routes import ROUTE_SLOTS
from bandwalk.params.row import INT32, Row
from bandwalk.records import BANDS, PITCHES, THIRDS_HZ, Features


@dataclass(frozen=True, slots=True)
class Signal(Row):
    """One number or text that is sent.

    is_hit: 1 in one step, 0 else; where steps are left out, none is lost.
    source: where the method comes from, for who wants to read on.
    """

    is_hit: bool = False
    source: str = ""


def _band_signals(band: str, of: str) -> tuple[Signal, ...]:
    f = f"/feature/{band}"
    return (
        Signal(f"{f}/level", "f", 0.0, f"How loud {of} is, compared with its loudest recent moment.", 0, 1),
        Signal(
            f"{f}/change",
            "f",
            0.0,
            f"How fast {of} rises or falls, compared with its fastest recent change.",
            -1,
            1,
        ),
        Signal(f"{f}/onset", "i", 0, "1 in the analysis step where a hit begins, else 0.", 0, 1, is_hit=True),
        Signal(f"{f}/rms", "f", 0.0, f"RMS of {of} under a window of 40 ms (Kaiser), linear, unscaled.", 0),
    )


FEATURES: tuple[Signal, ...] = (
    *(row for band in BANDS for row in _band_signals(band, "the band")),
    Signal("/feature/rms", "f", 0.0, "RMS of the whole sound.", 0),
    Signal("/feature/time", "f", 0.0, "Audio time of the step since the server began to hear.", 0, unit="s"),
    *_band_signals("air", "the sound above 5 kHz (hi-hats, cymbals)"),
    Signal("/feature/onset", "i", 0, "1 in the analysis step where any hit begins, else 0.", 0, 1, is_hit=True),
    Signal("/feature/flux", "f", 0.0, "How much begins in this step, compared with the strongest recent hit.", 0, 1),
    Signal("/feature/beat", "i", 0, "1 in the analysis step where a beat begins, else 0.", 0, 1, is_hit=True),
    Signal("/feature/bar", "i", 0, "1 in the analysis step where a bar begins, else 0.", 0, 1, is_hit=True),
    Signal("/feature/phase", "f", 0.0, "Position in the beat: 0 on the beat, rising to 1.", 0, 1),
    Signal("/feature/bar_phase", "f", 0.0, "Position in the bar: 0 on its first beat, rising to 1.", 0, 1),
    Signal("/feature/bpm", "f", 120.0, "Tempo, beats per minute.", 20, 400),
    Signal("/feature/confidence", "f", 0.0, "How sure the beat is. 0: no beat is known.", 0, 1),
    Signal("/feature/loudness", "f", -70.0, "Short-term loudness.", -70, 0, "LUFS", source="ITU-R BS.1770-4"),
    Signal("/feature/energy", "f", 0.0, "How intense this passage is, compared with the last minutes.", 0, 1),
    Signal("/feature/drop", "i", 0, "1 in the step where the energy returns after a break, else 0.", 0, 1, is_hit=True),
    Signal("/feature/break", "i", 0, "1 while the energy has fallen away, else 0.", 0, 1),
    Signal("/feature/silence", "i", 1, "1 while nothing is heard, else 0.", 0, 1),
    Signal("/feature/centroid", "f", 0.0, "How bright the sound is: 0 dark, 1 bright.", 0, 1),
    Signal("/feature/flatness", "f", 0.0, "0: tones; 1: noise.", 0, 1),
    Signal("/feature/percussive", "f", 0.0, "0: held tones; 1: hits.", 0, 1),
    *(Signal(f"/feature/chroma/{name}", "f", 0.0, f"How strong the pitch class {name} is.", 0, 1) for name in PITCHES),
)
"""The numbers of each analysis step."""

SIGNALS: tuple[Signal, ...] = (
    *FEATURES,
    Signal("/feature/key", "s", "", "The key, as c or am; empty: not known. Sent when it changes."),
    Signal("/frame/seq", "i", 0, "Number of the frame.", 0, INT32),
    Signal("/frame/age_ms", "f", 0.0, "Age of the newest sound in the frame when it was published.", 0, unit="ms"),
    Signal("/audio/level_db", "f", -120.0, "Highest peak of the input's channels in the last 0.4 s.", -120, 40, "dB"),
    Signal("/audio/health", "s", "", "What is wrong with the sound that arrives, in words; empty: nothing."),
    Signal("/midi/devices", "s", "", "The open MIDI devices; empty: none."),
    Signal("/midi/learning", "s", "", "The address that waits for a MIDI control; empty: none."),
    Signal("/midi/learned", "s", "", "What was learned last: ADDRESS = CHANNEL/KIND/NUMBER DEVICE."),
    *(
        Signal(f"/route/{slot}/value", "f", 0.0, "Where the route has moved its target, in the target's units.")
        for slot in ROUTE_SLOTS
    ),
    *(
        Signal(f"/spectrum/{hz:g}", "f", 0.0, f"Third-octave at {hz:g} Hz: 0 at -72 dB, 1 full.", 0, 1)
        for hz in THIRDS_HZ
    ),
)
"""What bandwalk sends: features at each analysis step, frames, what routes move; the rest to WebSockets only."""

NAMES = tuple(row.address.removeprefix("/feature/") for row in FEATURES)
"""The names of the features: their addresses without /feature/."""

RANGES = {  # of an amplitude; 1 is the loudest without clipping
    row.address.removeprefix("/feature/"): (float(row.lo), float(row.hi) if math.isfinite(row.hi) else 1.0)
    for row in FEATURES
    if row.address != "/feature/time"
}
"""The range of each feature, by its name; the time has no upper limit, so it has no range."""

HITS = tuple(i for i, row in enumerate(FEATURES) if row.is_hit)
"""Positions of the hits in :data:`FEATURES`."""


def numbers_of(features: Features) -> list[float]:
    """Return the numbers of a step, in the order of :data:`FEATURES`."""
    f, beat, music = features, features.beat, features.music
    bands = zip(f.level, f.change, map(int, f.onset), f.rms, strict=True)
    return [
        *(number for band in bands for number in band),
        *(f.rms_full, f.t_audio),
        *(music.air_level, music.air_change, int(music.air_onset), music.air_rms, int(music.onset), music.flux),
        *(int(beat.beat), int(beat.bar), beat.phase, beat.bar_phase, beat.bpm, beat.confidence),
        *(music.loudness, music.energy, int(music.drop), int(music.breaks), int(music.silence)),
        *(music.centroid, music.flatness, music.percussive),
        *music.chroma,
    ]
