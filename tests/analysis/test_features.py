"""What is heard in sounds whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from analysis.hearing import HIGH, LOW, MID, VALUES, hear, with_band
from signals import place
from sounds import SAMPLE_RATE, hits, tone

BEAT_S = 60 / 124


def kick() -> np.ndarray:
    """A sine that falls from 160 to 50 Hz and dies away."""
    t = np.arange(round(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
    f_hz = 50 + 110 * np.exp(-t / 0.025)
    return 0.7 * np.sin(2 * np.pi * np.cumsum(f_hz) / SAMPLE_RATE) * np.exp(-t / 0.09)


def snare() -> np.ndarray:
    """A body at 240 Hz and a burst of noise."""
    t = np.arange(round(0.2 * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.random.default_rng(7).standard_normal(len(t))
    return 0.35 * np.sin(2 * np.pi * 240 * t) * np.exp(-t / 0.05) + 0.25 * noise * np.exp(-t / 0.06)


def hat() -> np.ndarray:
    """A tick of bright noise."""
    t = np.arange(round(0.06 * SAMPLE_RATE)) / SAMPLE_RATE
    return 0.15 * np.diff(np.random.default_rng(8).standard_normal(len(t) + 1)) * np.exp(-t / 0.015)


def noise(seconds: float, amplitude: float, seed: int = 1) -> np.ndarray:
    return amplitude * np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE))


SECONDS = 14.0
KICKS = 0.1 + BEAT_S * np.arange(28)
SNARES = KICKS[1::2]


@pytest.fixture(scope="module")
def drums() -> np.ndarray:
    """Four on the floor at 124 bpm, snare on two and four, hats between, 14 s."""
    return place(kick(), KICKS, SECONDS) + place(snare(), SNARES, SECONDS) + place(hat(), KICKS + BEAT_S / 2, SECONDS)


@pytest.mark.parametrize("step_rate", [40.0, 100.0, 200.0])
@pytest.mark.parametrize(("f_hz", "band"), [(60, LOW), (110, LOW), (270, MID), (700, HIGH), (2000, HIGH)])
def test_a_tone_lights_exactly_its_band(f_hz, band, step_rate):
    heard = hear(tone(f_hz, 3), step_rate=step_rate)
    settled = heard.level[heard.t > 2]
    assert settled[:, band].min() > 0.95
    assert np.delete(settled, band, axis=1).max() == 0.0
    assert not heard.onset[heard.t > 1].any()


@pytest.mark.parametrize(("f_hz", "band"), [(60, LOW), (2000, HIGH)])
def test_a_hit_from_silence_lights_no_band_but_its_own(f_hz, band):
    heard = hear(hits([0.5], f_hz, 1.5))
    assert heard.level[:, band].max() > 0.9
    assert heard.onset[:, band].sum() == 1
    for others in (heard.level, heard.change, heard.onset):
        assert not np.delete(others, band, axis=1).any()


def test_hats_are_seen_behind_a_kick_drum_twenty_decibels_louder():
    ticks = tone(3000, 0.03) * np.hanning(1440)
    heard = hear(place(kick(), KICKS, SECONDS) + place(0.2 * ticks, KICKS + BEAT_S / 2, SECONDS))
    lit = heard.level[:, HIGH] > 0.2
    hats = [np.any(lit[(heard.t > t) & (heard.t < t + 0.06)]) for t in KICKS[4:] + BEAT_S / 2]
    assert all(hats)


def test_silence_is_silent():
    heard = hear(np.zeros(2 * SAMPLE_RATE))
    assert not any(x.any() for x in (heard.rms, heard.level, heard.change, heard.onset, heard.rms_full))


def test_noise_under_the_floor_is_silent_and_just_over_it_is_not_full_scale():
    y = noise(3, 1.0)
    rms = hear(y).rms.max(axis=0)
    for band in (LOW, MID, HIGH):
        under = hear(y * 10 ** (-73 / 20) / rms[band])
        assert not under.level[:, band].any()
        assert not under.change[:, band].any()
        assert not under.onset[:, band].any()
        over = hear(y * 10 ** (-69 / 20) / rms[band])
        assert 0.0 < over.level[:, band].max() < 0.5


def test_silence_after_music_does_not_pump_up_what_is_left(drums):
    hiss = noise(8, 10 ** (-75 / 20))
    heard = hear(np.concatenate([drums, hiss]))
    assert not heard.level[heard.t > SECONDS + 2].any()
    assert not heard.change[heard.t > SECONDS + 2].any()


@pytest.mark.parametrize(("f_hz", "seconds"), [(50, 10), (60, 20), (100, 10), (270, 10), (2000, 10)])
def test_a_steady_tone_stays_steady(f_hz, seconds):
    heard = hear(tone(f_hz, seconds))
    band = {50: LOW, 60: LOW, 100: LOW, 270: MID, 2000: HIGH}[f_hz]
    late = heard.t > 1
    assert np.ptp(heard.level[late, band]) < 0.02
    assert np.abs(heard.change[late]).max() < 0.15  # 60 Hz is 2.4 periods of the window: its RMS ripples by 3 %


def test_kicks_are_onsets_in_low_and_nothing_else_is(drums):
    times = hear(drums).onset_times(LOW)
    assert len(times) == len(KICKS)
    assert np.all((times > KICKS) & (times < KICKS + 0.040))


def test_snares_are_onsets_in_mid(drums):
    times = hear(drums).onset_times(MID)
    times = times[times > 0.3]  # the very first sound is new to every band
    assert len(times) == len(SNARES)
    assert np.all((times > SNARES) & (times < SNARES + 0.040))


def test_kicks_are_found_over_a_bass_note():
    bass = 0.2 * np.sin(2 * np.pi * 55 * np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE)
    times = hear(place(kick(), KICKS, SECONDS) + bass).onset_times(LOW)[1:]  # the first is the bass
    assert sum(np.any((times > k) & (times < k + 0.060)) for k in KICKS) >= len(KICKS) - 2


def test_stationary_noise_rests():
    heard = hear(noise(12, 0.1))
    late = heard.t > 3
    assert not heard.onset[late].any()
    assert 40 * np.maximum(heard.change[late], 0).mean(axis=0).max() < 0.3


def test_drums_look_the_same_at_any_loudness(drums):
    loud, soft = hear(drums), hear(0.03 * drums)
    assert np.abs(loud.level - soft.level).mean() < 0.03
    np.testing.assert_allclose(loud.onset_times(LOW), soft.onset_times(LOW), atol=0.011)  # at most a step


def test_a_quiet_passage_comes_back_within_three_seconds(drums):
    heard = hear(np.concatenate([drums[: 8 * SAMPLE_RATE], 0.1 * drums[: 8 * SAMPLE_RATE]]))
    assert heard.level[(heard.t > 8.2) & (heard.t < 9), LOW].max() < 0.3
    assert heard.level[heard.t > 11, LOW].max() > 0.75


@pytest.mark.parametrize(("attack_s", "release_s"), [(0.05, 0.4), (0.5, 0.15)])
def test_the_level_rises_and_falls_with_its_time_constants(attack_s, release_s):
    values = with_band(HIGH, attack_s=attack_s, release_s=release_s)
    heard = hear(np.concatenate([tone(2000, 6 * attack_s), np.zeros(5 * SAMPLE_RATE)]), values)
    level, end = heard.level[:, HIGH], round(6 * attack_s * 100)
    rise = np.argmax(level > (1 - np.exp(-1))) / 100
    fall = np.argmax(level[end:] < level[end - 1] * np.exp(-1)) / 100
    assert rise == pytest.approx(attack_s, abs=0.035)  # the window adds its own 40 ms
    assert fall == pytest.approx(release_s, abs=0.045)


def test_gain_scales_rms_and_neither_level_nor_change_notice_it(drums):
    turned = [(5.0, replace(VALUES, gain=8.0)), (10.0, VALUES), (12.0, replace(VALUES, gain=0.3))]
    plain, heard = hear(drums), hear(drums, then=turned)
    late = (heard.t > 6) & (heard.t < 10)
    np.testing.assert_allclose(heard.rms[late], 8 * plain.rms[late], rtol=1e-3)
    np.testing.assert_allclose(heard.rms_full[late], 8 * plain.rms_full[late], rtol=1e-3)
    np.testing.assert_allclose(heard.level, plain.level, atol=0.02)
    np.testing.assert_allclose(heard.change, plain.change, atol=0.02)
    assert np.array_equal(heard.onset[:, LOW], plain.onset[:, LOW])


def test_gain_zero_is_silence(drums):
    heard = hear(drums, then=[(5.0, replace(VALUES, gain=0.0))])
    assert not heard.level[heard.t > 8].any()
    assert heard.rms[-1].max() < 1e-9


def test_band_gain_scales_level_and_change_up_to_their_ends(drums):
    plain, half = hear(drums), hear(drums, with_band(LOW, gain=0.5))
    np.testing.assert_allclose(half.level[:, LOW], 0.5 * plain.level[:, LOW])
    np.testing.assert_allclose(half.change[:, LOW], 0.5 * plain.change[:, LOW])
    off = hear(drums, with_band(LOW, gain=0.0))
    assert not off.level[:, LOW].any()
    assert not off.change[:, LOW].any()
    assert np.array_equal(off.level[:, MID:], plain.level[:, MID:])


def test_a_band_gain_glides():
    level = hear(tone(60, 4), then=[(2.0, with_band(LOW, gain=0.2))]).level[:, LOW]
    assert np.abs(np.diff(level[100:])).max() < 0.2
    assert level[-1] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("f_hi", [20.0, 140.0, 180.0, 2000.0])
def test_new_edges_do_not_click(f_hi):
    y = tone(50, 4) + tone(270, 4) + tone(2000, 4)
    control = hear(y)
    turned = hear(y, then=[(2.0, with_band(LOW, f_hi=f_hi))])
    late = turned.t > 1
    bound = np.abs(control.change[late]).max() + 0.1
    assert np.abs(turned.change[late]).max() < bound
    assert not turned.onset[late].any()
    assert np.abs(np.diff(turned.level[late], axis=0)).max() < 0.25


def test_new_edges_are_heard():
    heard = hear(tone(270, 4), then=[(2.0, with_band(LOW, f_hi=1000.0))])
    assert heard.rms[-1, LOW] == pytest.approx(0.3 / np.sqrt(2), rel=0.01)


def test_a_knob_turned_without_rest_follows_and_ends_where_it_ends():
    f_hi = np.geomspace(150, 1000, 100)
    turns = [(1 + 0.02 * i, with_band(LOW, f_hi=float(f))) for i, f in enumerate(f_hi)]
    heard = hear(tone(270, 5), then=turns)
    assert np.abs(heard.change[heard.t > 0.9, LOW]).max() < 0.1
    assert heard.rms[-1, LOW] == pytest.approx(0.3 / np.sqrt(2), rel=0.01)


def test_floor_moves_without_a_jump():
    heard = hear(tone(60, 4, 0.01), then=[(2.0, replace(VALUES, floor_db=-20.0))])
    level = heard.level[heard.t > 1, LOW]
    assert np.abs(np.diff(level)).max() < 0.75
    assert level[-1] == 0.0
