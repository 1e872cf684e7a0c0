"""Even and odd beats, and what lies between."""

import numpy as np
import pytest

from bandwalk.analysis.beat.accents import Accents

DT_S = 0.01


def heard(*, strong=1.0, weak=0.5, between=0.0, period_s=0.8, seconds=5.0):
    """Hits of each step: strong ones, weak ones half a period after them, and others halfway between these."""
    hits = np.zeros(round(seconds / DT_S))
    for strength, late in ((strong, 0.0), (between, 0.25), (weak, 0.5), (between, 0.75)):
        at = np.arange(period_s * late, seconds - DT_S, period_s)
        hits[np.rint(at / DT_S).astype(int)] = strength
    return hits


def stepped(accents, hits, rate, first=0.0):
    for k, hit in enumerate(hits):
        accents.step(first + k * DT_S * rate, hit)
    return accents


def test_a_pulse_that_jumps_has_the_accents_that_it_would_have_had():
    hits, rate = heard(), 2 / 0.8
    always = stepped(Accents(DT_S), hits, rate)
    jumped = stepped(Accents(DT_S), hits, 1.87)
    assert not jumped.are_halves
    jumped.look_back(len(hits) * DT_S * rate, DT_S * rate)
    assert always.are_halves
    assert jumped.are_halves
    assert jumped.strengths == pytest.approx(always.strengths, abs=0.02)


def test_what_is_even_or_full_is_not_halved():
    assert not stepped(Accents(DT_S), heard(weak=0.95), 2 / 0.8).are_halves
    assert not stepped(Accents(DT_S), heard(between=0.4), 2 / 0.8).are_halves


def test_looking_back_at_nothing_is_nothing():
    accents = Accents(DT_S)
    accents.look_back(3.2, 0.02)
    assert not accents.strengths.any()
    assert not accents.are_halves
