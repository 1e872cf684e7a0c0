"""The embedded model as a GPU draws it: the same pictures, by operations that one graph can hold."""

import numpy as np
import pytest
import torch
from generator.elsewhere import META, Apart
from torch.fx.experimental.proxy_tensor import make_fx

from bandwalk.generator import load
from bandwalk.generator.bends import KINDS
from bandwalk.generator.builtin import live
from bandwalk.generator.builtin.canvas import Canvas
from bandwalk.generator.builtin.plain import relief
from bandwalk.generator.effects import Effects
from bandwalk.generator.tensors import over_black, to_levels
from bandwalk.records import Bend

TURNED = np.array([[0.9, 0.2, 0.1], [-0.1, 0.8, 0.05], [0.0, 0.0, 1.0]])
BENT = tuple(Bend(kind, (k, k + 1, k + 3), 0.2, 0.7, k) for k, kind in enumerate(KINDS))


@pytest.fixture
def draws_all(monkeypatch):
    """Every form is drawn, also those of weight 0, as where a weight cannot be read."""
    monkeypatch.setattr(relief, "drawn", lambda weights: list(range(len(weights))))


@pytest.mark.parametrize("size", [(256, 144), (330, 271), (520, 456)], ids=["averaged", "odd", "doubled"])
def test_a_gpu_draws_what_the_cpu_does(draw_z, draws_all, size):
    G = load("builtin", size=size)
    drawing = live.LiveDrawing(Canvas.of(size), G.device)
    for k, w in enumerate(G.map(draw_z(4, seed=1))):
        G.transform, G.drift, G.noise = (TURNED, 0.7, 1.5) if k % 2 else (None, 0.0, 1.0)
        G.bends = BENT if k == 3 else ()
        with torch.inference_mode():
            drawn = drawing.render(w, G.transform, Effects.of(G))
        apart = np.abs(drawn.astype(int) - G.render(w[None]))
        assert apart.max() <= 1, k
        assert apart.mean() < 0.01


def test_all_operations_stay_on_the_gpu(monkeypatch):
    monkeypatch.setattr(live, "live_render", lambda draw, device: None)
    ws = torch.empty(14, 512, device=META)
    for size in ((256, 144), (520, 456)):
        drawing = live.LiveDrawing(Canvas.of(size), META)
        inputs = drawing.inputs(ws, TURNED, Effects(noise=0.5))
        for effects in (Effects(), Effects(bends=BENT)):
            drawing.draw(*inputs, effects)  # what is prepared once is prepared
            with Apart():
                levels = to_levels(over_black(drawing.draw(*inputs, effects)))
            assert levels.shape == (size[1], size[0], 3)


@pytest.mark.parametrize("join", [lambda x: x + torch.ones(3), lambda x: torch.ones(3).to(x), lambda x: x.sum().item()])
def test_what_a_graph_cannot_hold_is_found(join):
    x = torch.empty(3, device=META)
    with Apart(), pytest.raises((AssertionError, RuntimeError)):
        join(x)


def test_another_picture_is_the_same_operations(draw_z, draws_all):
    G = load("builtin", size=(144, 128))
    drawing, effects = live.LiveDrawing(Canvas.of((144, 128)), G.device), Effects(bends=BENT[:3])
    first, second = (
        drawing.inputs(w, transform, Effects(noise=noise))
        for w, transform, noise in zip(G.map(draw_z(2, seed=2)), (np.eye(3), TURNED), (1.0, 0.3), strict=True)
    )
    with torch.no_grad():
        drawing.draw(*first, effects)
        recorded = make_fx(lambda *inputs: drawing.draw(*inputs, effects))(*first)
        assert torch.equal(recorded(*second), drawing.draw(*second, effects))


def test_a_transform_is_copied_to_the_gpu_when_it_changes(draw_z):
    G = load("builtin", size=128)
    drawing, w = live.LiveDrawing(Canvas.of(128), G.device), G.map(draw_z(1))[0]
    moved = [drawing.inputs(w, transform, Effects())[1] for transform in (TURNED, TURNED.copy(), np.eye(3))]
    assert moved[0] is moved[1]
    assert torch.equal(moved[2], torch.eye(3))
