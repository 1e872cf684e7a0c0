"""Sixteen channels: what they hear, how much they move, and whose step they belong to."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
import torch
from scipy.fft import idct
from sounds import SAMPLE_RATE, beat, tone

from bandwalk.analysis import Analyzer
from bandwalk.analysis.drivers import Drivers, Movement, NSynthListener, Spectral16, song_statistics
from bandwalk.analysis.drivers.listener import DELAY, Decimator
from bandwalk.analysis.drivers.spectral import mel_bands
from bandwalk.analysis.nsynth import load_encoder
from bandwalk.params import defaults
from bandwalk.pipeline.stage_values import ear
from bandwalk.records import Block, Features

HOP = 480
SONG = Path("/usr/share/games/frozen-bubble/snd/frozen-mainzik-1p.ogg")  # Debian's frozen-bubble-data


def _hops(y, hop=HOP):
    return [y[i : i + hop].astype(np.float64) for i in range(0, len(y) - hop + 1, hop)]


def _spectral(y):
    source = Spectral16(HOP)
    return np.array([encoding for hop in _hops(y) for _, encoding in source.hear(hop)])


@pytest.mark.parametrize("f_hz", [150, 440, 1000, 3000, 8000])
def test_a_tone_is_loudest_in_the_mel_band_that_it_lies_in(f_hz):
    loudness = idct(_spectral(tone(f_hz, 0.3))[-1], norm="ortho")
    edges_hz = 700 * (10 ** (np.linspace(*(2595 * np.log10(1 + np.array([20, 12_000]) / 700)), 18) / 2595) - 1)
    assert np.argmax(loudness) == np.argmin(np.abs(np.log(edges_hz[1:-1] / f_hz)))


def test_the_mel_bands_cover_the_spectrum_evenly():
    f_hz = np.fft.rfftfreq(2048, 1 / SAMPLE_RATE)
    inner = mel_bands()[:, (f_hz > 200) & (f_hz < 9500)]
    assert np.allclose(inner.sum(axis=0), 1.0)


def test_the_spectrum_decorrelates_what_the_mel_bands_of_a_song_share():
    with soundfile.SoundFile(SONG) as song:
        song.seek(20 * song.samplerate)
        y = song.read(10 * song.samplerate, always_2d=True).mean(axis=1)
        channels = _spectral(soxr.resample(y, song.samplerate, SAMPLE_RATE))
    off = ~np.eye(16, dtype=bool)
    shared = np.abs(np.corrcoef(idct(channels, norm="ortho", axis=1).T)[off]).mean()
    assert np.abs(np.corrcoef(channels.T)[off]).mean() < 0.6 * shared


def test_the_spectrum_is_causal():
    y = beat(1.0)
    later = y.copy()
    later[24_000:] = 0
    assert np.array_equal(_spectral(y)[:50], _spectral(later)[:50])


@pytest.mark.parametrize(("f_hz", "passes"), [(100, True), (3000, True), (6500, True), (8600, False), (15_000, False)])
def test_the_decimator_passes_what_the_encoder_may_hear_and_no_more(f_hz, passes):
    y = tone(f_hz, 0.5)
    decimator = Decimator()
    low = np.concatenate([decimator.step(hop) for hop in _hops(y)])
    inner = slice(1000, 7000)
    if not passes:
        assert np.abs(low[inner]).max() < 1e-4
        return
    t = 3 * np.arange(len(low)) - DELAY
    assert np.allclose(low[inner], 0.3 * np.sin(2 * np.pi * f_hz * t / SAMPLE_RATE)[inner], atol=1e-3)


def test_the_decimator_takes_the_same_samples_however_the_sound_is_cut():
    y = beat(0.5).astype(np.float64)
    whole = Decimator().step(y)
    for size in (1, 100, 119, 481):
        decimator = Decimator()
        cut = np.concatenate([decimator.step(y[i : i + size]) for i in range(0, len(y), size)])
        assert np.allclose(cut, whole, atol=1e-12)


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(Path(__file__).parents[1] / "data" / "g2_nsynth_narrow_ckpt")


def test_the_listener_hears_what_the_encoder_encodes_and_knows_when(encoder):
    y = beat(1.5)
    listener, known = NSynthListener(encoder), []
    for i, hop in enumerate(_hops(y), 1):
        for t_end, encoding in listener.hear(hop):
            known.append((t_end, encoding))
            assert 0 <= i * HOP / SAMPLE_RATE - t_end + listener.step_s <= listener.look_ahead_s + HOP / SAMPLE_RATE
    known += listener.finish()
    low = Decimator().step(y.astype(np.float64)).astype(np.float32)
    expected = encoder.encode(torch.from_numpy(low[None]))[0].numpy()
    assert np.array_equal(np.array([encoding for _, encoding in known]), expected.astype(np.float64))
    assert np.allclose([t for t, _ in known], (np.arange(len(expected)) + 1) * 0.032 - DELAY / SAMPLE_RATE)


def test_movement_is_in_the_order_of_the_largest_changes():
    rng = np.random.default_rng(0)
    size = rng.permutation(16) + 1.0
    encoding = np.cumsum(size * rng.choice([-1.0, 1.0], (400, 16)), axis=0)
    movement = Movement(16, 0.01)
    for row in encoding:
        change = movement.step(row)
    full = size / np.maximum(size, 0.2 * 16)
    assert change == pytest.approx(full[np.argsort(-size)])
    known = song_statistics(encoding)
    assert known.order.tolist() == np.argsort(-size).tolist()
    again = Movement(16, 0.01, known)
    assert [again.step(row) for row in encoding][1] == pytest.approx(change)


def test_a_channel_that_hardly_moves_is_not_blown_up():
    movement = Movement(2, 0.01)
    for k in range(100):
        change = movement.step(np.array([k % 2, 0.01 * (k % 2)]))
    assert change == pytest.approx((1.0, 0.05))


def test_nothing_moves_where_nothing_changes():
    movement = Movement(16, 0.01)
    assert {movement.step(np.full(16, 3.0)) for _ in range(5)} == {(0.0,) * 16}
    assert song_statistics(np.ones((1, 16))).largest.tolist() == [0.0] * 16


class Late:
    """A source of steps of 30 ms, each known 60 ms after its end; its channel 0 counts them."""

    step_s, look_ahead_s = 0.03, 0.09

    def __init__(self):
        self.heard = 0

    def hear(self, y):
        self.heard += 1
        k = self.heard // 3 - 2
        return [(k * 0.03, np.array([float(k * (k + 1) // 2)]))] if self.heard % 3 == 0 and k > 0 else []

    def finish(self):
        return []


def _step(i):
    return Features(i, (i + 1) * 0.01, 0.0, (), (), (), (), 0.1 if i != 4 else 1e-6)


def test_each_step_waits_for_the_channels_of_its_own_time():
    channels, found = Drivers(Late(), Movement(1, 0.03)), []
    for i in range(18):
        channels.hear(np.zeros(480))
        known = channels.follow([_step(i)], silence=1e-3)
        assert all(features.t_audio >= (i + 1) * 0.01 - 0.0901 for features in known)
        found += known
    assert [features.step for features in found] == list(range(12))
    moved = [features.drivers[0] for features in found]
    assert moved[:3] == [0.0] * 3
    assert moved[3:6] == [1.0, 0.0, 1.0]  # the silent step does not move
    assert moved[6:] == [1.0] * 6


@pytest.mark.parametrize("block", [64, 480, 5000])
def test_channels_are_the_same_however_the_sound_is_cut(block, encoder):
    y = beat(1.2)

    def heard(size, source):
        channels = Drivers(source, Movement(16, source.step_s))
        analyzer, found = Analyzer(ear(defaults()), step_rate=100.0, beside=channels.hear), []
        for start in range(0, len(y), size):
            end = min(start + size, len(y))
            found += channels.follow(analyzer.process(Block(y[start:end], end, 0.0)), 1e-3)
        return [(features.step, features.drivers) for features in found]

    for make in (lambda: Spectral16(HOP), lambda: NSynthListener(encoder)):
        assert heard(block, make()) == heard(len(y), make())
