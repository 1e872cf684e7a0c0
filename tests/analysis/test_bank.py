import math

import numpy as np
import pytest
from sounds import tone

from bandwalk.analysis.bank import FADE_S, SETTLE_S, FilterBank, RmsWindow, to_window

NARROW = ((0.0, 40.0),)
WIDE = ((0.0, 150.0),)


def run(bank: FilterBank, y: np.ndarray) -> np.ndarray:
    """Loudness now and before, [n_steps, 2], of the only band."""
    heard = [bank.step(part) for part in y.reshape(-1, 480)]
    return np.array([(x.now[0], x.before[0]) for x in heard])


def kaiser(n, beta):
    """Return Kaiser's window from its formula, I0 by its series."""

    def i0(x):
        return sum((x / 2) ** (2 * k) / math.factorial(k) ** 2 for k in range(30))

    return np.array([i0(beta * math.sqrt(1 - (2 * i / (n - 1) - 1) ** 2)) / i0(beta) for i in range(n)])


@pytest.mark.parametrize("hop", [480, 686])
def test_the_window_is_a_running_rms_under_kaiser_with_silence_before_the_first(hop):
    y = np.random.default_rng(1).standard_normal((2, hop * 20))
    window = RmsWindow(2, hop)
    heard = [window.step(y[:, i : i + hop]) for i in range(0, y.shape[1], hop)]
    padded = np.pad(y, ((0, 0), (1920, 0)))
    weights = kaiser(1920, 3.0)
    for k in (0, 3, 19):
        wanted = np.sqrt(padded[:, (k + 1) * hop : (k + 1) * hop + 1920] ** 2 @ weights / weights.sum())
        np.testing.assert_allclose(heard[k].now, wanted, rtol=1e-5)
    assert [x.before for x in heard] == [[0.0, 0.0], *(x.now for x in heard[:-1])]


def test_the_window_delays_no_more_than_a_box_and_ripples_less():
    weights = to_window()
    age_s = (len(weights) - 0.5 - np.arange(len(weights))) / 48_000
    assert weights @ age_s == pytest.approx(0.020, abs=1e-4)
    assert weights[-480:].sum() > 0.16  # the newest step is seen at once
    ripple = [abs(np.exp(2j * np.pi * f_hz * age_s) @ weights) for f_hz in np.arange(40.0, 400.0)]
    assert max(ripple) < 0.066


@pytest.mark.parametrize("f_hz", [20.0, 30.0, 35.0, 41.0, 82.0])
def test_a_held_low_tone_hardly_ripples(f_hz):
    now = run(FilterBank(WIDE, 480, 100.0), tone(f_hz, 2.0))[100:, 0]
    assert np.ptp(now) < 0.08 * now.mean()


def test_new_edges_take_over_evenly_after_they_settled():
    y = tone(60.0, 2.0, 0.5)
    bank = FilterBank(WIDE, 480, 100.0)
    before = run(bank, y)[-1, 0]
    bank.edges = NARROW
    now = run(bank, y)[:, 0]
    settled, faded = round(SETTLE_S * 100), round((SETTLE_S + FADE_S) * 100)
    ripple = 0.04 * before  # of a 60 Hz tone's RMS over 40 ms, which is no whole number of its periods
    np.testing.assert_allclose(now[:settled], before, atol=ripple)
    assert np.all(np.diff(now[settled:faded]) < 0)
    after = run(FilterBank(NARROW, 480, 100.0), y)[50:, 0]
    assert after.max() < 0.3 * before
    np.testing.assert_allclose(now[faded:], after.mean(), atol=ripple)


def test_the_exchange_of_a_filter_is_no_rise_of_the_sound():
    y = tone(50.0, 2.0)  # two whole periods in the window: its RMS does not ripple
    bank = FilterBank(NARROW, 480, 100.0)
    run(bank, y)
    bank.edges = WIDE
    heard = run(bank, y)
    assert heard[-1, 0] > 2 * heard[0, 0]
    assert np.abs(heard[:, 0] - heard[:, 1]).max() < 0.005 * heard[-1, 0]


def test_a_change_during_an_exchange_waits_for_its_end_and_the_last_one_wins():
    y = tone(60.0, 0.5)
    bank = FilterBank(WIDE, 480, 100.0)
    run(bank, y)
    for f_hi in (140.0, 90.0, 40.0):
        bank.edges = ((0.0, f_hi),)
        run(bank, y[:4800])
    run(bank, y)
    assert run(bank, y)[-1, 0] == pytest.approx(run(FilterBank(NARROW, 480, 100.0), np.tile(y, 3))[-1, 0], rel=1e-3)
