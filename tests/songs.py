"""Songs with known beats and bars, and sounds without any: oracles import nothing from bandwalk.

A song is drums, a bass and chords on a list of beat times at any tempo. All are mono at 48 kHz, [n] float64.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt
from signals import SAMPLE_RATE, burst, db, kick, pink, time, white

BEATS_PER_BAR = 4
ROOTS_HZ = (55.0, 43.65, 65.41, 49.0)
"""Of the chords, bar after bar: a minor, f, c, g."""

PATTERNS = {
    "house": {"kick": (0, 1, 2, 3), "snare": (1, 3), "hat": (0.5, 1.5, 2.5, 3.5), "bass": (0.5, 1.5, 2.5, 3.5)},
    "rock": {"kick": (0, 2, 2.5), "snare": (1, 3), "hat": np.arange(0, 4, 0.5), "bass": np.arange(0, 4, 0.5)},
    "funk": {"kick": (0, 1.75, 2.5), "snare": (1, 3), "hat": np.arange(0, 4, 0.25), "bass": (0, 0.75, 1.5, 2.5, 3.5)},
    "broken": {"kick": (0, 2.5), "snare": (1, 3), "hat": np.arange(0, 4, 0.5), "bass": (0, 2.5)},
    "half": {"kick": (0, 0.75), "snare": (2,), "hat": (0, 1, 2, 3, 3.5), "bass": (0, 1.5)},
    "waltz": {"kick": (0,), "snare": (1, 2), "hat": (0, 1, 2), "bass": (0,)},
}
"""Where hits are in a bar, in beats."""


@dataclass(frozen=True)
class Song:
    """A sound [n], and the times of its beats and bars, seconds."""

    y: np.ndarray
    beats: np.ndarray
    bars: np.ndarray


def steady(bpm: float, seconds: float, start_s: float = 0.3) -> np.ndarray:
    """Return the times of beats of one tempo."""
    return np.arange(start_s, seconds, 60 / bpm)


def ramp(bpm: float, per_s: float, seconds: float, start_s: float = 0.3, until: float = 1e9) -> np.ndarray:
    """Return the times of beats whose tempo changes by per_s beats a minute each second, up or down to until."""
    times, t_s = [], start_s
    while t_s < seconds:
        times.append(t_s)
        now = bpm + per_s * (t_s - start_s)
        t_s += 60 / (min(now, until) if per_s > 0 else max(now, until))
    return np.array(times)


def song(
    beats: np.ndarray, pattern: str = "house", *, swing: float = 0.5, quiet=(), missing=0.0, jitter_s=0.0, seed=1
) -> Song:
    """Return a song on these beats.

    swing:    where the second half of each beat lies, 0.5: straight, 2/3: swung.
    quiet:    (first, stop) bar of each break: no drums and no bass.
    missing:  this share of the kicks is left out.
    jitter_s: deviation of each hit's time, as of hands.
    """
    rng = np.random.default_rng(seed)
    per_bar = 3 if pattern == "waltz" else BEATS_PER_BAR
    n_bars = (len(beats) - 1) // per_bar
    n = round(beats[-1] * SAMPLE_RATE)
    y = np.zeros(n + SAMPLE_RATE)
    sounds = {"kick": 0.8 * kick(), "snare": 0.45 * _snare(), "hat": 0.16 * burst(0.2, 6000, 15_000, 0.04)}
    for bar in range(n_bars):
        root = ROOTS_HZ[bar % len(ROOTS_HZ)]
        start, stop = beats[bar * per_bar], beats[(bar + 1) * per_bar]
        _put(y, start, 0.5 * _chord(root, stop - start))
        if any(first <= bar < end for first, end in quiet):
            continue
        for name, places in PATTERNS[pattern].items():
            for place in places:
                if name == "kick" and rng.random() < missing:
                    continue
                at = _at(beats, bar * per_bar + place, swing) + jitter_s * rng.standard_normal()
                gain = 1.0 + 0.1 * rng.standard_normal() if jitter_s else 1.0
                _put(y, at, gain * (_bass(root, 0.4 * (stop - start) / per_bar) if name == "bass" else sounds[name]))
    y = np.tanh(y[:n]) + db(-70) * white(n / SAMPLE_RATE)[:n]
    return Song(y, beats[: n_bars * per_bar], beats[: n_bars * per_bar : per_bar])


def _at(beats: np.ndarray, place: float, swing: float) -> float:
    """Return the time of a place in beats; halves of a beat are moved by the swing."""
    whole, part = int(place), place % 1.0
    part = 2 * part * swing if part < 0.5 else swing + (2 * part - 1) * (1 - swing)
    return float(beats[whole] + part * (beats[whole + 1] - beats[whole]))


def _put(y: np.ndarray, at_s: float, hit: np.ndarray) -> None:
    part = y[max(0, round(at_s * SAMPLE_RATE)) :][: len(hit)]
    part += hit[: len(part)]


def _snare() -> np.ndarray:
    t = time(0.25)
    return 0.6 * np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.07) + burst(0.25, 1200, 9000, 0.08)


def _bass(root_hz: float, seconds: float) -> np.ndarray:
    """Return a plucked saw, darker as it dies away."""
    t = time(seconds)
    y = sum(np.sin(2 * np.pi * root_hz * m * t) / m * np.exp(-t * m / 0.3) for m in range(1, 9))
    return 0.25 * y * np.minimum(1, t / 0.004) * np.minimum(1, (seconds - t) / 0.01)


def _chord(root_hz: float, seconds: float) -> np.ndarray:
    """Return a held chord of detuned saws, low-passed by their overtones' strengths."""
    t = time(seconds)
    y = np.zeros(len(t))
    for ratio in (4.0, 4.8, 6.0):
        for cents in (-6, 6):
            f_hz = root_hz * ratio * 2 ** (cents / 1200)
            y += sum(np.sin(2 * np.pi * f_hz * m * t + 7 * cents + m) / m**1.5 for m in range(1, 6))
    return 0.03 * y * np.minimum(1, t / 0.03) * np.minimum(1, (seconds - t) / 0.05)


def speech_like(seconds: float, seed: int = 3) -> np.ndarray:
    """Return syllables of a buzzing voice and of noise, with uneven lengths and pauses between phrases."""
    rng = np.random.default_rng(seed)
    y = np.zeros(round(seconds * SAMPLE_RATE))
    t_s = 0.2
    while t_s < seconds:
        for _ in range(rng.integers(4, 14)):
            length = float(rng.gamma(8, 0.02))
            _put(y, t_s, _syllable(rng, length))
            t_s += length + float(rng.choice([0.0, 0.03, 0.06]))
        t_s += float(rng.uniform(0.15, 0.9))
    return 0.5 * y / np.abs(y).max()


def _syllable(rng: np.random.Generator, seconds: float) -> np.ndarray:
    t = time(seconds)
    pitch = rng.uniform(90, 140) * (1 - 0.15 * t / seconds)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    formants = (rng.uniform(300, 800), rng.uniform(900, 2300), 2600)
    voice = np.zeros(len(t))
    for m in range(1, 30):
        strength = sum(np.exp(-(((m * 115 - f) / 150) ** 2)) for f in formants) + 0.02
        voice += strength * np.sin(m * phase) / m**0.3
    swell = np.minimum(1, t / 0.02) * np.minimum(1, (seconds - t) / 0.03)
    if rng.random() < 0.35:
        hiss = burst(0.08, 3000, 9000, 0.05, int(rng.integers(1e6)))[: len(t)]
        voice[: len(hiss)] += 1.5 * hiss
    return rng.uniform(0.4, 1.0) * voice * swell


def applause(seconds: float, people: int = 60, seed: int = 4) -> np.ndarray:
    """Return people who clap, each at a rate of their own that wanders, nearer and farther."""
    rng = np.random.default_rng(seed)
    y = np.zeros(round(seconds * SAMPLE_RATE))
    for person in range(people):
        clap = rng.uniform(0.1, 1.0) ** 2 * burst(0.06, rng.uniform(400, 900), rng.uniform(2500, 9000), 0.012, person)
        period, t_s = rng.uniform(0.18, 0.34), rng.uniform(0, 0.4)
        while t_s < seconds:
            _put(y, t_s, clap)
            t_s += period * rng.normal(1.0, 0.08)
    return 0.4 * y / np.abs(y).max()


def pads(seconds: float) -> np.ndarray:
    """Return chords that swell and cross-fade, one in eight seconds."""
    y = np.zeros(round((seconds + 10) * SAMPLE_RATE))
    t = time(10)
    for i, start in enumerate(np.arange(0, seconds, 8.0)):
        root = ROOTS_HZ[i % 4]
        _put(y, start, _chord(root, 10) * np.minimum(1, t / 2.5) * np.minimum(1, (10 - t) / 2.5))
    return y[: round(seconds * SAMPLE_RATE)]


def crowd(seconds: float) -> np.ndarray:
    """Return many voices at once: noise of the voice's band that swells unevenly."""
    y = sosfilt(butter(2, (200, 3000), "bandpass", fs=SAMPLE_RATE, output="sos"), pink(seconds, -20, 9))
    at_s = np.arange(0, seconds + 1, 0.3)
    swell_db = 3.0 * np.random.default_rng(5).standard_normal(len(at_s))
    return y * 10 ** (np.interp(time(seconds), at_s, swell_db) / 20)
