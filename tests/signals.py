"""Test signals that are music, steady sounds and faults, with known truth: oracles import nothing from bandwalk.

All are mono at 48 kHz, [n] float64. ``STEADY`` must not move a picture, ``RHYTHMS`` must, each hit at its time.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

SAMPLE_RATE = 48_000
BEAT_S = 60 / 124
BAR_DNB_S = 4 * 60 / 174
BEAT_ROCK_S = 60 / 110


@dataclass(frozen=True)
class Rhythm:
    """A sound with hits that are known: y [n], and of each band index the times of its hits, seconds."""

    y: np.ndarray
    hits: dict[int, np.ndarray]


def db(x_db: float) -> float:
    """Return the linear amplitude of a level in dB."""
    return float(10 ** (x_db / 20))


def time(seconds: float) -> np.ndarray:
    """Return the time of each sample, seconds."""
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def sine(f_hz: float, seconds: float, level_db: float = -6.0) -> np.ndarray:
    """Return a held tone of this peak level, that swells in half a second."""
    t = time(seconds)
    return db(level_db) * np.sin(2 * np.pi * f_hz * t) * np.minimum(1, t / 0.5)


def white(seconds: float, seed: int = 1) -> np.ndarray:
    """Return white noise with an RMS of 1."""
    return np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE))


def pink(seconds: float, level_db: float, seed: int = 1) -> np.ndarray:
    """Return noise with a spectrum of nearly 1/f (Kellet's filter by poles and zeros) and this RMS, dBFS."""
    y = lfilter(
        [0.049922035, -0.095993537, 0.050612699, -0.004408786],
        [1, -2.494956002, 2.017265875, -0.522189400],
        white(seconds, seed),
    )
    return db(level_db) * y / np.sqrt(np.mean(y**2))


def hum(seconds: float, level_db: float) -> np.ndarray:
    """Return mains hum: 50 Hz at this peak level with harmonics, a little hiss beside it."""
    t = time(seconds)
    parts = ((50, 1.0), (100, 0.5), (150, 0.3), (250, 0.2))
    return db(level_db) * sum(a * np.sin(2 * np.pi * f * t + f) for f, a in parts) + db(-75) * white(seconds)


def fan(seconds: float, level_db: float) -> np.ndarray:
    """Return band-limited noise that swells slowly by 3 dB up and down, this RMS, dBFS."""
    y = sosfilt(butter(2, (40, 2000), "bandpass", fs=SAMPLE_RATE, output="sos"), white(seconds, 5))
    return db(level_db) / np.std(y) * y * 10 ** (3 / 20 * np.sin(2 * np.pi * 0.15 * time(seconds)))


def chord(seconds: float, notes_hz: tuple[float, ...], level: float = 0.05) -> np.ndarray:
    """Return a held chord, each note with three overtones, that swells for two seconds."""
    t = time(seconds)
    y = sum(0.5**m * np.sin(2 * np.pi * f * m * t + f) for f in notes_hz for m in (1, 2, 3, 4))
    return level * y * np.minimum(1, t / 2)


def place(hit: np.ndarray, times_s: np.ndarray, seconds: float) -> np.ndarray:
    """Put a copy of a hit at each time."""
    y = np.zeros(round(seconds * SAMPLE_RATE))
    for t_s in times_s:
        part = y[round(t_s * SAMPLE_RATE) :][: len(hit)]
        part += hit[: len(part)]
    return y


def kick(low_hz: float = 45, high_hz: float = 150, decay_s: float = 0.16, seconds: float = 0.4) -> np.ndarray:
    """Return a sine that falls within 30 ms and dies away."""
    t = time(seconds)
    f_hz = low_hz + (high_hz - low_hz) * np.exp(-t / 0.03)
    return np.sin(2 * np.pi * np.cumsum(f_hz) / SAMPLE_RATE) * np.exp(-t / decay_s) * np.minimum(1, t / 0.001)


def burst(seconds: float, lo_hz: float, hi_hz: float, decay_s: float, seed: int = 7) -> np.ndarray:
    """Return noise of one band that dies away, peak 1 before it does."""
    y = sosfilt(butter(4, (lo_hz, hi_hz), "bandpass", fs=SAMPLE_RATE, output="sos"), white(seconds, seed))
    return y / np.abs(y).max() * np.exp(-time(seconds) / decay_s)


def hat(decay_s: float = 0.05) -> np.ndarray:
    """Return a tick of noise over 7 kHz: above the band that is to see it."""
    return burst(0.25, 7000, 16_000, decay_s)


def snare() -> np.ndarray:
    """Return a body at 190 Hz, under the band that is to see it, and noise over 1.2 kHz."""
    t = time(0.3)
    return 0.6 * np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.07) + 0.6 * burst(0.3, 1200, 9000, 0.09)


def kicks(seconds: float = 20) -> Rhythm:
    """Return four on the floor."""
    at = np.arange(0.1, seconds - 0.1, BEAT_S)
    return Rhythm(0.8 * place(kick(), at, seconds), {0: at})


def kicks_over_bass(seconds: float = 20, f_hz: float = 55, amplitude: float = 0.3) -> Rhythm:
    """Return four on the floor over a bass that does not give way."""
    drums = kicks(seconds)
    bass = amplitude * np.sin(2 * np.pi * f_hz * time(seconds)) * np.minimum(1, time(seconds) / 0.02)
    return Rhythm(drums.y + bass, drums.hits)


def kicks_and_hats(seconds: float = 20) -> Rhythm:
    """Return four on the floor with hats between, 10 dB under it."""
    drums = kicks(seconds)
    at = drums.hits[0][:-1] + BEAT_S / 2
    return Rhythm(drums.y + 0.25 * place(hat(0.08), at, seconds), {0: drums.hits[0], 2: at})


def hats(seconds: float = 20) -> Rhythm:
    """Return four hats a second."""
    at = np.arange(0.1, seconds - 0.1, 0.25)
    return Rhythm(0.5 * place(hat(), at, seconds), {2: at})


def drum_and_bass(seconds: float = 24) -> Rhythm:
    """Return a broken beat at 174 bpm over a wobbling bass."""
    bars = np.arange(0.1, seconds - BAR_DNB_S, BAR_DNB_S)[:, None]
    beat = BAR_DNB_S / 4
    low, mid, high = ((bars + beat * np.array(at)).ravel() for at in ((0, 2.5), (1, 3), np.arange(0, 4, 0.5)))
    t = time(seconds)
    wobble = np.sin(2 * np.pi * np.cumsum(52 + 6 * np.sin(2 * np.pi * 0.7 * t)) / SAMPLE_RATE)
    drums = 0.7 * place(kick(50, 180, 0.08, 0.25), low, seconds) + 0.5 * place(snare(), mid, seconds)
    y = drums + 0.15 * place(hat(0.03), high, seconds) + 0.18 * wobble * (1 + 0.4 * np.sin(2 * np.pi * 2.9 * t))
    return Rhythm(y, {0: low})


def rock(seconds: float = 24, level_db: float = 0.0) -> Rhythm:
    """Return a picked bass, distorted chords, kick and snare at 110 bpm; the snare is known, in the middle band."""
    y, snares, beat = np.zeros(round(seconds * SAMPLE_RATE)), [], BEAT_ROCK_S
    for bar, start in enumerate(np.arange(0.1, seconds - 4 * beat, 4 * beat)):
        snares += [start + beat, start + 3 * beat]
        root, eighth = (82.4, 98.0, 110.0, 73.4)[bar % 4], time(beat / 2)
        note = sum(np.sin(2 * np.pi * root * m * eighth) / m for m in range(1, 7)) * np.exp(-eighth / 0.4)
        t = time(4 * beat)
        guitars = np.tanh(4 * sum(np.sin(4 * np.pi * root * m * t) for m in (1, 1.5, 2)))
        y += 0.2 * place(note * np.minimum(1, eighth / 0.004), start + beat / 2 * np.arange(8), seconds)
        y += 0.18 * place(guitars * np.minimum(1, t / 0.02), np.array([start]), seconds)
        y += 0.6 * place(kick(55, 140, 0.09, 0.3), start + beat * np.array((0, 1.5, 2)), seconds)
    y += 0.5 * place(snare(), np.array(snares), seconds)
    return Rhythm(0.9 * db(level_db) * y / np.abs(y).max(), {1: np.array(snares)})


CHORDS = ((110, 220, 277, 330), (98, 196, 247, 294), (87, 175, 220, 262), (98, 196, 294, 370))

STEADY: dict[str, Callable[[float], np.ndarray]] = {
    **{f"tone {f} Hz": lambda s, f=f: sine(f, s) for f in (20, 30, 35, 41, 55, 82, 110, 140)},
    **{f"hum {x} dB": lambda s, x=x: hum(s, x) for x in (-60, -50, -40)},
    **{f"pink {x} dB": lambda s, x=x: pink(s, x) for x in (-60, -50, -40)},
    **{f"fan {x} dB": lambda s, x=x: fan(s, x) for x in (-60, -40)},
    **{f"hiss {x} dB": lambda s, x=x: db(x) * white(s) for x in (-60, -40)},
    **{f"chord {notes[0]} Hz": lambda s, notes=notes: chord(s, notes) for notes in CHORDS},
}
"""Sounds that rest, by name; each takes its length in seconds."""

RHYTHMS: dict[str, Callable[[], Rhythm]] = {
    "kicks": kicks,
    "kicks over 55 Hz": kicks_over_bass,
    "kicks and hats": kicks_and_hats,
    "hats": hats,
    "drum and bass": drum_and_bass,
    "rock": rock,
    "rock -30 dB": lambda: rock(level_db=-30.0),
}
"""Sounds with hits that are known."""


def f_score(found: np.ndarray, wanted: np.ndarray, within_s: float = 0.07) -> float:
    """Return F of found times against the wanted ones: each is met once, by the nearest free one, within_s away."""
    free, met = list(found), 0
    for t in wanted:
        near = [x for x in free if abs(x - t) <= within_s]
        if near:
            free.remove(min(near, key=lambda x: abs(x - t)))
            met += 1
    return 2 * met / max(1, len(found) + len(wanted))
