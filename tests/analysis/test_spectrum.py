"""The spectrum that is shown: tones, noise and silence have known levels."""

import numpy as np
import pytest
from sounds import SAMPLE_RATE, tone

from bandwalk.analysis.spectrum import Spectrum

CENTRES = 1000 * 10 ** (np.arange(-17, 13) / 10)  # IEC 61260-1, 20 Hz to 16 kHz
FULL_DB = 72.0


def heard(y, gain=1.0, block=480):
    spectrum = Spectrum()
    for start in range(0, len(y), block):
        spectrum.hear(y[start : start + block])
    return np.array(spectrum.read(gain))


@pytest.mark.parametrize("n", range(10, 30), ids=lambda n: f"{CENTRES[n]:.0f} Hz")
def test_a_full_tone_is_full_in_its_own_band_and_nowhere_else(n):
    levels = heard(tone(CENTRES[n], 0.2, 1.0))
    assert levels.argmax() == n
    assert levels[n] == pytest.approx(1.0, abs=0.1 / FULL_DB)
    assert levels[: n - 1].max() < 0.45
    assert levels[n + 2 :].max(initial=0.0) < 0.45


@pytest.mark.parametrize("n", range(10), ids=lambda n: f"{CENTRES[n]:.0f} Hz")
def test_a_low_tone_is_loudest_there_or_beside_where_the_window_is_too_short_to_tell(n):
    levels = heard(tone(CENTRES[n], 0.2, 1.0))
    assert abs(levels.argmax() - n) <= 1
    assert levels[n] > 1 - 8 / FULL_DB


def test_decibels_are_told_by_the_gain_and_by_the_sound_alike():
    y = tone(1000, 0.2, 1.0)
    for db in (-20.0, -50.0):
        expected = pytest.approx(1 + db / FULL_DB, abs=0.1 / FULL_DB)
        assert heard(y * 10 ** (db / 20))[17] == expected
        assert heard(y, gain=10 ** (db / 20))[17] == expected


def test_white_noise_rises_with_the_bandwidth_by_a_decibel_a_band():
    rng = np.random.default_rng(1)
    rounds = [heard(0.1 * rng.standard_normal(SAMPLE_RATE // 8)) for _ in range(40)]
    powers = np.mean([10 ** (FULL_DB * (levels - 1) / 10) for levels in rounds], axis=0)
    slopes = np.diff(10 * np.log10(powers[12:]))
    assert slopes.mean() == pytest.approx(1.0, abs=0.1)


def test_silence_is_nothing_and_a_tone_leaves_with_its_sound():
    assert not heard(np.zeros(SAMPLE_RATE)).any()
    assert not heard(np.concatenate([tone(440, 0.5), np.zeros(4096)])).any()


def test_it_hears_the_same_however_the_sound_is_cut():
    y = tone(440, 0.3) + tone(3000, 0.3)
    whole = heard(y, block=len(y))
    for block in (1, 441, 4096, 10_000):
        assert np.array_equal(heard(y, block=block), whole)


def test_samples_that_are_no_numbers_are_silent_and_gone_with_their_window():
    y = tone(440, 0.3)
    y[-100:] = np.nan
    y[-200:-150] = np.inf
    assert np.isfinite(heard(y)).all()
    assert np.array_equal(heard(np.concatenate([y, tone(440, 0.2)])), heard(tone(440, 0.2)))
