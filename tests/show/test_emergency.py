"""Black comes at once, whatever else is wrong: drawing, the disk, the terminal. Real sockets; the show runs here."""

import io
import shutil
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from frames import meta_of
from PIL import Image
from server import Frames, Osc, free_port_base
from waiting import wait_until
from websockets.sync.client import connect

from bandwalk.pipeline import pipeline as pipeline_module
from bandwalk.pipeline.start import resolve
from bandwalk.show.parts import open_parts
from bandwalk.show.show import Show

DATA = Path(__file__).parents[1] / "data"

pytestmark = pytest.mark.alone

BEGINS_S = 0.1
"""Black begins so long after it was asked for."""

BUSY_S = 1.0
"""What a slow machine may add; without what is tried here black came after two seconds, or never."""

DEADLINE_S = 60.0
"""A model is loaded behind the show and all else that the machine does."""


def brightness_of(message):
    return float(np.asarray(Image.open(io.BytesIO(message)).convert("L")).mean())


class Fault:
    """Drawing that can be made to fail: what a model, a driver or a GPU may do."""

    def __init__(self, paint):
        self._paint = paint
        self.kind = ""
        self.models = set()  # the models it befalls; none: all
        self.over = threading.Event()

    def __call__(self, G, picture_input, values):
        if self.kind and (not self.models or G.name in self.models):
            if self.kind == "raises":
                raise RuntimeError("no picture can be drawn")
            self.over.wait({"hangs": 600.0, "is slow": 2.0}[self.kind])
        return self._paint(G, picture_input, values)


class Stage:
    """A running show and its port block."""

    def __init__(self, folder, **flags):
        self.base = free_port_base()
        for name in ("presets", "models", "music"):
            (folder / name).mkdir(exist_ok=True)
        folders = {name: str(folder / name) for name in ("presets", "models", "music")}
        flags = {
            "out_size": "64x64",
            "threads": "1",
            "preset": "",
            "engine": "torch",
            "port_base": str(self.base),
            **folders,
            **flags,
        }
        self.show = Show(open_parts(resolve(flags, "demo")), threading.Event())
        self.show.start()

    def close(self):
        self.show.close()


@contextmanager
def staged(folder, **flags):
    """Yield a show and the fault of its drawing."""
    with pytest.MonkeyPatch.context() as patch:
        fault = Fault(pipeline_module.paint)
        patch.setattr(pipeline_module, "paint", fault)
        stage = Stage(folder, **flags)
        try:
            yield stage, fault
        finally:
            fault.over.set()
            fault.kind = ""
            stage.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stage")
    with staged(folder) as (stage, fault):
        yield stage, fault, folder


@pytest.fixture
def watched(running):
    """The show's fault, who watches, and who steers; the picture rests, so that only a fade changes it."""
    stage, fault, _ = running
    osc = Osc(stage, subscribe=False)  # answers come all the same, and no flood of features in which they are lost
    with Frames(stage, repeats=True) as frames:
        osc.send("/master/freeze", 1)
        frames.until(lambda m: brightness_of(m) == brightness_of(frames.next()) > 20)
        yield fault, frames, osc
        fault.kind, fault.models = "", set()
        fault.over.set()
        osc.send("/master/blackout", 0)
        osc.send("/model/load", "builtin")
        frames.until(
            lambda m: meta_of(m)["model"] == "builtin" and "repeat" not in meta_of(m) and brightness_of(m) > 20
        )
        fault.over.clear()
    osc.close()


def is_drawn_by(name, message):
    return meta_of(message)["model"] == name and "repeat" not in meta_of(message)


def seconds_to_black(press, frames):
    """Press blackout; return the seconds until a frame is darker, and until one is black."""
    bright = brightness_of(frames.next())
    while frames.poll():
        frames.next()
    pressed = time.monotonic()
    press()
    frames.until(lambda m: brightness_of(m) < bright - 1)
    begun = time.monotonic() - pressed
    frames.until(lambda m: brightness_of(m) < 1)
    return begun, time.monotonic() - pressed


def over_osc(stage, osc):
    osc.send("/master/blackout", 1)


def over_the_panel(stage, osc):
    with connect(f"ws://127.0.0.1:{stage.base + 3}/") as line:
        line.send(b"/master/blackout\0\0\0\0,i\0\0\0\0\0\1")


@pytest.mark.parametrize(
    ("kind", "press"),
    [("", over_osc), ("raises", over_the_panel), ("hangs", over_osc), ("is slow", over_the_panel)],
)
def test_black_comes_however_drawing_does(running, watched, kind, press):
    fault, frames, osc = watched
    fault.kind = kind
    if kind:
        frames.until(lambda m: meta_of(m).get("repeat"))  # the fault has begun
    begun, black = seconds_to_black(lambda: press(running[0], osc), frames)
    assert begun < BEGINS_S + BUSY_S
    assert black < 0.5 + BEGINS_S + BUSY_S


def test_black_does_not_wait_for_files(running, watched):
    _, frames, osc = watched
    stage, _, folder = running
    for n in range(1000):
        (folder / "presets" / f"{n}.toml").write_text("[master]\nspeed = 1.0\n")
    osc.send("/preset/recall", "0", 10.0)

    def press():
        for _ in range(100):
            osc.send("/preset/list")
        osc.send("/preset/recall", "999")
        over_osc(stage, osc)

    begun, _ = seconds_to_black(press, frames)
    assert begun < BEGINS_S + BUSY_S
    osc.until("/preset/name")
    shutil.rmtree(folder / "presets")


def test_models_that_cannot_be_drawn_are_given_up_one_after_the_other_and_said(running, watched):
    fault, frames, osc = watched
    _load(running, frames, osc, "d0_sg1_64_tiny", "a2_sg2ada_cond5")
    fault.models, fault.kind = {"d0_sg1_64_tiny", "a2_sg2ada_cond5"}, "raises"
    for name, next_one in (("a2_sg2ada_cond5", "d0_sg1_64_tiny"), ("d0_sg1_64_tiny", "builtin")):
        address, reason = osc.until("/error", timeout_s=DEADLINE_S)
        assert address == "/model/load"
        assert f"drawing {name}.pkl: 3 pictures in a row failed (RuntimeError: no picture" in reason
        assert f"goes back to {next_one}" in reason
    frames.until(lambda m: is_drawn_by("builtin", m), DEADLINE_S)


def test_a_model_that_hangs_is_left_behind_and_the_next_one_draws(running, watched):
    fault, frames, osc = watched
    _load(running, frames, osc, "d0_sg1_64_tiny")
    fault.models, fault.kind = {"d0_sg1_64_tiny"}, "hangs"
    assert "a picture took more than 2 s; goes back to builtin" in osc.until("/error", timeout_s=DEADLINE_S)[1]
    frames.until(lambda m: is_drawn_by("builtin", m), DEADLINE_S)
    assert [thread.name for thread in threading.enumerate()].count("draw") == 2
    fault.over.set()  # what comes of it now is thrown away, and its thread ends
    wait_until(lambda: [thread.name for thread in threading.enumerate()].count("draw") == 1, "the thread to end")
    assert {meta_of(frames.next())["model"] for _ in range(30)} == {"builtin"}


def _load(running, frames, osc, *names):
    """Let models play, one after the other."""
    for name in names:
        path = running[2] / "models" / f"{name}.pkl"
        path.write_bytes((DATA / path.name).read_bytes())
        osc.send("/model/load", path.name)
        frames.until(lambda m, name=name: meta_of(m)["model"] == name, DEADLINE_S)
