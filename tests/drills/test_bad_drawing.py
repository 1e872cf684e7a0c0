"""A model that draws no numbers or asks for too much memory, a clock that is set back: the picture goes on."""

import dataclasses
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from drills.watching import DEADLINE_S, Watching
from server import Frames, Osc
from show.test_emergency import Stage, meta_of

from bandwalk.errors import WorkError
from bandwalk.generator import load
from bandwalk.generator.cuda import ReplayedGraph
from bandwalk.generator.tensors import to_levels, to_marked, to_rgb, unmarked
from bandwalk.pipeline import pipeline as pipeline_module

DATA = Path(__file__).parents[1] / "data"
MODEL = "d0_sg1_64_tiny"
DAY_S = 86_400.0


class Fault:
    """What befalls the drawing of one model."""

    def __init__(self, paint):
        self._paint, self.kind = paint, ""

    def __call__(self, G, picture_input, values):
        if G.name == MODEL and self.kind == "NaN":
            picture_input = dataclasses.replace(picture_input, ws=picture_input.ws * float("nan"))
        if G.name == MODEL and self.kind == "too large":
            torch.empty(2**50, dtype=torch.float32)
        return self._paint(G, picture_input, values)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stage")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline_module, "paint", Fault(pipeline_module.paint))
        moving = {"route": ["lfo/sine/4=/transform/rotate:1"], "beat_from": "manual"}
        stage = Stage(folder, **moving)
        shutil.copy(DATA / f"{MODEL}.pkl", folder / "models")
        yield stage
        stage.close()


@pytest.mark.parametrize("kind", ["NaN", "too large"])
def test_the_last_good_model_plays_on(stage, kind):
    fault, osc = pipeline_module.paint, Osc(stage, subscribe=False)
    with Frames(stage) as frames, Watching(stage.base, f"a model draws {kind}"):
        osc.send("/model/load", f"{MODEL}.pkl")
        frames.until(lambda m: meta_of(m)["model"] == MODEL, DEADLINE_S)
        fault.kind = kind
        address, reason = osc.until("/error", timeout_s=DEADLINE_S)
        begun = time.monotonic()
        assert address == "/model/load"
        assert "3 pictures in a row failed" in reason
        frames.until(lambda m: meta_of(m)["model"] == "builtin" and "repeat" not in meta_of(m), DEADLINE_S)
        print(f"the model before draws {time.monotonic() - begun:.2f} s after the report: {reason}")
        fault.kind = ""
    osc.close()


def test_a_wall_clock_that_is_set_back_a_day_changes_only_the_stamps(stage, monkeypatch):
    """By a fake time.time in the show's process: a real one would be that of the whole machine."""
    real = time.time
    with Watching(stage.base, "clock set back a day") as watching:
        monkeypatch.setattr(time, "time", lambda: real() - DAY_S)
        watching.moves()
        with watching._grown:
            assert watching._grown.wait_for(lambda: watching.metas[-1]["t_publish"] < real() - DAY_S / 2, DEADLINE_S)
        monkeypatch.undo()
        watching.moves()
    ages = [meta["t_publish"] - meta["t_capture"] for meta in watching.metas]
    assert min(ages) >= 0.0
    assert max(ages) < DAY_S / 2
    numbers = [meta["seq"] for meta in watching.metas]
    assert numbers == sorted(numbers)


def by_a_graph(img):
    """As a GPU's picture comes to the host: by a graph, where the CPU stands in for the GPU."""
    replayed = ReplayedGraph(lambda img, fixed: img, lambda draw: (lambda: None, draw()), to_marked)
    return unmarked(replayed((img,), None).numpy())


@pytest.mark.parametrize("convert", [to_rgb, by_a_graph])
def test_a_picture_without_numbers_is_refused_and_large_ones_are_not(convert):
    img = torch.rand(1, 3, 8, 6) * 2.0 - 1.0
    assert np.array_equal(convert(img), to_levels(img).numpy())
    img[0, 0, 0, 0] = float("inf")
    assert convert(img)[0, 0, 0] == 255
    img[0, 1, 7, 5] = float("nan")
    with pytest.raises(WorkError, match="NaN"):
        convert(img)


@pytest.mark.parametrize("exact", [False, True])
def test_the_embedded_model_refuses_latents_that_are_no_numbers(exact):
    G = load("builtin", size=128, exact=exact)
    ws = G.map(np.zeros((1, G.z_dim), np.float32))
    ws[0, 3, 1] = float("nan")
    with pytest.raises(WorkError, match="NaN"):
        G.render(ws)
