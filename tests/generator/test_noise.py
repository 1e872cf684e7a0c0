"""Drifting noise: every wave of it travels, and its statistics stay those of the stored one."""

import numpy as np
import pytest
import torch

from bandwalk.generator.noise import SPEEDS, Noise

SHAPES = [(4, 4), (8, 8), (5, 7), (1, 1, 16, 16), (64, 64)]
DRIFTS = [0.01, 1.0, -2.5, 40.0, 1e5]


def pattern(shape):
    return torch.from_numpy(np.random.default_rng(1).standard_normal(shape).astype(np.float32))


@pytest.mark.parametrize("shape", SHAPES)
def test_at_rest_it_is_the_stored_pattern_itself(shape):
    stored = pattern(shape)
    noise = Noise(stored)
    assert noise.at(0.0) is stored
    assert torch.allclose(noise.at(1e-9), stored, atol=1e-6)
    assert noise.at(0.0) is stored


@pytest.mark.parametrize("drift", DRIFTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_wave_keeps_its_strength_and_turns_its_phase_by_one_of_the_speeds(shape, drift):
    stored = pattern(shape).numpy().astype(float)
    before, after = (np.fft.fft2(n) for n in (stored, Noise(torch.from_numpy(stored)).at(drift).numpy()))
    np.testing.assert_allclose(np.abs(after), np.abs(before), atol=1e-6 * stored.size)
    turned = after / before
    allowed = [1.0, *(np.exp(1j * sign * speed * drift) for speed in SPEEDS for sign in (-1, 1))]
    assert np.min(np.abs(turned[..., None] - allowed), axis=-1).max() < 1e-3


def test_mean_and_variance_are_those_of_the_stored_pattern_at_any_drift():
    stored = pattern((4, 4))
    noise = Noise(stored)
    for drift in np.linspace(0, 30, 50):
        now = noise.at(float(drift))
        assert float(now.mean()) == pytest.approx(float(stored.mean()), abs=1e-6)
        assert float(now.var()) == pytest.approx(float(stored.var()), rel=1e-5)


def test_it_moves_evenly_and_does_not_come_back():
    stored = pattern((64, 64))
    noise = Noise(stored)
    steps = [float((noise.at(d + 0.1) - noise.at(d)).std()) for d in np.arange(0.0, 20.0, 0.5)]
    assert max(steps) / min(steps) < 1.01
    likeness = [float((noise.at(d) * stored).mean() / stored.square().mean()) for d in np.arange(1.5, 20, 0.05)]
    assert max(likeness) < 0.9
    assert abs(np.mean(likeness)) < 0.1


def test_its_form_is_made_once_and_holds_for_every_part():
    calls = []

    def form(n):
        calls.append(n.shape)
        return n * 3.0

    stored = pattern((8, 8))
    noise = Noise(stored, form)
    assert len(calls) == 1
    first = noise.at(1.0)
    assert torch.allclose(first, 3.0 * Noise(stored).at(1.0), atol=1e-5)
    made = len(calls)
    noise.at(2.0)
    assert len(calls) == made
    assert noise.to(torch.bfloat16).at(1.0).dtype == torch.bfloat16
    assert torch.equal(noise.at(1.0), first)  # what was handed out before was not written to
