"""Silence that lasts: nothing grows, nothing becomes slow, and the music after it is heard. On arrays, without a clock.

Longer than the longest memory of the analysis (two minutes); by hand also an hour: BANDWALK_SILENCE_S=3600.
"""

import os
import pickle
import time
from dataclasses import asdict

import numpy as np
from analysis.hearing import VALUES, features_of, to_blocks
from sounds import SAMPLE_RATE, beat

from bandwalk.analysis import Analyzer

SILENCE_S = int(os.environ.get("BANDWALK_SILENCE_S", "130"))
STEP_RATE = 25.0
PART_S = 10


def hits_of(features):
    return [sum(f.onset[k] for f in features) for k in range(3)]


def test_a_silence_of_minutes_changes_nothing_and_costs_nothing():
    analyzer, silence, music = (
        Analyzer(VALUES, step_rate=STEP_RATE),
        np.zeros(PART_S * SAMPLE_RATE, np.float32),
        beat(6.0),
    )
    before = hits_of(features_of(analyzer, to_blocks(music, len(music))))
    times, memory, last = [], [], []
    for _ in range(SILENCE_S // PART_S):
        begun = time.thread_time()
        last = features_of(analyzer, to_blocks(silence, len(silence)))
        times.append(time.thread_time() - begun)
        memory.append(len(pickle.dumps(analyzer)))
    step_ms, grown_kb = 1000 * np.median(times) / (PART_S * STEP_RATE), (memory[-1] - memory[2]) / 1e3
    print(f"{SILENCE_S} s of silence: {step_ms:.2f} ms a step, {grown_kb:+.0f} kB")
    assert all(f.level == (0.0, 0.0, 0.0) and not any(f.onset) for f in last)
    assert all(np.isfinite(x) for f in last for x in asdict(f.music).values() if isinstance(x, float))
    assert np.median(times[-3:]) < 4 * np.median(times[1:4])  # no denormal numbers
    assert memory[-1] - memory[2] < 10_000
    after = hits_of(features_of(analyzer, to_blocks(music, len(music))))
    assert min(before) > 0
    assert all(abs(a - b) <= 2 for a, b in zip(after, before, strict=True)), (before, after)
