"""OpenVINO draws what torch does where nothing is played on a model, and leaves the rest to it."""

import importlib.util
import json
import sys
import threading

import numpy as np
import pytest
import torch
from generator.model_files import DATA

from bandwalk.errors import ParameterError, WorkError
from bandwalk.generator import check_engine, engines, hasten, load
from bandwalk.generator.effects import Effects
from bandwalk.generator.engine_choice import keep_choice, known_choice
from bandwalk.generator.engines import OpenVino, convert_synthesis
from bandwalk.generator.precision import Comparison
from bandwalk.pipeline.draw_threads import ThreadChoice
from bandwalk.show import engine_switch
from bandwalk.show.engine_switch import EngineSwitch

FIRST, SECOND, THIRD = "d0_sg1_64_tiny.pkl", "a0_sg2ada_64_tiny.pkl", "c1_sg3t.pkl"
MAX_LEVELS = 1.5
"""Mean difference of two engines' pictures, grey levels."""

FASTER, SLOWER, OTHER = Comparison(1.5, 0.0, 0.0), Comparison(0.7, 0.0, 0.0), Comparison(1.5, 0.1, 2.0)


def _draw(G, seeds):
    ws = G.map(np.random.default_rng(0).standard_normal((seeds, G.z_dim)))
    return [G.render(ws[k : k + 1]).astype(float) for k in range(seeds)]


@pytest.mark.parametrize("name", [FIRST, SECOND])
def test_an_engine_draws_what_torch_does(name):
    G, torchs = load(DATA / name), load(DATA / name)
    assert hasten(G, "openvino", 1)
    for ours, theirs in zip(_draw(G, 3), _draw(torchs, 3), strict=True):
        assert np.abs(ours - theirs).mean() <= MAX_LEVELS


def test_openvino_reports_to_nobody():
    assert hasten(load(DATA / FIRST), "openvino", 1)
    assert sys.modules["openvino_telemetry"] is None


@pytest.mark.parametrize("name", [SECOND, THIRD])
def test_nothing_jumps_where_torch_draws_what_is_played_on_a_model(name):
    G, torchs = load(DATA / name), load(DATA / name)
    assert hasten(G, "openvino", 1)
    turned = np.array([[0.8, 0.6, 0.1], [-0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    for noise, transform in ((1.0, None), (0.999, None), (0.3, turned), (1.0, turned)):
        for model in (G, torchs):
            model.noise, model.transform = noise, transform
        (ours,), (theirs,) = _draw(G, 1), _draw(torchs, 1)
        assert np.abs(ours - theirs).mean() <= MAX_LEVELS


def test_weights_that_stay_draw_the_same_as_those_that_change():
    G = load(DATA / SECOND)
    ws = G.map(np.ones((1, G.z_dim), np.float32))[0]
    full = G._fast
    with torch.no_grad():
        assert torch.allclose(full.in_maps().draw(ws, Effects()), full.draw(ws, Effects()), atol=1e-4)


def test_what_an_engine_cannot_do_is_one_line(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no such operation\nlook here")

    monkeypatch.setattr(torch.jit, "trace", fail)
    with pytest.raises(WorkError, match=r"^--engine openvino: a0_sg2ada_64_tiny: OSError: no such operation$"):
        hasten(load(DATA / SECOND), "openvino", 1)


def test_other_pictures_are_refused(monkeypatch):
    monkeypatch.setattr(engines, "compare", lambda *args: OTHER)
    with pytest.raises(WorkError, match=r"its pictures differ by 2\.0 grey levels$"):
        hasten(load(DATA / SECOND), "openvino", 1)


@pytest.mark.parametrize("G", [("builtin", False), (DATA / SECOND, True)])
def test_code_and_the_plain_reference_are_left_alone(G):
    name, exact = G
    assert not hasten(load(name, exact=exact), "openvino", 1)


def test_an_engine_that_is_not_installed_or_not_for_the_device_is_refused_at_the_start(monkeypatch):
    with pytest.raises(ParameterError, match="--device cuda"):
        check_engine("openvino", "cuda")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    check_engine("auto", "cpu")
    with pytest.raises(ParameterError, match=r"pip install 'bandwalk\[openvino\]'"):
        check_engine("openvino", "cpu")


class _Switch(EngineSwitch):
    """A switch that works where it is asked, and says whether it compared."""

    def __init__(self, folder, monkeypatch, comparison):
        super().__init__("auto", ThreadChoice((1,)), folder)
        self.compared = 0
        monkeypatch.setattr(
            engine_switch, "network_of", lambda G, *args: convert_synthesis(G.live_synthesis(full=True))
        )
        monkeypatch.setattr(OpenVino, "compare", lambda openvino, between: self._count(comparison))

    def _count(self, comparison):
        self.compared += 1
        return comparison

    def draws(self, G):
        """Ask, and return whether something else than torch draws now."""
        before = G._render
        self._prepare(G)
        return G._render is not before


@pytest.mark.parametrize(("comparison", "takes_over"), [(FASTER, True), (SLOWER, False), (OTHER, False)])
def test_auto_takes_what_is_faster_and_looks_the_same(comparison, takes_over, tmp_path, monkeypatch):
    switch = _Switch(tmp_path, monkeypatch, comparison)
    assert switch.draws(load(DATA / SECOND)) is takes_over


def test_what_was_slower_is_not_even_prepared_at_the_next_start(tmp_path, monkeypatch, caplog):
    _Switch(tmp_path, monkeypatch, SLOWER).draws(load(DATA / SECOND))
    switch = _Switch(tmp_path, monkeypatch, FASTER)
    caplog.clear()
    with caplog.at_level("INFO"):
        assert not switch.draws(load(DATA / SECOND))
    assert switch.compared == 0
    assert [record.message for record in caplog.records] == [
        "torch draws a0_sg2ada_64_tiny: it was faster than openvino when both were measured here"
    ]
    assert _Switch(tmp_path, monkeypatch, FASTER).draws(load(DATA / FIRST))  # another model


def test_what_was_faster_draws_at_the_next_start_however_busy_the_machine_is(tmp_path, monkeypatch):
    _Switch(tmp_path, monkeypatch, FASTER).draws(load(DATA / SECOND))
    assert _Switch(tmp_path, monkeypatch, SLOWER).draws(load(DATA / SECOND))


def test_a_choice_is_for_a_model_a_size_and_a_number_of_threads(tmp_path):
    G = load(DATA / SECOND)
    keep_choice(G, 1, tmp_path, "openvino")
    assert known_choice(G, 1, tmp_path) == "openvino"
    assert known_choice(G, 2, tmp_path) == ""
    G.width += 1
    assert known_choice(G, 1, tmp_path) == ""


@pytest.mark.parametrize("broken", ["", "[]", '{"a": {}}', "\0"])
def test_a_broken_file_of_choices_is_as_none_and_is_written_over(broken, tmp_path):
    G = load(DATA / SECOND)
    (tmp_path / "engines.json").write_text(broken)
    assert known_choice(G, 1, tmp_path) == ""
    keep_choice(G, 1, tmp_path, "torch")
    assert known_choice(G, 1, tmp_path) == "torch"
    (tmp_path / "engines.json").write_text(json.dumps(dict.fromkeys(json.loads(_text(tmp_path)), "rm")))
    assert known_choice(G, 1, tmp_path) == ""


def _text(folder):
    return (folder / "engines.json").read_text()


def test_without_openvino_one_line_recommends_it(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("bandwalk.show.engine_switch.has_openvino", lambda: False)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    switch = EngineSwitch("auto", 1, tmp_path)
    with caplog.at_level("INFO"):
        for name in ("builtin", DATA / FIRST, DATA / SECOND):
            switch.ask(load(name))
    assert [record.message for record in caplog.records] == [
        "torch draws d0_sg1_64_tiny; OpenVINO may be faster: pip install openvino"
    ]
    assert not [thread for thread in threading.enumerate() if thread.name == "engine"]
