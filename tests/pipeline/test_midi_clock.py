"""MIDI clock: tempo and phase from ticks that jitter, stop, start and get lost."""

import numpy as np
import pytest

from bandwalk.pipeline.beat_clock import MidiClock

START = 5000.0


def send(clock, bpm, seconds, *, at=START, jitter_s=0.001, seed=1):
    """Send ticks; return the exact time of the first one, and of the one that would come next."""
    rng = np.random.default_rng(seed)
    n = round(seconds * bpm / 60 * 24)
    for k in range(n):
        clock.take("tick", at + k * 60 / bpm / 24 + rng.uniform(-jitter_s, jitter_s))
    return at, at + n * 60 / bpm / 24


@pytest.mark.parametrize("bpm", [90.0, 128.0, 174.0])
@pytest.mark.parametrize("jitter", ["uniform", "normal"])
def test_tempo_and_phase_are_right_with_a_millisecond_of_jitter(bpm, jitter):
    clock, rng = MidiClock(), np.random.default_rng(2)
    clock.take("start", START - 0.01)
    tempo, phase = [], []
    for k in range(round(40 * bpm / 60 * 24)):
        exact = START + k * 60 / bpm / 24
        off = rng.uniform(-1e-3, 1e-3) if jitter == "uniform" else rng.normal(0, 1e-3)
        clock.take("tick", exact + off)
        line = clock.read()
        if k >= 8 * 24:
            tempo.append(abs(line.bpm - bpm))
            phase.append(abs(line.at(exact) - k / 24) * 60 / bpm)
    assert max(tempo) < 0.1
    assert max(phase) < 0.005


def test_a_beat_is_known_after_half_a_beat_and_only_then():
    clock = MidiClock()
    clock.take("start", START)
    send(clock, 120, 11 / 48)
    assert clock.read() is None
    clock.take("tick", START + 11 / 48)
    assert clock.read().bpm == pytest.approx(120, abs=5)
    assert clock.read().at(START) == pytest.approx(0, abs=0.01)


def test_a_lost_clock_goes_on_at_its_tempo_and_is_found_again():
    clock = MidiClock()
    clock.take("start", START)
    send(clock, 128, 10)
    assert clock.read().at(START + 30) == pytest.approx(30 * 128 / 60, abs=0.1)
    late = START + 30 - 30 % (60 / 128)  # plugged in again on a beat
    before = clock.read().run
    send(clock, 128, 10, at=late)
    line = clock.read()
    assert line.run == before
    assert line.bpm == pytest.approx(128, abs=0.1)
    assert line.at(START + 40) == pytest.approx(40 * 128 / 60, abs=0.02)


def test_a_start_makes_the_next_tick_the_first_beat_at_the_old_tempo():
    clock = MidiClock()
    _, then = send(clock, 128, 6.789)
    before = clock.read()
    clock.take("stop", then)
    clock.take("start", then + 0.2)
    clock.take("tick", then + 0.203)
    line = clock.read()
    assert line.run != before.run
    assert line.at(then + 0.203) == pytest.approx(0.0, abs=1e-6)
    assert line.bpm == pytest.approx(128, abs=0.1)


def test_a_continue_goes_on_where_it_was_stopped():
    clock = MidiClock()
    clock.take("start", START)
    _, then = send(clock, 120, 5.5)  # 11 beats
    clock.take("stop", then)
    send(clock, 120, 3.3, at=then)
    clock.take("continue", then + 3.305)
    clock.take("tick", then + 3.31)
    assert clock.read().at(then + 3.31) == pytest.approx(11.0, abs=1e-6)


def test_a_continue_goes_on_at_the_song_position_that_came_before_it():
    clock = MidiClock()
    clock.take("start", START)
    _, then = send(clock, 120, 5.5)
    clock.take("stop", then)
    clock.take("position", then + 0.1, 6.25)
    clock.take("continue", then + 0.2)
    clock.take("tick", then + 0.21)
    assert clock.read().at(then + 0.21) == pytest.approx(6.25, abs=1e-6)


@pytest.mark.parametrize("bpm", [60.0, 132.0, 174.0])
def test_a_changed_tempo_is_followed_within_two_beats(bpm):
    clock = MidiClock()
    clock.take("start", START)
    _, then = send(clock, 128, 10)
    position = 10 * 128 / 60
    send(clock, bpm, 2 * 60 / bpm, at=then, seed=5)
    clock.read()
    line = clock.read()
    assert line.bpm == pytest.approx(bpm, rel=0.01)
    assert abs(line.at(then) - position) * 60 / bpm < 0.03


def test_ticks_that_speed_up_slowly_are_followed():
    clock, t, late = MidiClock(), START, []
    for k in range(24 * 60):
        bpm = 124 + k / 24 / 60 * 16
        t += 60 / bpm / 24
        clock.take("tick", t)
        line = clock.read()
        if k > 48:
            late.append(abs(line.at(t) - k / 24) * 60 / bpm)
    assert max(late) < 0.006
    assert line.bpm == pytest.approx(140, abs=1.0)


def test_messages_before_any_tick_are_no_clock():
    clock = MidiClock()
    for kind in ("stop", "continue", "start", "stop"):
        clock.take(kind, START)
    assert clock.read() is None
