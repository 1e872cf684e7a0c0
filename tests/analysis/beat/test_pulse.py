"""The pulse alone: it follows, coasts, and never repeats a beat."""

import numpy as np

from bandwalk.analysis.beat.pulse import Pulse, Seen

DT_S = 0.01


def seen_at(t_s, bpm, trust=1.0, patience_s=0.2):
    rate = bpm / 60
    return Seen(t_s * rate % 1.0, rate, trust, patience_s)


def test_it_follows_a_beat_and_goes_on_alone_at_its_tempo():
    pulse, t_s = Pulse(2.0), 0.0
    for _ in range(1500):
        t_s += DT_S
        pulse.step(DT_S, seen_at(t_s, 124.0))
    for _ in range(1600):
        t_s += DT_S
        pulse.step(DT_S, Seen(0.0, 1.0, 0.0, 0.0))
    assert abs(60 * pulse.rate - 124.0) < 0.05
    assert abs(pulse.off(t_s * 124 / 60)) < 0.02


def test_a_beat_is_reported_once_whatever_is_seen():
    pulse, rng, before = Pulse(2.0), np.random.default_rng(2), 0
    for _ in range(4000):
        begins = pulse.step(DT_S, Seen(rng.random(), rng.uniform(1, 3), rng.random(), 0.05))
        now = int(np.floor(pulse.beats))
        assert now >= before
        assert begins == (now > before)
        before = now


def test_another_beat_must_last_before_it_jumps():
    pulse, t_s = Pulse(2.0), 0.0
    for _ in range(300):
        t_s += DT_S
        pulse.step(DT_S, seen_at(t_s, 120.0, patience_s=1.0))
    for step in range(300):
        t_s += DT_S
        pulse.step(DT_S, seen_at(t_s + 0.25, 120.0, patience_s=1.0))
        assert (abs(pulse.off(t_s * 2)) < 0.05) == (step < 100) or 98 < step < 102
