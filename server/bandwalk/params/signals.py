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


FLUX = "spectral flux, Bello et al. 2005"
BEATS = "bar pointer, Krebs, Böck and Widmer 2015"
OWN = "own"


def _hit(address: str, doc: str, source: str) -> Signal:
    return Signal(address, "i", 0, f"1 in the analysis step where {doc}, else 0.", 0, 1, is_hit=True, source=source)


def _share(address: str, doc: str, source: str) -> Signal:
    return Signal(address, "f", 0.0, doc, 0, 1, source=source)


def _band_signals(band: str, of: str) -> tuple[Signal, ...]:
    f = f"/feature/{band}"
    level = f"How loud {of} is, compared with its loudest recent moment."
    change = f"How fast {of} rises or falls, compared with its fastest recent change."
    return (
        _share(f"{f}/level", level, "over minimum statistics, Martin 2001"),
        Signal(f"{f}/change", "f", 0.0, change, -1, 1, source=OWN),
        _hit(f"{f}/onset", "a hit begins", FLUX),
        Signal(f"{f}/rms", "f", 0.0, f"RMS of {of} under a window of 40 ms (Kaiser), linear, unscaled.", 0, source=OWN),
    )


FEATURES: tuple[Signal, ...] = (
    *(row for band in BANDS for row in _band_signals(band, "the band")),
    Signal("/feature/rms", "f", 0.0, "RMS of the whole sound.", 0, source=OWN),
    Signal(
        "/feature/time", "f", 0.0, "Audio time of the step since the server began to hear.", 0, unit="s", source=OWN
    ),
    *_band_signals("air", "the sound above 5 kHz (hi-hats, cymbals)"),
    _hit("/feature/onset", "any hit begins", FLUX),
    _share("/feature/flux", "How much begins in this step, compared with the strongest recent hit.", FLUX),
    _hit("/feature/beat", "a beat begins", BEATS),
    _hit("/feature/bar", "a bar begins", BEATS),
    _share("/feature/phase", "Position in the beat: 0 on the beat, rising to 1.", BEATS),
    _share("/feature/bar_phase", "Position in the bar: 0 on its first beat, rising to 1.", BEATS),
    Signal("/feature/bpm", "f", 120.0, "Tempo, beats per minute.", 20, 400, source=BEATS),
    _share("/feature/confidence", "How sure the beat is. 0: no beat is known.", OWN),
    Signal(
        "/feature/loudness",
        "f",
        -70.0,
        "Short-term loudness (3 s) of the mono mix: up to 3 LU under that of a stereo sound whose sides differ.",
        -70,
        0,
        "LUFS",
        source="ITU-R BS.1770-4, EBU Tech 3341",
    ),
    _share("/feature/energy", "How intense this passage (8 s) is, compared with the last two minutes.", OWN),
    _hit("/feature/drop", "the energy returns after a break", OWN),
    Signal("/feature/break", "i", 0, "1 while the drums are gone or the level has fallen, else 0.", 0, 1, source=OWN),
    Signal("/feature/silence", "i", 1, "1 while nothing is heard, else 0.", 0, 1, source=OWN),
    _share(
        "/feature/centroid", "How bright the sound is: 0 at 60 Hz, 1 at 12 kHz, by octaves.", "centroid, by octaves"
    ),
    _share("/feature/flatness", "0: tones; 1: noise.", "AudioSpectrumFlatness, ISO/IEC 15938-4"),
    _share("/feature/percussive", "0: held tones; 1: hits.", "median filter, FitzGerald 2010, causal"),
    *(
        _share(f"/feature/chroma/{name}", f"How strong the pitch class {name} is.", "chroma, Fujishima 1999")
        for name in PITCHES
    ),
)
"""The numbers of each analysis step."""

SIGNALS: tuple[Signal, ...] = (
    *FEATURES,
    Signal(
        "/feature/key",
        "s",
        "",
        "The key, as c or am; empty: not known. Sent when it changes, to WebSockets only.",
        source="Krumhansl and Schmuckler 1990",
    ),
    Signal("/frame/seq", "i", 0, "Number of the frame.", 0, INT32),
    Signal("/frame/age_ms", "f", 0.0, "Age of the newest sound in the frame when it was published.", 0, unit="ms"),
    Signal("/audio/level_db", "f", -120.0, "Highest peak of the input's channels in the last 0.4 s.", -120, 40, "dB"),
    Signal("/audio/health", "s", "", "What is wrong with the sound that arrives, in words; empty: nothing."),
    Signal("/transport/song", "s", "", "The song that plays; empty: the sound is no file's."),
    Signal("/transport/duration", "f", 0.0, "Length of the song. 0: not known, or live sound.", 0, unit="s"),
    Signal("/transport/playing", "i", 0, "1 while the song plays; 0: paused, or at its end.", 0, 1),
    Signal("/transport/skipped", "s", "", "The song that was skipped last, and why; empty: none."),
    Signal("/error/last", "s", "", "What was refused last, whoever asked for it, and why; empty: nothing."),
    Signal("/midi/devices", "s", "", "The open MIDI devices; empty: none."),
    Signal("/midi/learning", "s", "", "The address that waits for a MIDI control; empty: none."),
    Signal("/midi/learned", "s", "", "What was learned last: ADDRESS = CHANNEL/KIND/NUMBER DEVICE."),
    Signal("/scene/current", "s", "", "The scene that is on, or the preset; empty: none was recalled."),
    Signal("/scene/pending", "s", "", "The scene that waits or glides in; empty: none."),
    Signal("/scene/place", "i", 0, "Place of the scene that is on; 0: it is not in the list.", 0, INT32),
    Signal("/schedule/next", "s", "", "What the timetable does next: day, time, name, what; empty: nothing."),
    Signal("/auto/told", "s", "", "What the autopilot did last: at which bar, which scene, why."),
    Signal("/record/file", "s", "", "The file that is recorded; empty: none."),
    Signal("/record/time", "f", 0.0, "How long it is recorded, in whole seconds.", 0, unit="s"),
    Signal("/record/fault", "s", "", "Why the newest recording ended or could not begin; empty: it did not."),
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

SHORT = tuple(name for name in NAMES if "/" not in name and name not in ("rms", "time"))
"""The names of those that belong to no band and no pitch: each frame carries them."""

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
