"""The edge of every source: no DC, no rumble, no channel that cancels another."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt
from signals import SAMPLE_RATE, db, kick, place, sine, time, white

from bandwalk.audio.conditioning import ITU, Biquad, Conditioning

BLOCK = 480


def passed(x, size=BLOCK):
    """Return what leaves the edge, [n], of x [n, channels]."""
    edge = Conditioning()
    return np.concatenate([edge.pass_on(x[i : i + size]) for i in range(0, len(x), size)])


def rms(y):
    return float(np.sqrt(np.mean(np.square(y, dtype=np.float64))))


def stereo(left, right):
    return np.stack([left, right], axis=1).astype(np.float32)


MUSIC = 0.5 * place(kick(), np.arange(0.1, 3, 0.5), 3) + 0.05 * white(3)


@pytest.mark.parametrize("offset", [0.02, -0.5])
def test_dc_is_gone_from_the_first_sample_on(offset):
    y = passed(np.full((SAMPLE_RATE, 2), offset, np.float32))
    assert np.abs(y).max() < 1e-6
    with_dc, without = passed((MUSIC + offset)[:, None].astype(np.float32)), passed(MUSIC[:, None].astype(np.float32))
    assert rms(with_dc - without) < 0.01 * rms(without)


@pytest.mark.parametrize(("f_hz", "gain_db"), [(2, -40.0), (8, -16.0), (20, -3.0), (45, -0.17), (200, 0.0)])
def test_what_lies_under_20_hz_is_taken_away_by_the_butterworth_formula(f_hz, gain_db):
    y = passed(sine(f_hz, 4)[:, None].astype(np.float32))[2 * SAMPLE_RATE :]
    assert 20 * np.log10(rms(y) / (db(-6) / np.sqrt(2))) == pytest.approx(gain_db, abs=0.15)


def test_one_channel_comes_out_the_same_bits_however_it_is_cut():
    x = MUSIC[:, None].astype(np.float32)
    assert np.array_equal(passed(x), passed(x, 4096))
    assert np.array_equal(passed(x), passed(x, 1000))


def test_channels_that_are_alike_are_as_one():
    x = MUSIC.astype(np.float32)
    np.testing.assert_allclose(passed(stereo(x, x)), passed(x[:, None]), atol=1e-7)


def test_a_channel_upside_down_does_not_silence_the_other():
    right, wrong = passed(stereo(MUSIC, MUSIC)), passed(stereo(MUSIC, -MUSIC))
    late = slice(round(0.15 * SAMPLE_RATE), None)
    np.testing.assert_allclose(np.abs(wrong[late]), np.abs(right[late]), atol=1e-5)
    assert rms(wrong[: late.start]) > 0.3 * rms(right[: late.start])


def test_a_bass_upside_down_takes_no_voices_away():
    bass, voice = sine(55, 3), sine(1000, 3, -20)
    y = passed(stereo(voice + bass, voice - bass))[SAMPLE_RATE:]
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)))) / len(y) * 4
    for f_hz, level_db in ((55, -6), (1000, -20)):
        at = round(f_hz * len(y) / SAMPLE_RATE)
        assert 20 * np.log10(spectrum[at - 3 : at + 4].max()) == pytest.approx(level_db, abs=1.0)


def test_music_with_two_sides_is_joined_by_the_mean():
    left, right = MUSIC + 0.05 * white(3, 2), MUSIC + 0.05 * white(3, 3)
    mean = passed(((left.astype(np.float32) + right.astype(np.float32)) / 2)[:, None])
    np.testing.assert_allclose(passed(stereo(left, right)), mean, atol=1e-6)


def test_one_dead_channel_leaves_the_other():
    t = time(2)
    y = passed(stereo(0.5 * np.sin(2 * np.pi * 300 * t), 0 * t))[SAMPLE_RATE:]
    assert rms(y) == pytest.approx(0.25 / np.sqrt(2), rel=0.01)


@pytest.mark.parametrize(("channel", "gain"), [(0, 0.5), (2, 0.7071), (3, 0.0), (4, 0.35355)])
def test_surround_sound_is_weighed_as_itu_does(channel, gain):
    x = np.zeros((SAMPLE_RATE, 6), np.float32)
    x[:, channel] = sine(300, 1)
    assert rms(passed(x)) == pytest.approx(gain * rms(passed(sine(300, 1)[:, None].astype(np.float32))), rel=0.01)
    assert all(len(shares) == n for n, shares in ITU.items())


def test_silence_after_sound_costs_no_time_on_denormal_numbers():
    edge = Conditioning()
    edge.pass_on(stereo(MUSIC, -MUSIC))
    for _ in range(1000):
        y = edge.pass_on(np.zeros((BLOCK, 2), np.float32))
    assert not np.any((np.abs(y) > 0) & (np.abs(y) < 1e-30))


@pytest.mark.parametrize(("kind", "cut_hz"), [("highpass", 20.0), ("lowpass", 200.0)])
def test_a_section_is_the_filter_of_scipy(kind, cut_hz):
    section, state = Biquad(kind, cut_hz), np.zeros((2, 2))
    x = np.stack([MUSIC, white(3)])
    y = np.hstack([section.filter(x[:, i : i + BLOCK], state) for i in range(0, x.shape[1], BLOCK)])
    wanted = sosfilt(butter(2, cut_hz, kind, fs=SAMPLE_RATE, output="sos"), x)
    np.testing.assert_allclose(y, wanted, atol=1e-12)


@pytest.mark.parametrize("size", [1, 7, 479, 481, 1000, 4096])
def test_two_channels_come_out_the_same_bits_however_they_are_cut(size):
    turned = stereo(MUSIC, np.concatenate([MUSIC[: SAMPLE_RATE // 2], -MUSIC[SAMPLE_RATE // 2 :]]))
    x = turned[: SAMPLE_RATE if size > 1 else 2000]
    assert np.array_equal(passed(x, size), passed(x, len(x)))
