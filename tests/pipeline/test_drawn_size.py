"""At which size a show draws so that its frame rate holds; the clock is the test's own, and so is what takes time."""

import math
from types import SimpleNamespace

import pytest
import torch

from bandwalk.params import defaults
from bandwalk.pipeline import drawn_size
from bandwalk.pipeline.drawn_size import HeldScale, screen_for


class SlowModel:
    """A model that takes some nanoseconds for each pixel."""

    z_dim, device, is_sized = 4, torch.device("cpu"), True

    def __init__(self, size, ns_a_pixel, clock):
        self.width, self.height = size
        self._took, self._clock, self.drawn = ns_a_pixel * 1e-9 * math.prod(size), clock, 0

    def map(self, z):
        return torch.zeros(1, 1, 1)

    def render(self, ws):
        self.drawn += 1
        self._clock.now += self._took * (3.0 if self.drawn == 1 else 1.0)  # the first one is slow


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(drawn_size, "time", SimpleNamespace(thread_time=lambda: clock.now))
    return clock


def asked(size, fps=30.0, scale=0.0):
    return {**defaults(), "/out/size": size, "/out/fps": fps, "/out/scale": scale}


def held(clock, size, ns_a_pixel, **more):
    """The drawn size of a show on a machine of a speed, and how many pictures were drawn to find it."""
    values, scale = asked(size, **more), HeldScale()
    first = scale.screen_for("builtin", values, is_chosen=True)
    model = SlowModel(first.size(), ns_a_pixel, clock)
    scale.measure(model, values)
    return scale.screen_for("builtin", values, is_chosen=True).size(), model.drawn


@pytest.mark.parametrize("size", ["1920x1080", "1080x1920", "2048x512", "1281x721"])
@pytest.mark.parametrize("ns_a_pixel", [5.0, 30.0, 80.0])
@pytest.mark.parametrize("fps", [24.0, 60.0])
def test_what_is_drawn_holds_the_frame_rate_in_the_screens_shape(clock, size, ns_a_pixel, fps):
    wide, tall = (int(side) for side in size.split("x"))
    (width, height), _ = held(clock, size, ns_a_pixel, fps=fps)
    assert (width, height) <= (wide, tall)
    assert width / height == pytest.approx(wide / tall, rel=0.01)
    is_in_time = width * height * ns_a_pixel * 1e-9 <= 1.0 / fps
    assert is_in_time or width * height < 1.3 * 512 * 512  # a picture of that size is never drawn smaller


def test_a_fast_machine_draws_every_pixel(clock):
    assert held(clock, "1920x1080", 1.0)[0] == (1920, 1080)


def test_a_scale_that_somebody_chose_is_kept_however_slow(clock):
    assert held(clock, "1920x1080", 500.0, scale=1.0)[0] == (1920, 1080)
    assert held(clock, "1920x1080", 1.0, scale=0.5)[0] == (960, 540)


def test_a_small_picture_is_not_measured(clock):
    assert held(clock, "512x512", 500.0) == ((512, 512), 0)


def test_a_machine_is_measured_once_and_says_in_a_line_what_holds(clock, caplog):
    caplog.set_level("INFO")
    values, scale = asked("1920x1080"), HeldScale()
    model = SlowModel((1920, 1080), 60.0, clock)
    scale.measure(model, values)
    drawn = model.drawn
    scale.measure(model, values)
    assert model.drawn == drawn
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 1
    assert lines[0].startswith("1920x1080 draws at 8 fps here; ")
    assert lines[0].endswith(" holds 30")


def test_a_model_file_has_its_own_shape_until_somebody_chooses_a_size():
    values = asked("1280x720")
    assert screen_for("face.pkl", values, is_chosen=False) is None
    assert (screen_for("face.pkl", values, is_chosen=True).width, HeldScale()._pixels_s) == (1280, math.inf)
