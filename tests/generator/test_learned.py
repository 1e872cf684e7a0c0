"""Learned walks: gradients are right, losses fall, and the same options teach the same walk."""

from pathlib import Path

import numpy as np
import pytest
import torch

from bandwalk.errors import WorkError
from bandwalk.generator import load
from bandwalk.generator.learned import EDITS, LearningOptions, learn
from bandwalk.generator.learned.learning import difference

DATA = Path(__file__).parents[1] / "data"
FAMILIES = ("a0_sg2ada_64_tiny.pkl", "b2_sg3sg2_resnet.pkl", "c1_sg3t.pkl", "d0_sg1_64_tiny.pkl")
COLOURS = ("red", "green", "blue", "brightness")


@pytest.fixture(scope="module")
def tiny():
    return load(DATA / "d0_sg1_64_tiny.pkl", exact=True)


def draw_ws(G, count=1, seed=0):
    return G.map(np.random.default_rng(seed).standard_normal((count, G.z_dim)).astype(np.float32))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_differentiable_drawing_is_that_of_the_reference(name):
    G = load(DATA / name, exact=True)
    ws = draw_ws(G)
    assert torch.equal(G.differentiable(ws), G.synthesize(ws))


@pytest.mark.parametrize("size", [64, 256, 272])
def test_the_embedded_model_by_the_book_is_the_fast_one(size):
    G = load("builtin", size=size)
    G.transform = np.array([[0.9, 0.2, 0.1], [-0.1, 0.8, 0.0], [0.0, 0.0, 1.0]])
    ws = draw_ws(G, 6)
    difference_in_levels = (G.differentiable(ws) - G.synthesize(ws)).abs() * 127.5
    assert float(difference_in_levels.max()) < 1.0
    assert float(difference_in_levels.mean()) < 0.01


@pytest.mark.parametrize("name", ["builtin", *FAMILIES])
def test_gradients_are_the_slopes_of_what_is_drawn(name):
    G = load("builtin", size=64) if name == "builtin" else load(DATA / name, exact=True)
    ws, weight = draw_ws(G, seed=3), torch.from_numpy(np.random.default_rng(1).standard_normal((3, 4, 4))).float()

    def seen(ws):  # coarse enough to be smooth
        return (torch.nn.functional.adaptive_avg_pool2d(G.differentiable(ws), 4) * weight).sum()

    at = ws.clone().requires_grad_()
    seen(at).backward()
    step = 5e-4 * torch.from_numpy(np.random.default_rng(2).standard_normal(ws.shape)).float()
    with torch.no_grad():
        measured = float(seen(ws + step) - seen(ws - step)) / 2
    assert float((at.grad * step).sum()) == pytest.approx(measured, rel=0.05)


@pytest.mark.parametrize(("edit", "space"), [*((edit, "w") for edit in EDITS), ("red", "layers"), ("zoom", "layers")])
def test_the_loss_of_every_edit_falls(tiny, edit, space):
    walk, losses = learn(tiny, edit, LearningOptions(space, 30, 1, rate=0.03, psi=0.2))
    assert np.mean(losses[-8:]) < (0.9 if edit in COLOURS else 0.985)
    assert walk.shape == (tiny.num_ws, tiny.w_dim)
    assert walk.dtype == torch.float32
    one_for_all = torch.equal(walk, walk[:1].expand_as(walk))
    assert one_for_all is (space == "w")


def test_a_walk_does_its_edit_to_pictures_that_it_has_not_seen():
    G = load(DATA / "f1_rosinality_legacyfmt.pt", exact=True)
    walk, _ = learn(G, "red", LearningOptions("layers", 40, 1, rate=0.03, psi=0.2))
    ws = G.map(np.random.default_rng(99).standard_normal((4, G.z_dim)).astype(np.float32), psi=0.2)
    base = G.synthesize(ws)
    for alpha in (-1.0, 1.0):
        wanted, mask = EDITS["red"](base, torch.full((4,), alpha))
        moved = G.synthesize(ws + alpha * walk)
        assert difference(moved, wanted, mask) < 0.6 * difference(base, wanted, mask)


def test_a_lesson_teaches_the_same_walk_again_and_another_seed_another(tiny):
    first, again, other = (learn(tiny, "zoom", LearningOptions(steps=3, batch=1, seed=seed)) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert first[1] == again[1]
    assert not torch.equal(first[0], other[0])


def test_a_walk_starts_from_rest(tiny):
    _, losses = learn(tiny, "red", LearningOptions(steps=1, batch=2))
    assert losses == [pytest.approx(1.0)]


def test_what_the_edit_masks_is_not_looked_at():
    img = torch.zeros(1, 3, 2, 2)
    wanted, mask = torch.ones(1, 3, 2, 2), torch.zeros(1, 1, 2, 2)
    wanted[..., 0, 0], mask[..., 0, 0] = 0.5, 1.0
    assert float(difference(img, wanted, mask)) == 0.25
    assert float(difference(img, wanted, 0.0 * mask)) == 0.0


def test_numbers_that_overflow_end_the_lesson_in_one_line(tiny, monkeypatch):
    monkeypatch.setattr(tiny, "differentiable", lambda ws: (ws.sum() * torch.inf).expand(1, 3, 64, 64), raising=False)
    with pytest.raises(WorkError, match="learning red with d0_sg1_64_tiny: step 1 has no finite loss"):
        learn(tiny, "red", LearningOptions(steps=1, batch=1))


@pytest.mark.parametrize("name", FAMILIES)
def test_only_a_model_loaded_as_exact_has_gradients(name):
    G = load(DATA / name)
    with pytest.raises(ValueError, match="not loaded as exact"):
        G.differentiable(draw_ws(G))
