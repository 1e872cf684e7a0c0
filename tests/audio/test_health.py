import time

import numpy as np
import pytest
from sounds import SAMPLE_RATE, beat, tone

from bandwalk.audio import NOTHING_DB, Feed, Health, HealthReading, SourceOptions, open_source
from bandwalk.clock import SteppedClock
from bandwalk.records import Counters

BLOCK = 480
FLOOR = 10 ** (-66 / 20)


def _after(x, *, floor=FLOOR):
    """What is said after hearing x [n, channels] (or [n]) by blocks."""
    health = Health("live:card")
    health.floor = floor
    x = np.atleast_2d(x.T).T.astype(np.float32)
    for at in range(0, len(x), BLOCK):
        health.hear(x[at : at + BLOCK])
    return health.reading


def _music(seconds=6.0, seed=0):
    """Two channels as a mix has them: one beat in both, and noise of each its own."""
    rng = np.random.default_rng(seed)
    y = 0.3 * beat(seconds)
    return np.stack([y + 0.01 * rng.standard_normal(len(y)) for _ in range(2)], axis=1)


def test_nothing_is_said_of_music_and_its_peak_is_shown():
    reading = _after(_music())
    assert reading.sentence == ""
    assert -20 < reading.db < -5


@pytest.mark.parametrize("f_hz", [20, 25, 60, 1000])
def test_nothing_is_said_of_loud_tones(f_hz):
    y = tone(f_hz, 6, amplitude=0.9)
    assert _after(np.stack([y, y], axis=1)).sentence == ""
    assert _after(y).db == pytest.approx(20 * np.log10(0.9), abs=0.05)


def test_digital_silence_is_said():
    reading = _after(np.zeros((6 * SAMPLE_RATE, 2)))
    assert reading == HealthReading(NOTHING_DB, "digital silence: only zeros arrive (muted, or other channels?)")


def test_too_quiet_is_said_after_10_s_and_not_before():
    noise = 1e-4 * np.random.default_rng(1).standard_normal((11 * SAMPLE_RATE, 2))
    assert _after(noise[: 9 * SAMPLE_RATE]).sentence == ""
    assert _after(noise).sentence == "too quiet: under the floor (-66 dB); turn it up"
    assert _after(noise, floor=1e-5).sentence == ""  # the gain was turned up


def test_clipping_is_said():
    assert _after(np.clip(8 * _music(), -1, 1)).sentence == "clipped: turn it down"
    assert _after(np.clip(8 * _music(), -0.99, 0.99)).sentence == "clipped: turn it down"


def test_an_offset_is_said_under_music_and_alone():
    assert _after(_music() + np.array([0.02, 0.0])).sentence == "channel 1 off centre by 2 % (DC)"
    assert _after(np.full((6 * SAMPLE_RATE, 2), 0.05)).sentence == "channels 1, 2 off centre by 5 % (DC)"


def test_opposite_phases_are_said():
    expected = "channels 1 and 2 are in opposite phase: one is wired the wrong way round"
    assert _after(_music() * [1, -1]).sentence == expected
    assert _after(_music() * [1, -0.5]).sentence == expected
    four = np.hstack([_music(), _music(seed=2) * [1, -1]])
    assert _after(four).sentence == expected.replace("1 and 2", "3 and 4")


def test_a_dead_channel_and_one_alone_are_said():
    noise = 1e-5 * np.random.default_rng(3).standard_normal((6 * SAMPLE_RATE, 2))  # of its converter, -100 dB
    assert _after(_music() * [1, 0]).sentence == "only channel 1 of the 2 heard has sound"
    assert _after(_music() * [0, 1] + noise).sentence == "only channel 2 of the 2 heard has sound"
    assert _after(np.hstack([_music(), _music(seed=2) * [0, 1]])).sentence == "channel 3 of the 4 heard carries nothing"
    three = np.hstack([_music() * [1, 0], _music(seed=2) * [0, 1], _music(seed=4) * [0, 1]])
    assert _after(three).sentence == "channels 2, 3, 5 carry nothing"
    assert _after(_music()[:, :1]).sentence == ""  # one channel was asked for


def test_several_faults_are_said_together_and_go_when_they_are_cured():
    faulty = np.clip(8 * _music(), -1, 1) * [1, 0]
    assert _after(faulty).sentence == "clipped: turn it down; only channel 1 of the 2 heard has sound"
    assert _after(np.concatenate([faulty, _music(6.0)])).sentence == ""


def test_nothing_that_comes_is_said_and_a_pause_is_not():
    health = Health("live:card")
    health.miss(1.0)
    assert health.reading == HealthReading()
    health.miss(1.5)
    assert health.reading == HealthReading(NOTHING_DB, "no sound comes from live:card")
    health.rest()
    assert health.reading == HealthReading()


def test_another_number_of_channels_begins_anew():
    health = Health("live:card")
    health.hear(np.zeros((BLOCK, 2), np.float32))
    for _ in range(20):
        health.hear(np.zeros((BLOCK, 6), np.float32))
    assert health.reading.sentence == ""


def test_a_file_is_measured_before_its_channels_are_joined(make_sound):
    source = "aevalsrc=0.5*sin(2*PI*200*t)|-0.5*sin(2*PI*200*t):s=48000:d=7"
    feed = Feed(
        open_source(str(make_sound("inverted.wav", source)), SourceOptions()), clock=SteppedClock(), counters=Counters()
    )
    blocks = feed.blocks()
    for _ in range(600):
        next(blocks)
    assert "opposite phase" in feed.health.reading.sentence
    assert feed.health.reading.db == pytest.approx(-6, abs=0.5)
    feed.pause()
    next(blocks)
    assert feed.health.reading == HealthReading()


def test_it_costs_next_to_nothing():
    health = Health("file")
    x = np.ascontiguousarray(_music().astype(np.float32))
    blocks = [x[at : at + BLOCK] for at in range(0, len(x), BLOCK)] * 4
    best = min(_seconds(health, blocks) for _ in range(5))
    assert best / (len(blocks) * BLOCK / SAMPLE_RATE) < 0.002


def _seconds(health, blocks):
    begun = time.process_time()
    for block in blocks:
        health.hear(block)
    return time.process_time() - begun
