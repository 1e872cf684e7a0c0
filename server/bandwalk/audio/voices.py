"""The demo's instruments: each function makes one sound, mono float32 at 48 kHz, from mathematics and noise.

Their spectra hardly overlap, so that each band shows its own voices: kick and bass lie under 200 Hz, the
snare's body between 200 and 350 Hz, everything else above.
"""

import functools
from collections.abc import Callable

import numpy as np

from bandwalk.units import SAMPLE_RATE, s_to_samples

TAU = np.float32(2 * np.pi)

_RINGING_S = 0.02
"""After it nothing is left of what rings in a filter of noise."""


def midi_to_hz(note: int) -> float:
    """Convert a MIDI note number to Hz: 69 is 440."""
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def kick() -> np.ndarray:
    """A sine that falls from 160 to 48 Hz in a few hundredths of a second, and a click."""
    t = _seconds(0.34)
    hz = 48 + 112 * np.exp(-t / 0.028)
    body = np.sin(TAU * np.cumsum(hz) / SAMPLE_RATE) * np.exp(-t / 0.13)
    click = np.sin(TAU * 1800 * t) * np.exp(-t / 0.0015)
    return _faded(body + 0.12 * click)


@functools.cache
def bass(note: int, length_s: float) -> np.ndarray:
    """A soft tone: three harmonics, all under 200 Hz for notes up to C2."""
    t = _seconds(length_s)
    f = midi_to_hz(note)
    tone = sum(a * np.sin(TAU * f * k * t) for k, a in ((1, 1.0), (2, 0.4), (3, 0.12)))
    return _faded(tone * np.minimum(1, t / 0.006) * np.exp(-t / 0.2), 0.03)


def snare(rng: np.random.Generator) -> np.ndarray:
    """A drum head at 235 and 320 Hz under a burst of noise."""
    t = _seconds(0.3)
    glide = 1 + 0.12 * np.exp(-t / 0.01)
    head = np.sin(TAU * 235 * t * glide) + 0.5 * np.sin(TAU * 320 * t)
    wires = _noise(rng, len(t), (1500, 9000)) * np.exp(-t / 0.075)
    return _faded(0.75 * head * np.exp(-t / 0.06) + 0.5 * wires)


def clap(rng: np.random.Generator) -> np.ndarray:
    """Three quick bursts of noise and a tail."""
    t = _seconds(0.25)
    bursts = sum(np.where(t >= at, np.exp(-(t - at) / 0.006), 0) for at in (0.0, 0.011, 0.022))
    tail = np.where(t >= 0.03, np.exp(-(t - 0.03) / 0.06), 0)
    return _faded(_noise(rng, len(t), (900, 4000)) * (0.7 * bursts + 0.8 * tail))


def hat(rng: np.random.Generator, decay_s: float) -> np.ndarray:
    """Noise from 4 kHz up; decay_s 0.02 is closed, 0.12 open."""
    t = _seconds(6 * decay_s)
    return _faded(_noise(rng, len(t), (4000, 14000)) * np.exp(-t / decay_s))


def riser(rng: np.random.Generator, length_s: float) -> np.ndarray:
    """Noise that gets louder."""
    t = _seconds(length_s)
    return _faded(_noise(rng, len(t), (1500, 8000)) * (t / length_s) ** 3, 0.01)


@functools.cache
def pluck(note: int) -> np.ndarray:
    """A plucked string: higher harmonics decay faster."""
    t = _seconds(0.5)
    return _faded(_harmonics(midi_to_hz(note), t, lambda k: np.exp(-t * (5 + 4 * k)) / k))


@functools.cache
def lead(note: int, length_s: float) -> np.ndarray:
    """A singing tone: two slightly detuned voices that become softer."""
    t = _seconds(length_s + 0.12)
    shape = np.minimum(1, t / 0.012) * np.exp(-t / 0.5)
    voices = (_harmonics(midi_to_hz(note) * ratio, t, lambda k: np.exp(-t * 2 * k) / k) for ratio in (0.9975, 1.0025))
    return _faded(sum(voices) * shape, 0.1)


def pad(notes: tuple[int, ...], length_s: float, spread: float) -> np.ndarray:
    """A soft chord that swells and fades; spread detunes it (for the left ear and the right)."""
    t = _seconds(length_s)
    n_table = 2048
    cycle = _harmonics(SAMPLE_RATE / n_table, np.arange(n_table, dtype=np.float32) / SAMPLE_RATE, lambda k: k**-1.6, 8)
    total = np.zeros(len(t), np.float32)
    for i, note in enumerate(notes):
        for ratio in (1 + spread, 1 - spread * 0.7):
            at = t * np.float32(midi_to_hz(note) * ratio * n_table) + np.float32(611 * i)
            total += cycle[at.astype(np.int32) % n_table]
    swell = np.minimum(1, t / 0.5) * np.minimum(1, (length_s - t) / 0.8)
    return total * swell.astype(np.float32)


def _seconds(length_s: float) -> np.ndarray:
    return np.arange(s_to_samples(length_s), dtype=np.float32) / np.float32(SAMPLE_RATE)


def _harmonics(hz: float, t: np.ndarray, amplitude: Callable[[int], float | np.ndarray], n_max: int = 12) -> np.ndarray:
    """Return the sum over k of amplitude(k) * sin(2 pi k hz t), up to 7 kHz."""
    count = min(n_max, int(7000 // hz))
    total = np.zeros(len(t), np.float32)
    for k in range(1, count + 1):
        total += np.asarray(amplitude(k) * np.sin(TAU * np.float32(hz * k) * t), np.float32)
    return total


def _noise(rng: np.random.Generator, n: int, edges_hz: tuple[float, float]) -> np.ndarray:
    """Return noise [n] between two frequencies: what a Butterworth band-pass with two poles a side lets through.

    Its gain is taken at each frequency, with the analog filter's frequencies warped as by the bilinear transform.
    """
    low, high = (np.tan(np.pi * hz / SAMPLE_RATE) for hz in edges_hz)
    m = n + s_to_samples(_RINGING_S)
    warped = np.tan(np.pi * np.arange(1, (m + 1) // 2) / m)  # without 0 and the highest, which do not pass
    p = 1j * (warped**2 - low * high) / ((high - low) * warped)
    gain = np.zeros(m // 2 + 1, complex)
    gain[1 : 1 + len(p)] = 1 / (p**2 + np.sqrt(2) * p + 1)
    y = np.fft.irfft(np.fft.rfft(rng.standard_normal(n, dtype=np.float32).astype(np.float64), m) * gain, m)[:n]
    return np.asarray(y / np.abs(y).max(), np.float32)


def _faded(y: np.ndarray, fade_s: float = 0.02) -> np.ndarray:
    """Return y as float32 with a fade-out at its end, so that it does not click."""
    n = min(len(y), s_to_samples(fade_s))
    y = np.asarray(y, np.float32)
    y[len(y) - n :] *= np.linspace(1, 0, n, dtype=np.float32)
    return y
