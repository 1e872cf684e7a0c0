"""The memories and the parts against plain references, which go over all values one by one and import nothing."""

import math
from itertools import pairwise

import numpy as np
import pytest
from sounds import SAMPLE_RATE, beat

from bandwalk.analysis.band_parts import Parts, to_lag, to_length
from bandwalk.analysis.memory import Floor, Scale
from bandwalk.analysis.spectrum import ShortSpectrum

STEPS = 1500
RATE = 100
MOST, STILL = (0.3, 1.2), (0.2, 0.5)
EDGES = ((0.0, 150.0), (200.0, 350.0), (500.0, 5000.0))


def loudness() -> np.ndarray:
    """Two values that rest, swell, are hit, fall silent, and go on, [STEPS, 2]."""
    rng = np.random.default_rng(4)
    t = np.arange(STEPS)[:, None] / RATE
    hits = np.exp(-(t % [0.48, 0.31]) / 0.1)
    x = 0.01 * (1 + 0.2 * t) * np.exp(0.1 * rng.standard_normal((STEPS, 2))) + hits * [0.5, 0.1]
    x[300:700] *= 0.03
    x[800:1150] = 0.0
    return x


def floor_of(x: list[float], most: float, still: float) -> list[float]:
    """Return the floor of one value by its definition, over the whole of it again at each step."""
    tiny, block = 1e-9, 25
    x = [max(v, tiny) for v in x]
    floors, glide = [], tiny
    lows, rises = [tiny] * 8, [0.0] * 8  # of the last eight blocks, the newest last
    for k in range(len(x)):
        begun = k // block * block
        old = [low * math.exp(0.1 * (7 - i)) for i, low in enumerate(lows)]  # 0.4 nepers a second
        low = min(*old, *x[begun : k + 1])
        glide = min(low, glide * math.exp(30 / RATE))
        if (k + 1) % block == 0:
            now = x[begun : k + 1]
            lows = [*lows[1:], min(now)]
            rises = [*rises[1:], max(math.log(v / min(now[: i + 1])) for i, v in enumerate(now))]
        unrest = sorted(rises)[2]
        floors.append(glide * math.exp(max(min(5 * unrest, most), still)))
    return floors


def scale_of(x: list[float], silence: float) -> list[float]:
    """Return the scale of one value by its definition."""
    beat_steps, scales = 50, []
    beats = [math.inf] * 6
    most, least, full, best = math.inf, 0.0, 0.0, 0.0
    for k in range(len(x)):
        loudest = max(x[k // beat_steps * beat_steps : k + 1])
        usual = max(least, min(most, loudest))
        full = max(x[k], usual, full * 0.5 ** (1 / (0.1 * RATE)))
        if (k + 1) % beat_steps == 0:
            best = max(usual, best * 0.5 ** (0.5 / 60))
            beats = [*beats[1:], loudest if loudest > silence else 0.0]
            known = max((b for b in beats if b < math.inf), default=0.0)
            beats = beats if known else [math.inf] * 6
            third, second = sorted(beats)[-3], sorted(beats)[-2]
            most, least = second, min(third, known)
        scales.append(max(full, min(best, 1.25 * full)))
    return scales


def test_the_floor_is_that_of_its_definition():
    x = loudness()
    floor = Floor(np.array(MOST), np.array(STILL), float(RATE))
    found = np.array([floor.step(row).copy() for row in x])
    wanted = [floor_of(x[:, k].tolist(), MOST[k], STILL[k]) for k in range(2)]
    np.testing.assert_allclose(found.T, wanted, rtol=1e-9)


def test_another_most_counts_from_the_next_step_on():
    x = np.where(np.arange(STEPS) % 7, 0.1, 0.2)[:, None]  # restless
    floor = Floor(np.array([0.3]), np.array([0.2]), float(RATE))
    before = [floor.step(row).item() for row in x][-1]
    floor.set(np.array([1.0]))
    assert floor.step(x[0]).item() / before == pytest.approx(math.exp(1.0 - 0.3), rel=0.01)


def test_the_scale_is_that_of_its_definition():
    x = loudness()
    scale = Scale(2, float(RATE))
    silence = np.array([0.005, 0.0])
    found = np.array([scale.step(row, silence).copy() for row in x])
    np.testing.assert_allclose(found.T, [scale_of(x[:, k].tolist(), s) for k, s in enumerate(silence)], rtol=1e-9)


def butterworth_power(f_hz: np.ndarray, f_lo: float, f_hi: float) -> np.ndarray:
    """Return |H|^2 of fifth-order slopes, from the formula, warped as the bilinear transform does."""
    f = np.tan(math.pi * np.maximum(f_hz, 0.1) / SAMPLE_RATE)
    lo, hi = (math.tan(math.pi * x / SAMPLE_RATE) for x in (f_lo, f_hi))
    return 1 / ((1 + (f / hi) ** 10) * (1 + (lo / f) ** 10))


def parts_of(y: np.ndarray) -> list[float]:
    """Return the RMS of the parts of all bands in 2048 samples, in double precision."""
    window = np.hanning(2049)[:-1]
    power = np.abs(np.fft.rfft(window * y)) ** 2 * 2 / (2048 * np.sum(window**2))
    f_hz = np.arange(1025) * SAMPLE_RATE / 2048
    found = []
    for f_lo, f_hi in EDGES:
        lo, hi = max(f_lo, 20.0) + 100, f_hi + 100
        cuts = [round((lo * (hi / lo) ** (i / 3) - 100) * 2048 / SAMPLE_RATE) for i in range(4)]
        cuts[3] = 683 if f_hi == 5000.0 else cuts[3]  # the highest band's last part reaches up to 16 kHz
        heard = power * butterworth_power(f_hz, f_lo, f_hi)
        found += [math.sqrt(heard[a:b].sum()) for a, b in pairwise(cuts)]
    return found


@pytest.mark.parametrize("hop", [480, 240, 2400])
def test_the_parts_are_those_of_a_plain_spectrum(hop):
    y = beat(0.5) + 0.01 * np.random.default_rng(3).standard_normal(24_000)
    lag = to_lag(SAMPLE_RATE / hop)
    length = to_length(SAMPLE_RATE / hop)
    spectrum = ShortSpectrum(hop, length)
    parts = Parts(spectrum, EDGES, lag)
    padded = np.concatenate([np.zeros(2048), y])
    wanted = [[0.0] * 9] * length
    for end in range(hop, len(y) + 1, hop):
        spectrum.step(y[end - hop : end])
        heard = parts.step(EDGES)
        wanted.append(parts_of(padded[end : end + 2048]))
        np.testing.assert_allclose(heard.now, wanted[-1], rtol=1e-3, atol=1e-7)
        np.testing.assert_allclose(heard.before, wanted[-2], rtol=1e-3, atol=1e-7)
        most = np.max(wanted[-length:-lag], axis=0)
        np.testing.assert_allclose(heard.earlier, most, rtol=1e-3, atol=1e-7)


def test_new_edges_are_heard_in_the_steps_before_too():
    y = beat(0.5)
    other = ((0.0, 90.0), *EDGES[1:])

    def run(*edges):
        spectrum = ShortSpectrum(480, to_length(100.0))
        parts = Parts(spectrum, edges[0], to_lag(100.0))
        for band_edges, part in zip(edges, y.reshape(-1, 480), strict=False):
            spectrum.step(part)
            heard = parts.step(band_edges)
        return heard

    turned, plain = run(*[EDGES] * 49, other), run(*[other] * 50)
    np.testing.assert_allclose(np.array(turned), np.array(plain), rtol=1e-6)
