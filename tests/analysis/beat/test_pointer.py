"""The forward pass against a plain one of loops, and its manners."""

import math

import numpy as np

from bandwalk.analysis.beat.pointer import CLEAR, LOYALTY, SHARE, BeatPointer


def plain_step(p, lengths, hit, weight):
    """One step of the forward pass, state by state: p {(length, place): probability}."""
    moved = dict.fromkeys(p, 0.0)
    for (n, place), mass in p.items():
        if place < n - 1:
            moved[n, place + 1] += mass
            continue
        chances = [math.exp(-LOYALTY * abs(m / n - 1)) for m in lengths]
        for m, chance in zip(lengths, chances, strict=True):
            moved[m, 0] += mass * (weight * chance / sum(chances) + (1 - weight) * (m == n))
    hit = min(max(hit, CLEAR), 1 - CLEAR)
    for n, place in moved:
        likelihood = hit if place / n < SHARE else (1 - hit) / (1 / SHARE - 1)
        moved[n, place] *= likelihood**weight
    whole = sum(moved.values())
    return {state: mass / whole for state, mass in moved.items()}


def test_the_pass_equals_a_plain_one():
    pointer, rng = BeatPointer(5, 14), np.random.default_rng(1)
    lengths = range(5, 15)
    states = [(n, place) for n in lengths for place in range(n)]
    p = dict.fromkeys(states, 1 / len(states))
    for t in range(80):
        hit, weight = (1.0 if t % 9 == 0 else 0.2 * rng.random()), (0.0, 0.5, 1.0)[t // 9 % 3]
        pointer.step(hit, weight)
        p = plain_step(p, lengths, hit, weight)
        np.testing.assert_allclose(pointer.p, [p[state] for state in states], rtol=1e-9, atol=1e-15)


def test_it_finds_a_row_of_hits():
    pointer = BeatPointer(33, 86)
    for t in range(300):
        pointer.step(1.0 if t % 48 < 3 else 0.0, 1.0)
    position, rate = pointer.read(0.0)
    assert abs(rate - 1 / 48) < 0.02 / 48
    assert abs((position - 299 % 48 / 48 + 0.5) % 1 - 0.5) < 0.05


def test_barred_lengths_are_left():
    pointer = BeatPointer(20, 60)
    pointer.bar(35.0)
    pointer.step(1.0, 1.0)
    known = np.repeat(pointer.lengths, pointer.lengths)
    assert pointer.p[known < 35].sum() == 0
    assert abs(pointer.p.sum() - 1) < 1e-12


def test_it_begins_where_a_pulse_is():
    pointer = BeatPointer(33, 86)
    pointer.start(0.25, 1 / 50, 1.0)
    position, rate = pointer.read(0.25)
    assert abs(position - 0.25) < 0.02
    assert abs(rate * 50 - 1) < 0.02


def test_wide_ranges_have_few_states():
    assert len(BeatPointer(25, 150).p) < 6000
