"""Bends and drifting noise in every family: the fast path as the plain one, and nothing where nothing is set."""

from pathlib import Path

import numpy as np
import pytest
import torch

from bandwalk.generator import load
from bandwalk.generator.bends import KINDS
from bandwalk.generator.effects import Effects
from bandwalk.records import Bend

DATA = Path(__file__).parent.parent / "data"
MODELS = {
    "builtin": 0.008,  # a level: contour lines jump where a height is rounded the other way
    "a0_sg2ada_64_tiny.pkl": 1e-4,
    "b2_sg3sg2_resnet.pkl": 1e-4,
    "d0_sg1_64_tiny.pkl": 3e-4,
    "c1_sg3t.pkl": 1e-4,
    "c2_sg3r.pkl": 1e-4,
}


class Pair:
    """One model, fast and plain, and a picture's styles."""

    def __init__(self, name):
        more = {"size": 128} if name == "builtin" else {}
        self.fast, self.plain = (load(name if more else DATA / name, exact=exact, **more) for exact in (False, True))
        z = np.random.default_rng(3).standard_normal((1, self.fast.z_dim)).astype(np.float32)
        self.ws = self.fast.map(z)
        self.tolerance = MODELS[name]

    def draw(self, G, **effects):
        """Draw with these effects, and put the model back to rest."""
        for name, value in effects.items():
            setattr(G, name, value)
        try:
            return G.synthesize(self.ws)
        finally:
            G.noise, G.drift, G.bends = 1.0, 0.0, ()


@pytest.fixture(scope="module")
def pairs():
    return {name: Pair(name) for name in MODELS}


@pytest.fixture(params=MODELS)
def pair(request, pairs):
    return pairs[request.param]


def every_kind(num_ws):
    """Bends of all kinds, spread over all layers, some of a share of the channels only."""
    share = (1.0, 0.6)
    return tuple(Bend(kind, tuple(range(k % 3, num_ws, 3)), 0.2, share[k % 2], k) for k, kind in enumerate(KINDS))


@pytest.mark.parametrize("kind", KINDS)
def test_the_fast_path_bends_as_the_plain_one_does(pair, kind):
    layers = tuple(range(0, pair.fast.num_ws, 3))
    bends = (Bend(kind, layers, 0.7), Bend(kind, layers, -0.4, share=0.55, seed=1))
    fast, plain = (pair.draw(G, bends=bends, noise=1.4, drift=2.5) for G in (pair.fast, pair.plain))
    difference = (fast - plain).abs()
    if pair.fast.name == "builtin":
        assert float(difference.mean()) < pair.tolerance
    else:
        assert float(difference.max()) < pair.tolerance * max(1.0, float(plain.abs().max()))


def test_every_layer_can_be_bent_but_those_that_draw_no_map(pair):
    still = pair.draw(pair.fast)
    unbent = [k for k in range(pair.fast.num_ws) if torch.equal(still, _flipped(pair, k))]
    assert unbent == ([7, 8, 12, 13] if pair.fast.name == "builtin" else [])


def _flipped(pair, layer):
    return pair.draw(pair.fast, bends=(Bend("flip_x", (layer,), 1.0),))


@pytest.mark.parametrize("name", ["a0_sg2ada_64_tiny.pkl", "b2_sg3sg2_resnet.pkl", "c1_sg3t.pkl"])
def test_a_bend_of_the_last_style_is_one_of_the_picture(pairs, name):
    pair = pairs[name]
    assert torch.equal(_flipped(pair, pair.fast.num_ws - 1), pair.draw(pair.fast).flip(3))


def test_bends_that_do_nothing_leave_every_bit(pair):
    idle = (Bend("rotate", (0, 1, 2), 0.0), Bend("scale", (3,), 1.0, share=0.0), Bend("erode", (), 1.0))
    for G in (pair.fast, pair.plain):
        assert torch.equal(pair.draw(G, bends=idle), pair.draw(G))


def test_noise_drifts_where_there_is_any(pair):
    for G in (pair.fast, pair.plain):
        moves = not torch.equal(pair.draw(G, drift=1.0, noise=2.0), pair.draw(G, noise=2.0))
        assert moves == G.has_noise
        assert torch.equal(pair.draw(G, drift=1.0, noise=0.0), pair.draw(G, noise=0.0))


def test_a_frame_for_the_show_is_bent_and_drifts_too(pair):
    G = pair.fast
    before = G.render(pair.ws)
    G.bends, G.drift, G.noise = every_kind(G.num_ws), 3.0, 2.0
    try:
        after = G.render(pair.ws).astype(int)
        expected = G.synthesize(pair.ws)[0].mul(127.5).add(128).clamp(0, 255).byte().permute(1, 2, 0).numpy()
    finally:
        G.bends, G.drift, G.noise = (), 0.0, 1.0
    assert np.abs(after - before).mean() > 1
    assert np.abs(after - expected).mean() < 12  # half the bits, perhaps
    assert np.array_equal(G.render(pair.ws), before)


def test_half_the_bits_bend_alike(pairs):
    pair = pairs["a0_sg2ada_64_tiny.pkl"]
    effects = Effects(drift=1.0, bends=(Bend("rotate", (4, 5), 0.3), Bend("dilate", (6,), 0.5)))
    with torch.inference_mode():
        short = pair.fast._fast.in_precision(torch.bfloat16).draw(pair.ws[0], effects)
    exact = pair.draw(pair.plain, drift=effects.drift, bends=effects.bends)
    assert float((short - exact).square().mean().sqrt()) < 0.025 * float(exact.std())
