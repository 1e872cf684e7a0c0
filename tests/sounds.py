"""Sounds with known contents, made by hand: oracles import nothing from bandwalk."""

import numpy as np

SAMPLE_RATE = 48_000


def tone(f_hz, seconds, amplitude=0.3):
    """A sine, [n] float32."""
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * f_hz * t)).astype(np.float32)


def hits(times_s, f_hz, seconds, amplitude=0.5, decay_s=0.08):
    """Decaying bursts of one frequency at known times, [n] float32."""
    y = np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)
    t = np.arange(round(6 * decay_s * SAMPLE_RATE)) / SAMPLE_RATE
    burst = (amplitude * np.exp(-t / decay_s) * np.sin(2 * np.pi * f_hz * t)).astype(np.float32)
    for at_s in times_s:
        start = round(at_s * SAMPLE_RATE)
        stop = min(start + len(burst), len(y))
        y[start:stop] += burst[: stop - start]
    return y


def beat(seconds):
    """Kick, snare body and a lead at known times: all three bands move, each at its own."""
    return (
        hits(np.arange(0.1, seconds, 0.5), 60, seconds)
        + hits(np.arange(0.35, seconds, 1.0), 270, seconds, 0.4)
        + hits(np.arange(0.2, seconds, 0.3), 2000, seconds, 0.3)
    )
