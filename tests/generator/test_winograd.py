"""Convolutions by Winograd's way are convolutions, whatever the size, the padding and the factors."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from bandwalk.generator import load, model_file, precision, winograd
from bandwalk.generator.winograd import Winograd, gains

DATA = Path(__file__).parents[1] / "data"
RNG = torch.Generator().manual_seed(1)


def normal(*shape):
    return torch.randn(*shape, generator=RNG)


def last(x):
    return x.contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize(("h", "w"), [(3, 3), (4, 4), (6, 9), (17, 5), (33, 40)])
def test_it_is_a_convolution_at_any_size(h, w, padding):
    x, weight = last(normal(1, 5, h, w)), normal(7, 5, 3, 3)
    expected = F.conv2d(x.double(), weight.double(), padding=padding)
    y = Winograd(weight)(x, padding=padding)
    assert y.shape == expected.shape
    assert (y + 0.0).is_contiguous(memory_format=torch.channels_last)
    assert (y - expected).abs().max() < 2e-5 * weight[0].numel() ** 0.5


@pytest.mark.parametrize("names", ["", "before", "after", "bias", "after bias", "before after bias"])
def test_factors_and_bias_are_applied(names):
    x, weight = last(normal(1, 6, 10, 10)), normal(8, 6, 3, 3)
    given = {"before": normal(6), "after": normal(8), "bias": normal(8)}
    before, after, bias = (given[name] if name in names.split() else None for name in given)
    y = Winograd(weight)(x, padding=1, before=before, after=after, bias=bias)
    scaled = x if before is None else x * before[:, None, None]
    expected = F.conv2d(scaled.double(), weight.double(), padding=1)
    expected = expected if after is None else expected * after[:, None, None]
    expected = expected if bias is None else expected + bias[:, None, None]
    assert (y - expected).abs().max() < 1e-4


def test_strips_change_nothing(monkeypatch):
    x, weight = last(normal(1, 5, 40, 40)), normal(7, 5, 3, 3)
    whole = Winograd(weight)(x, padding=1)
    monkeypatch.setattr(winograd, "_STRIP", 1)
    error = Winograd(weight)(x, padding=1) - whole
    assert error.abs().max() < 2e-6 * whole.abs().max()  # a product of another size may round differently


def test_it_rounds_little_for_many_channels():
    x, weight = last(normal(1, 256, 32, 32)), normal(64, 256, 3, 3) / 48.0  # a result of unit spread
    error = Winograd(weight)(x, padding=1) - F.conv2d(x.double(), weight.double(), padding=1)
    assert error.abs().max() < 5e-5
    assert error.square().mean().sqrt() < 5e-6


def test_the_bases_are_those_of_a_convolution():
    back, kernel, into = winograd._bases()
    rng = np.random.default_rng(2)
    for _ in range(20):
        d, g = rng.standard_normal(6), rng.standard_normal(3)
        assert back @ ((kernel @ g) * (into @ d)) == pytest.approx(np.correlate(d, g, "valid"), abs=1e-12)


def test_it_is_taken_where_it_gains():
    assert gains(torch.empty(64, 64, 3, 3), 64)
    assert not gains(torch.empty(64, 64, 1, 1), 64)
    assert not gains(torch.empty(64, 16, 3, 3), 64)
    assert not gains(torch.empty(64, 64, 3, 3), 16)


CASES = ("d2_sg1_128.pkl", "a4_sg2ada_256.pkl", "b2_sg3sg2_resnet.pkl", "b3_sg3sg2_orig.pkl", "c1_sg3t.pkl")


@pytest.mark.parametrize("name", CASES)
def test_a_model_drawn_in_tiles_is_that_of_the_reference(name, monkeypatch):
    monkeypatch.setattr(winograd, "MIN_SIDE_TILED", 4)
    monkeypatch.setattr(winograd, "MIN_CHANNELS_TILED", 1)
    used = []
    convolve = Winograd.__call__
    monkeypatch.setattr(Winograd, "__call__", lambda self, x, **kw: used.append(x.shape) or convolve(self, x, **kw))
    monkeypatch.setattr(precision, "short_dtype", lambda device: None)
    monkeypatch.setattr(precision, "is_better", lambda other, full, probes: True)
    monkeypatch.setattr(precision, "_known", {})
    monkeypatch.setattr(model_file, "short_dtype", lambda device: None)
    G, exact = load(DATA / name), load(DATA / name, exact=True)
    assert not used
    ws = G.map(np.random.RandomState(3).randn(1, G.z_dim), psi=0.7)
    for noise in (1.0, 0.0):
        G.noise = exact.noise = noise
        img = exact.synthesize(ws)
        expected = (img * 127.5 + 128).clamp(0, 255).to(torch.uint8)[0].permute(1, 2, 0).numpy()
        difference = np.abs(G.render(ws).astype(int) - expected)
        assert difference.max() <= 1
        assert difference.mean() < 0.01
    assert len(used) > 4
    drawn = len(used)
    assert (G.synthesize(ws) - img).abs().max() < 1e-4
    assert len(used) == drawn  # scripts get the plain convolutions
