"""Other engines draw what torch does where nothing is played on a model, and leave the rest to it."""

import functools
import importlib.util
import sys

import numpy as np
import pytest
import torch
from generator.model_files import DATA

from bandwalk.errors import ParameterError, WorkError
from bandwalk.generator import check_engine, engines, hasten, load
from bandwalk.generator.effects import Effects

FIRST, SECOND, THIRD = "d0_sg1_64_tiny.pkl", "a0_sg2ada_64_tiny.pkl", "c1_sg3t.pkl"


@pytest.fixture
def any_speed(monkeypatch):
    """The engine takes over, sooner or not: what is sooner on these small networks is chance."""
    monkeypatch.setattr(engines, "is_better", lambda quick, live, probes: True)


@pytest.fixture
def no_compiler(monkeypatch):
    """torch.compile without the C++ compiler's minute: the network as it would be given to it."""
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))


def _draw(G, seeds):
    ws = G.map(np.random.default_rng(0).standard_normal((seeds, G.z_dim)))
    return [G.render(ws[k : k + 1]).astype(float) for k in range(seeds)]


@pytest.mark.parametrize(("name", "engine"), [(FIRST, "openvino"), (SECOND, "openvino"), (SECOND, "compile")])
def test_an_engine_draws_what_torch_does(name, engine, any_speed, no_compiler):
    G, torchs = load(DATA / name), load(DATA / name)
    assert hasten(G, engine, 1)
    for ours, theirs in zip(_draw(G, 3), _draw(torchs, 3), strict=True):
        assert np.sqrt(((ours - theirs) ** 2).mean()) < 0.05 * theirs.std() + 1.0


def test_openvino_reports_to_nobody(any_speed):
    assert hasten(load(DATA / FIRST), "openvino", 1)
    assert sys.modules["openvino_telemetry"] is None


@pytest.mark.parametrize(("name", "engine"), [(SECOND, "compile"), (THIRD, "openvino")])
def test_what_is_played_on_a_model_is_seen_with_an_engine_too(name, engine, any_speed, no_compiler):
    G, torchs = load(DATA / name), load(DATA / name)
    assert hasten(G, engine, 1)
    for model in (G, torchs):
        model.noise = 0.3
        model.transform = np.array([[0.8, 0.6, 0.1], [-0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    (ours,), (theirs,) = _draw(G, 1), _draw(torchs, 1)
    assert np.sqrt(((ours - theirs) ** 2).mean()) < 0.05 * theirs.std() + 1.0


def test_weights_that_stay_draw_the_same_as_those_that_change():
    G = load(DATA / SECOND)
    ws = G.map(np.ones((1, G.z_dim), np.float32))[0]
    full = G._fast
    with torch.no_grad():
        assert torch.allclose(full.in_maps().draw(ws, Effects()), full.draw(ws, Effects()), atol=1e-4)


def test_an_engine_that_is_no_sooner_does_not_take_over(monkeypatch, no_compiler):
    monkeypatch.setattr(engines, "is_better", lambda quick, live, probes: False)
    G = load(DATA / SECOND)
    before = G._render
    assert not hasten(G, "compile", 1)
    assert G._render is before


def test_what_an_engine_cannot_do_is_one_line(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no C++ compiler\nlook here")

    monkeypatch.setattr(torch, "compile", fail)
    with pytest.raises(WorkError, match=r"^--engine compile: a0_sg2ada_64_tiny: OSError: no C\+\+ compiler$"):
        hasten(load(DATA / SECOND), "compile", 1)


@pytest.mark.parametrize("G", [("builtin", False), (DATA / SECOND, True)])
def test_code_and_the_plain_reference_are_left_alone(G):
    name, exact = G
    assert not hasten(load(name, exact=exact), "compile", 1)


def test_an_engine_that_is_not_installed_or_not_for_the_device_is_refused_at_the_start(monkeypatch):
    with pytest.raises(ParameterError, match="--device cuda"):
        check_engine("openvino", "cuda")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    check_engine("compile", "cpu")
    with pytest.raises(ParameterError, match=r"pip install 'bandwalk\[openvino\]'"):
        check_engine("openvino", "cpu")
