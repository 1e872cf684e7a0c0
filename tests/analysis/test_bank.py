import numpy as np
import pytest
from sounds import tone

from bandwalk.analysis.bank import FADE_S, SETTLE_S, Bank, RmsWindow

NARROW = ((0.0, 40.0),)
WIDE = ((0.0, 150.0),)


def run(bank: Bank, y: np.ndarray) -> np.ndarray:
    """Loudness now and before, [n_steps, 2], of the only band."""
    return np.array([bank.step(part)[0] for part in y.reshape(-1, 480)])


def test_the_window_is_a_running_rms_under_hann_with_silence_before_the_first():
    y = np.random.default_rng(1).standard_normal((2, 480 * 20))
    window = RmsWindow(2, 480)
    heard = [window.step(y[:, i : i + 480]) for i in range(0, y.shape[1], 480)]
    padded = np.pad(y, ((0, 0), (2880, 0)))
    weights = np.sin(np.pi * np.arange(1, 2881) / 2881) ** 2
    for k in (0, 3, 19):
        wanted = np.sqrt(padded[:, (k + 1) * 480 : (k + 1) * 480 + 2880] ** 2 @ weights / weights.sum())
        np.testing.assert_allclose([x.now for x in heard[k]], wanted)
    assert [x[0].before for x in heard] == [0.0, *(x[0].now for x in heard[:-1])]


@pytest.mark.parametrize("f_hz", [20.0, 30.0, 35.0, 41.0, 82.0])
def test_a_held_low_tone_hardly_ripples(f_hz):
    now = run(Bank(WIDE, 480, 100.0), tone(f_hz, 2.0))[100:, 0]
    assert np.ptp(now) < 0.08 * now.mean()


def test_new_edges_take_over_evenly_after_they_settled():
    y = tone(60.0, 2.0, 0.5)
    bank = Bank(WIDE, 480, 100.0)
    before = run(bank, y)[-1, 0]
    bank.edges = NARROW
    now = run(bank, y)[:, 0]
    settled, faded = round(SETTLE_S * 100), round((SETTLE_S + FADE_S) * 100)
    ripple = 0.04 * before  # of a 60 Hz tone's RMS over 40 ms, which is no whole number of its periods
    np.testing.assert_allclose(now[:settled], before, atol=ripple)
    assert np.all(np.diff(now[settled:faded]) < 0)
    after = run(Bank(NARROW, 480, 100.0), y)[50:, 0]
    assert after.max() < 0.3 * before
    np.testing.assert_allclose(now[faded:], after.mean(), atol=ripple)


def test_the_exchange_of_a_filter_is_no_rise_of_the_sound():
    y = tone(50.0, 2.0)  # two whole periods in the window: its RMS does not ripple
    bank = Bank(NARROW, 480, 100.0)
    run(bank, y)
    bank.edges = WIDE
    heard = run(bank, y)
    assert heard[-1, 0] > 2 * heard[0, 0]
    assert np.abs(heard[:, 0] - heard[:, 1]).max() < 0.005 * heard[-1, 0]


def test_a_change_during_an_exchange_waits_for_its_end_and_the_last_one_wins():
    y = tone(60.0, 0.5)
    bank = Bank(WIDE, 480, 100.0)
    run(bank, y)
    for f_hi in (140.0, 90.0, 40.0):
        bank.edges = ((0.0, f_hi),)
        run(bank, y[:4800])
    run(bank, y)
    assert run(bank, y)[-1, 0] == pytest.approx(run(Bank(NARROW, 480, 100.0), np.tile(y, 3))[-1, 0], rel=1e-3)
