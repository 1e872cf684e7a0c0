"""The published analysis against its description, restated here with scipy's own parts."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from scipy.signal import butter, filtfilt

from bandwalk.analysis import published_bands as published
from bandwalk.analysis.published_bands import band_rms, hop_of, step_rate_of, to_change, zero_phase_bands
from bandwalk.pipeline.whole_song import hear_published

SONGS = Path("/usr/share/games/frozen-bubble/snd")
RATE = 22_050


def restated(y, bpm=150):
    """RMS of each band and step, as the description has it, [3, n_steps]."""
    hop = int(RATE / (bpm * 16 / 60))

    def run(x, kind, f_hz):
        return filtfilt(*butter(5, f_hz / (RATE / 2), kind), x)

    bands = (
        run(y, "low", 150),
        run(run(y, "low", 350), "high", 200),
        run(run(y, "low", 5000), "high", 500),
    )
    found = []
    for band in bands:
        padded = np.pad(band, hop // 2)  # centred, silence beyond the ends
        starts = range(0, len(padded) - hop + 1, hop)
        found.append([np.sqrt(np.mean(padded[start : start + hop] ** 2)) for start in starts])
    return np.array(found)


def beginning(song, folder):
    """A minute of a real song, as a file."""
    with soundfile.SoundFile(SONGS / song) as whole:
        path = folder / f"{song}.flac"
        soundfile.write(path, whole.read(60 * whole.samplerate), whole.samplerate)
    return path


def load(path):
    """The song as librosa loads it by default: mono, 22,050 Hz, soxr_hq."""
    x, rate = soundfile.read(path, dtype="float32")
    return soxr.resample(x.mean(axis=1), rate, RATE, quality="HQ")


@pytest.mark.parametrize(("song", "bpm"), [("frozen-mainzik-1p.ogg", 150), ("introzik.ogg", 128)])
def test_two_real_songs_are_heard_as_published(song, bpm, tmp_path):
    path = beginning(song, tmp_path)
    heard = hear_published(path, "", bpm)
    expected = restated(load(path), bpm)
    assert heard.of_bands("rms").shape == expected.shape
    for ours, theirs in zip(heard.of_bands("rms"), expected, strict=True):
        assert np.corrcoef(ours, theirs)[0, 1] > 0.999999
        assert np.abs(ours - theirs).max() < 1e-5 * theirs.max()
        audible = theirs > 1e-4 * theirs.max()
        assert (np.abs(ours - theirs)[audible] / theirs[audible]).max() < 1e-3


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(0)
    return rng.standard_normal(12 * published.BLOCK).astype(np.float32)


@pytest.mark.parametrize("n", [1, 18, 19, 200, 4 * published.REACH - 1, published.BLOCK, 150_000, 240_000, 393_216])
def test_any_length_is_filtered_as_filtfilt_does(noise, n):
    y = noise[:n]
    rms, length = band_rms(iter([y]), 551)
    assert length == n
    if n <= 18:  # too short to be filtered
        assert not rms.any()
        return
    expected = restated(y)
    assert rms.shape == expected.shape
    assert np.abs(rms - expected).max() < 1e-6


@pytest.mark.parametrize("cut", [1000, 4097, 40_000, 120_000])
def test_the_size_of_pieces_changes_nothing_that_counts(noise, cut):
    y = noise[:300_000]
    pieces = [y[start : start + cut] for start in range(0, len(y), cut)]
    whole = np.concatenate(list(zero_phase_bands(iter([y]))), axis=1)
    cut_up = np.concatenate(list(zero_phase_bands(iter(pieces))), axis=1)
    assert whole.shape == cut_up.shape == (3, len(y))
    assert np.abs(whole - cut_up).max() < 1e-6


def test_zero_phase_means_no_delay():
    y = np.zeros(300_000)
    y[50_000] = 1.0
    for band in np.concatenate(list(zero_phase_bands(iter([y]))), axis=1):
        assert np.argmax(np.abs(band)) == 50_000
        around = np.abs(band[50_000 - 3000 : 50_000 + 3001])
        assert np.allclose(around, around[::-1], atol=1e-8)


def test_steps_are_whole_samples():
    assert (hop_of(150), hop_of(128), hop_of(120)) == (551, 645, 689)
    assert step_rate_of(150) == Fraction(22_050, 551)


def test_changes_are_over_the_largest_rise_and_may_fall_below_minus_one():
    rms = np.array([[0.0, 0.5, 0.4, 0.4], [1.0, 0.2, 0.6, 0.6], [3.0, 2.0, 1.0, 1.0]])
    expected = [[0.0, 1.0, -0.2, 0.0], [0.0, -2.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]  # the last one never rises
    assert np.allclose(to_change(rms), expected)


def test_memory_does_not_grow_with_the_song(noise):
    largest = 0

    def pieces():
        for _ in range(12):
            yield noise

    for bands in zero_phase_bands(pieces()):
        largest = max(largest, bands.shape[1])
    assert largest <= published.ROWS * published.BLOCK
