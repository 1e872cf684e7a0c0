"""The stage as a stage: whole = again = block by block, its times, its manners with broken sound."""

import os
import subprocess
import sys
import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from analysis.hearing import HIGH, LOW, VALUES, features_of, hear, to_blocks, to_heard, with_band
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, sosfilt
from sounds import SAMPLE_RATE, beat, tone

from bandwalk.analysis import Analyzer
from bandwalk.records import Block

MUSIC = beat(1.5) + 0.01 * np.random.default_rng(3).standard_normal(72_000).astype(np.float32)
OTHER = with_band(LOW, replace(VALUES, gain=0.5, floor_db=-40.0), f_hi=90.0, gain=2.0, release_s=1.0)


def values_only(features) -> list:
    """Leave out t_capture: seconds of a block's end minus what follows round differently from block to block."""
    return [replace(f, t_capture=0.0) for f in features]


@pytest.mark.parametrize("step_rate", [25.0, 40.0, 70.0, 100.0, 200.0, 400.0])
def test_whole_equals_again_equals_block_by_block(step_rate):
    analyzer = Analyzer(VALUES, step_rate=step_rate)
    whole = values_only(features_of(analyzer, to_blocks(MUSIC, len(MUSIC))))
    analyzer.reset()
    again = values_only(features_of(analyzer, to_blocks(MUSIC, len(MUSIC))))
    analyzer.reset()
    piecewise = values_only(features_of(analyzer, to_blocks(MUSIC, 480)))
    assert whole == again == piecewise
    assert len(whole) == len(MUSIC) // analyzer.hop


@cache
def whole():
    return values_only(features_of(Analyzer(VALUES, step_rate=100.0), to_blocks(MUSIC, len(MUSIC))))


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 8192), min_size=1, max_size=8))
def test_any_cutting_into_blocks_gives_the_same_bits(sizes):
    cut = features_of(Analyzer(VALUES, step_rate=100.0), to_blocks(MUSIC, *sizes))
    assert whole() == values_only(cut)


@pytest.mark.parametrize("size", [1, 2, 479, 481, 8192])
def test_parameters_set_at_one_sample_act_alike_at_any_block_size(size):
    def run(*sizes):
        analyzer = Analyzer(VALUES, step_rate=100.0)
        features = features_of(analyzer, to_blocks(MUSIC[:20_001], *sizes))
        analyzer.set(OTHER)
        return values_only(features + features_of(analyzer, to_blocks(MUSIC[20_001:], *sizes)))

    assert run(size) == run(len(MUSIC))


def test_the_bits_do_not_depend_on_the_number_of_threads():
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from analysis.hearing import VALUES, features_of, to_blocks\n"
        "from bandwalk.analysis import Analyzer\n"
        "from sounds import beat\n"
        "print(features_of(Analyzer(VALUES, step_rate=25.0), to_blocks(beat(2.0), 4096)))"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parents[1])]
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    one, four = (
        subprocess.run(command, env=os.environ | dict.fromkeys(names, n), capture_output=True, check=True, timeout=60)
        for n in ("1", "4")
    )
    assert one.stdout == four.stdout
    assert len(one.stdout) > 10_000


def test_reset_forgets_the_sound_and_keeps_the_values_set_last():
    analyzer = Analyzer(VALUES, step_rate=100.0)
    features_of(analyzer, to_blocks(MUSIC[:30_123], 1000))
    analyzer.set(OTHER)
    analyzer.reset()
    fresh = Analyzer(OTHER, step_rate=100.0)
    assert features_of(analyzer, to_blocks(MUSIC, 512)) == features_of(fresh, to_blocks(MUSIC, 512))


def test_rms_is_that_of_the_filtered_sound_under_a_window_of_40_ms():
    low = sosfilt(butter(5, 150.0, fs=SAMPLE_RATE, output="sos"), MUSIC.astype(float))
    heard = hear(MUSIC)
    weights = np.kaiser(1920, 3.0)
    weights /= weights.sum()
    for step in (10, 57, 149):
        window = slice((step + 1) * 480 - 1920, (step + 1) * 480)
        assert heard.rms[step, LOW] == pytest.approx(np.sqrt(weights @ low[window] ** 2), rel=1e-5)
        assert heard.rms_full[step] == pytest.approx(np.sqrt(weights @ MUSIC[window].astype(float) ** 2), rel=1e-5)


@pytest.mark.parametrize("step_rate", [40.0, 100.0, 200.0])
def test_levels_agree_at_every_step_rate(step_rate):
    fine, other = hear(MUSIC, step_rate=400.0), hear(MUSIC, step_rate=step_rate)
    at = np.searchsorted(fine.t, other.t - 1e-9)
    late = other.t > 0.2
    assert np.abs(fine.level[at] - other.level)[late].mean() < 0.05


def test_the_step_rate_is_rounded_to_whole_samples():
    analyzer = Analyzer(VALUES, step_rate=70.0)
    assert analyzer.hop == 686
    assert analyzer.step_rate == pytest.approx(SAMPLE_RATE / 686)


@pytest.mark.parametrize("size", [1, 100, 480, 1000, 8192])
def test_a_step_knows_its_audio_time_and_when_it_was_captured(size):
    features = features_of(Analyzer(VALUES, step_rate=100.0), to_blocks(MUSIC, size))
    assert [f.step for f in features] == list(range(150))
    assert [f.t_audio for f in features] == [(k + 1) * 480 / SAMPLE_RATE for k in range(150)]
    assert [f.t_capture for f in features] == pytest.approx([100.0 + f.t_audio for f in features], abs=1e-9)


def test_samples_that_are_not_finite_are_heard_as_silence():
    broken, mended = MUSIC.copy(), MUSIC.copy()
    broken[10_000:10_300] = np.nan
    broken[20_000], broken[20_001] = np.inf, -np.inf
    mended[10_000:10_300] = mended[20_000:20_002] = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        heard = features_of(Analyzer(VALUES, step_rate=100.0), to_blocks(broken, 512))
    assert heard == features_of(Analyzer(VALUES, step_rate=100.0), to_blocks(mended, 512))


def test_absurd_samples_are_forgotten_within_seconds():
    y = tone(60, 12)
    broken = y.copy()
    broken[SAMPLE_RATE] = 3e38
    assert hear(broken).level[-1, LOW] == pytest.approx(hear(y).level[-1, LOW], abs=0.01)


def test_an_empty_block_changes_nothing():
    analyzer = Analyzer(VALUES, step_rate=100.0)
    empty = Block(np.zeros(0, dtype=np.float32), 0, 0.0)
    assert analyzer.process(empty) == []
    features = [f for block in to_blocks(MUSIC, 300) for part in (block, empty) for f in analyzer.process(part)]
    assert features == features_of(Analyzer(VALUES, step_rate=100.0), to_blocks(MUSIC, 300))


def test_features_are_plain_numbers_in_their_ranges():
    loud = with_band(HIGH, replace(VALUES, gain=100.0), gain=8.0)
    features = features_of(Analyzer(loud, step_rate=100.0), to_blocks(MUSIC, 480))
    for f in features:
        assert {type(x) for x in (*f.rms, *f.level, *f.change, f.rms_full, f.t_audio)} == {float}
        assert {type(x) for x in f.onset} == {bool}
    heard = to_heard(features)
    assert heard.level.min() >= 0.0
    assert heard.level.max() == 1.0
    assert np.abs(heard.change).max() == 1.0
