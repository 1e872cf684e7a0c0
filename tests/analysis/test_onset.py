import math

import numpy as np
import pytest

from bandwalk.analysis.onset import REFRACTORY_S, LoudnessRise, OnsetDetector, novelty


def onsets(loudness, step_rate=100.0) -> list[int]:
    rise, detector = LoudnessRise(step_rate), OnsetDetector(step_rate)
    steps = zip([0.0, *loudness[:-1]], loudness, strict=True)
    return [i for i, (before, now) in enumerate(steps) if detector.step(rise.step(now, before))]


def test_one_hit_is_one_onset_however_slowly_it_dies():
    hit = np.concatenate([np.zeros(100), np.linspace(0.25, 1, 4), np.exp(-np.arange(300) / 100)])
    assert len(onsets(hit)) == 1


def test_hits_nearer_than_the_refractory_time_are_one():
    hits = np.zeros(300)
    hits[100:102] = hits[108:110] = hits[200:202] = 1.0
    assert onsets(hits) == [100, 200]
    assert math.ceil(REFRACTORY_S * 100) > 8


def test_hits_of_half_the_loudness_are_found_among_full_ones():
    hit = np.exp(-np.arange(50) / 8)
    loudness = np.concatenate([gain * hit for gain in (1, 0.5, 1, 0.5, 1, 0.5, 1, 0.5)])
    assert onsets(loudness) == list(range(0, 400, 50))


def test_silence_and_a_steady_sound_have_none():
    assert onsets(np.zeros(500)) == []
    assert onsets(np.full(500, 0.7)) == [0]


def test_a_part_that_rises_counts_though_another_is_louder():
    before, now, rest = [1.0, 0.01], [1.0, 0.1], [1.5, 0.05]
    assert novelty(now, before, rest, 0.001) == math.log(2.0)
    assert novelty(now, before, rest, 0.08) == pytest.approx(math.log(1.25))
    assert novelty(before, now, rest, 0.001) == 0.0
