import time

import numpy as np
import pytest
from scipy import signal

from bandwalk.audio import SourceOptions, demo_mix, demo_onsets, demo_score, open_source
from bandwalk.audio import demo as track
from bandwalk.audio import voices as track_voices
from bandwalk.errors import ParameterError

BAR_S = track.BAR / 48000
EDGES_HZ = {"low": (20, 150), "mid": (200, 350), "high": (500, 5000)}


@pytest.fixture(scope="module")
def y():
    return track.track_of(track.SEED).whole().mean(axis=1)


def _rms_per_hop(y, band, hop=480):
    sos = signal.butter(5, EDGES_HZ[band], "bandpass", fs=48000, output="sos")
    steps = signal.sosfilt(sos, y)[: len(y) // hop * hop].reshape(-1, hop)
    return np.sqrt((steps**2).mean(axis=1))


def _bar_db(y, band):
    rms = _rms_per_hop(y, band, track.BAR // 100)
    return 20 * np.log10(rms.reshape(track.BARS, -1).max(axis=1) + 1e-9)


def test_it_is_a_minute_at_124_beats_and_peaks_below_one_db_under_full_scale():
    y = track.track_of(track.SEED).whole()
    assert len(y) == track.LENGTH
    assert abs(60 / (4 * demo_score.STEP / 48000) - 124) < 0.1
    assert 60 < len(y) / 48000 < 64
    assert np.abs(y).max() < 10 ** (-1 / 20)
    assert np.isfinite(y).all()
    assert -20 < 20 * np.log10(np.sqrt((y**2).mean())) < -12


def test_a_seed_gives_the_same_track_whichever_bar_is_first_and_another_seed_another():
    again = track.Track(track.SEED)
    for bar in (17, 3, 31, 0):
        again.read(bar * track.BAR, 10)
    assert np.array_equal(again.whole(), track.track_of(track.SEED).whole())
    assert not np.array_equal(track.Track(track.SEED + 1).read(0, track.BAR), again.read(0, track.BAR))


def test_its_loudest_sample_is_the_one_that_it_is_scaled_by():
    loudest = np.arctanh(np.abs(track.track_of(track.SEED).whole()).max() / demo_mix.PEAK * np.tanh(demo_mix.SQUEEZE))
    assert loudest == pytest.approx(demo_mix.SQUEEZE, rel=1e-4)


def test_it_is_mixed_as_far_as_it_is_needed_and_a_little_further():
    again = track.Track(track.SEED)
    for bar in (4, 5):
        again.go_to(bar * track.BAR)
        deadline = time.monotonic() + 60
        while not again.is_mixed(bar + 2) and time.monotonic() < deadline:
            time.sleep(0.01)
    assert [again.is_mixed(bar) for bar in range(9)] == [False] * 4 + [True] * 4 + [False]


def test_its_noise_is_what_scipys_filter_lets_through():
    """Of a burst that begins at once, and its tail."""
    white = np.random.default_rng(3).standard_normal(14_400, dtype=np.float32)
    sos = signal.butter(2, (1500, 9000), "bandpass", fs=48000, output="sos")
    y = signal.sosfilt(sos, white)
    made = track_voices._noise(np.random.default_rng(3), len(white), (1500, 9000))
    assert np.allclose(made, y / np.abs(y).max(), atol=1e-6)


def test_its_room_is_the_convolution_of_the_whole():
    mix = demo_mix.DemoMix(track.SEED)
    response = np.fft.irfft(mix._room, demo_mix._FFT)[:, : demo_mix._ROOM]
    before, here = (mix._echoed(bar) for bar in (31, 0))
    whole = np.concatenate([before, here], axis=1).sum(axis=0) / 2
    wet = signal.oaconvolve(np.stack([whole, whole]), response, axes=1)[:, track.BAR : 2 * track.BAR]
    assert np.allclose(mix._reverb(before, here), wet, atol=1e-5)


def test_it_loops_without_a_seam():
    """The step over it is as small as at any other beat, and the sound goes on past it."""
    source = open_source("demo", SourceOptions())
    source.seek((track.LENGTH - 4800) / 48000)
    x = source.read(9600)
    step = np.abs(x[4800] - x[4799]).max()
    track_steps = np.abs(np.diff(track.track_of(track.SEED).whole(), axis=0)).max(axis=1)
    assert step <= max(track_steps[bar - 1] for bar in range(track.BAR, track.LENGTH, track.BAR))
    assert step < 0.02
    assert np.abs(x[:4800]).max() > 0.05
    assert np.sqrt((x[4500:4800] ** 2).mean()) > 1e-3


def test_it_goes_round_for_ever():
    source = open_source("demo", SourceOptions())
    first = source.read(480)
    rest = sum(len(source.read(48000)) for _ in range(70))
    assert rest == 70 * 48000
    source.seek(0.0)
    assert np.array_equal(source.read(480), first)
    source.seek(track.LENGTH / 48000)
    assert np.array_equal(source.read(480), first)


def test_the_kick_is_heard_in_low_and_the_snare_in_mid_at_the_times_told(y):
    onsets = demo_onsets()
    for voice, band in (("kick", "low"), ("snare", "mid")):
        rms = _rms_per_hop(y, band)
        jumps = []
        for t_s in onsets[voice]:
            step = int(t_s * 100)
            before = rms[max(0, step - 2)]
            jumps.append(rms[step : step + 5].max() / (before + 1e-4))
        assert np.median(jumps) > 1.5, voice


def test_low_rests_in_the_break_and_mid_shows_the_snare_alone(y):
    low, mid, high = (_bar_db(y, band) for band in EDGES_HZ)
    full, rest = list(range(12, 20)), [21, 22]
    assert low[full].min() - low[rest].max() > 40
    assert mid[full].min() - mid[rest].max() > 12
    assert high[rest].min() > high[full].max() - 8
    mid_rms = _rms_per_hop(y, "mid")[int(100 * 12 * BAR_S) : int(100 * 20 * BAR_S)]
    assert np.median(mid_rms) < np.max(mid_rms) / 10


def test_onsets_rise_and_lie_inside_the_track():
    onsets = demo_onsets()
    assert {"kick", "snare", "hat", "bass", "lead"} <= set(onsets)
    for times in onsets.values():
        assert (np.diff(times) > 0).all()
        assert times[0] >= 0
        assert times[-1] < track.LENGTH / 48000
    beat_s = 4 * demo_score.STEP / 48000
    assert np.allclose(onsets["kick"] / beat_s, np.round(onsets["kick"] / beat_s))


def test_its_channels_can_be_chosen():
    assert open_source("demo", SourceOptions(channels="2")).read(480).shape == (480, 1)
    with pytest.raises(ParameterError, match="channels = 3: expected channels from 1 to 2, all that demo has"):
        open_source("demo", SourceOptions(channels="3"))
