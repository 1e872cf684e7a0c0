import math

import numpy as np
import pytest
from scipy.signal import butter, sosfilt
from sounds import SAMPLE_RATE, tone

from bandwalk.analysis.filters import EDGE_RATIO, F_HI_MAX, HopFilter, gains_at, to_edges, to_sections
from bandwalk.records import BandValues

EDGES = ((0.0, 150.0), (200.0, 350.0), (500.0, 5000.0))


def butterworth_gain(f_hz: float, f_lo: float, f_hi: float) -> float:
    """|H| of a fifth-order low-pass and high-pass, written from the formula; warp as the bilinear transform does."""

    def warp(x):
        return math.tan(math.pi * x / SAMPLE_RATE)

    low_pass = 1 / math.sqrt(1 + (warp(f_hz) / warp(f_hi)) ** 10)
    high_pass = 1 / math.sqrt(1 + (warp(f_lo) / warp(f_hz)) ** 10) if f_lo else 1.0
    return low_pass * high_pass


def by_scipy(y: np.ndarray, f_lo: float, f_hi: float) -> np.ndarray:
    """The plain reference: the whole sound through sosfilt, low-pass and then high-pass."""
    y = sosfilt(butter(5, f_hi, fs=SAMPLE_RATE, output="sos"), y)
    return sosfilt(butter(5, f_lo, "highpass", fs=SAMPLE_RATE, output="sos"), y) if f_lo else y


def by_hops(y: np.ndarray, edges, hop: int) -> np.ndarray:
    bank, parts = HopFilter(tuple(map(to_sections, edges)), hop), []
    for part in y.reshape(-1, hop):
        parts.append(np.zeros((len(edges), hop)))
        bank.filter(part, parts[-1])
    return np.hstack(parts)


@pytest.mark.parametrize("hop", [7, 60, 120, 480, 997, 1920])
def test_the_fast_path_equals_sosfilt(hop):
    y = np.random.default_rng(1).standard_normal(hop * 40)
    expected = [by_scipy(y, *edges) for edges in EDGES]
    np.testing.assert_allclose(by_hops(y, EDGES, hop), expected, atol=2e-6)  # what leaves is single precision


@pytest.mark.parametrize("edges", [(0.0, 20.0), (5.0, 20.0), (18000.0, 20000.0), (5.0, F_HI_MAX)])
def test_the_fast_path_equals_sosfilt_at_the_ends_of_the_range(edges):
    y = np.random.default_rng(2).standard_normal(480 * 400)
    np.testing.assert_allclose(by_hops(y, (edges,), 480)[0], by_scipy(y, *edges), atol=3e-6)


@pytest.mark.parametrize("edges", EDGES)
@pytest.mark.parametrize("f_hz", [40.0, 60.0, 150.0, 270.0, 420.0, 2000.0, 9000.0])
def test_a_sine_passes_with_the_gain_of_the_butterworth_formula(edges, f_hz):
    passed = by_hops(tone(f_hz, 2.0, 0.8), (edges,), 480)[0]
    rms = np.sqrt(np.mean(passed[-SAMPLE_RATE:] ** 2))  # whole periods in this second
    expected = 0.8 / math.sqrt(2) * butterworth_gain(f_hz, *edges)
    assert rms == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert gains_at(edges, f_hz) == pytest.approx(butterworth_gain(f_hz, *edges), rel=1e-9)


def test_after_sound_ends_the_state_comes_to_rest_at_zero():
    bank = HopFilter(tuple(map(to_sections, EDGES)), 480)
    passed = np.zeros((3, 480))
    bank.filter(np.ones(480), passed)
    for _ in range(200):
        bank.filter(np.zeros(480), passed)
    assert not passed.any()


@pytest.mark.parametrize(
    ("f_lo", "f_hi", "expected"),
    [
        (200.0, 350.0, (200.0, 350.0)),
        (0.0, 150.0, (0.0, 150.0)),
        (1.0, 150.0, (0.0, 150.0)),  # too low to be heard: no high-pass
        (350.0, 200.0, (350.0, 350.0 * EDGE_RATIO)),
        (20000.0, 20.0, (20000.0, 20000.0 * EDGE_RATIO)),
        (30000.0, 30000.0, (F_HI_MAX / EDGE_RATIO, F_HI_MAX)),
    ],
)
def test_edges_are_brought_to_what_a_filter_can_have(f_lo, f_hi, expected):
    edges = to_edges(BandValues(f_lo=f_lo, f_hi=f_hi, gain=1.0, attack_s=0.0, release_s=0.0))
    assert edges == pytest.approx(expected)
