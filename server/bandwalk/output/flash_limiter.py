"""Holds back flashes: pictures that would flash too often follow slowly until they are calm again.

As long as a picture goes on within the limit it is passed on as it is, byte for byte. Where one more change would be
too much, the picture shown moves towards it by

    shown += (picture - shown) * (1 - exp(-rate * dt))

or by less if even that would flash. The longer too much is asked for, the lower the rate; when what is asked for is
within the limit again, the picture catches up. The limiter looks at no later picture: it works in a show as in a clip.

It is a little stricter than the rule, so that what is compressed and decoded is still within it.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch

from bandwalk.output.blend import blend, blend_reference, rounded
from bandwalk.output.flash_cells import CELLS, Light, looked_at, mean_light, to_cells, to_light, to_linear
from bandwalk.output.flashes import MAX_FLASHES, Change, Counted, FlashMeter, Rule
from bandwalk.output.resume_point import part_of, put_under
from bandwalk.output.shape import resize

STRICT = Rule(steps=(0.095, 19 / 320), share=0.23, window_s=1.05)
"""What the limiter counts."""

MIN_RATE, FIRST_RATE, MAX_RATE = 0.5, 4.0, 30.0
"""Rates at which a picture is followed, 1/s. By the lowest one, less than a step is left of black and white at 3 Hz."""

DOUBLING_S = 0.1
"""The rate doubles, or halves, within this time."""

Seen = tuple[Change, Counted]
"""What a picture changes, and what counts by that."""

_MAX_CHANGES = round(2 * MAX_FLASHES)
_HALVINGS = 5
_MAX_NEW = 0.005
"""Share of the picture that may change once more where too much of it has changed already."""


class FlashLimiter:
    """The limiter of a sequence of pictures.

    held: how many pictures were changed.
    """

    def __init__(self) -> None:
        self.held = 0
        self._meter = FlashMeter(STRICT)
        self._asked: FlashMeter | None = None  # what would be shown without a limit; None: it is shown
        self._shown: np.ndarray | torch.Tensor | None = None  # levels where it was blended
        self._cells = np.zeros((CELLS * CELLS, 3), np.float32)  # of the picture shown, before it is dimmed
        self._brightness = 1.0
        self._rate = 0.0  # 1/s
        self._t_s = 0.0

    def step(self, rgb: np.ndarray, brightness: float, t_s: float) -> tuple[np.ndarray, float]:
        """Return the picture to show, and how bright: the same array and number where nothing is held back.

        Args:
            rgb:        [H, W, 3 or 4] uint8; left as it is, and not changed later.
            brightness: wanted, 0..1. Darker is never held back.
            t_s:        when it is shown.
        """
        dt_s = max(0.0, t_s - self._t_s)
        self._t_s = t_s
        self._meter.forget(t_s)
        self._brightness = self._allowed(brightness)
        cells = to_cells(rgb)
        light = self._light(cells)
        seen = self._meter.look(light, t_s)
        if self._asked is None and not self._is_over(seen[1]):
            self._show(rgb, cells, light, seen)
            return rgb, self._brightness
        return self._follow(rgb, cells, light, seen, dt_s), self._brightness

    def _allowed(self, brightness: float) -> float:
        """Return the brightness up to the wanted one at which the present picture does not flash too often."""
        before = self._brightness
        if brightness <= before:
            return brightness

        def light_at(share: float) -> Light:
            return to_light(self._cells * _to_factor(before + share * (brightness - before)))

        most = _MAX_CHANGES - 1  # one is left for going black again
        if not self._is_over(self._meter.look(light_at(1.0), self._t_s)[1], most):
            return brightness
        return before + (brightness - before) * _largest(lambda share: not self._is_much(light_at(share), most))

    def _follow(self, rgb: np.ndarray, cells: np.ndarray, light: Light, seen: Seen, dt_s: float) -> np.ndarray:
        """Return a picture on the way from the one shown to another one."""
        if self._asked is None:
            self._asked, self._rate = self._meter.copy(), FIRST_RATE
        self._asked.step(light, self._t_s)
        is_calm = not self._asked.is_over(_MAX_CHANGES)
        self._rate *= 2 ** (dt_s / DOUBLING_S if is_calm else -dt_s / DOUBLING_S)
        self._rate = min(max(self._rate, MIN_RATE), MAX_RATE)
        share = 1.0 - math.exp(-self._rate * dt_s)
        if is_calm and self._rate == MAX_RATE and not self._is_over(seen[1]):
            self._asked = None
            self._show(rgb, cells, light, seen)
            return rgb
        before, way = np.sqrt(self._cells), np.sqrt(cells) - np.sqrt(self._cells)

        def is_fine(part: float) -> bool:
            return not self._is_much(self._light((before + np.float32(part * share) * way) ** 2))

        return self._blend(rgb, share if is_fine(1.0) else share * _largest(is_fine))

    def _blend(self, rgb: np.ndarray, share: float) -> np.ndarray:
        """Show a share of a picture over the one shown, unless the whole of it turns out to flash."""
        levels = self._as_levels(rgb.shape)
        pixels = blend_reference(looked_at(levels.numpy()), looked_at(rgb), share)
        cells = mean_light(rounded(pixels))
        light = self._light(cells)
        if self._is_much(light):  # cells are means of what is blended pixel by pixel
            share, cells = 0.0, self._cells
            light = self._light(cells)
        shown = blend(levels, rgb, share)
        self._show(levels, cells, light, self._meter.look(light, self._t_s))
        self.held += 1
        return shown

    def _as_levels(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Return the picture shown in a shape, not rounded: what changes slowly changes by less than a level."""
        shown = self._shown
        if isinstance(shown, torch.Tensor) and shown.shape == shape:
            return shown
        if shown is None:
            return torch.zeros(shape)
        rgb = rounded(shown.numpy()) if isinstance(shown, torch.Tensor) else shown
        height, width, colours = shape
        if rgb.shape[2] != colours:  # a model with opacity took over, or one without
            return torch.zeros(shape)
        return torch.from_numpy(resize(np.ascontiguousarray(rgb), width, height)).float()

    def _show(self, shown: np.ndarray | torch.Tensor, cells: np.ndarray, light: Light, seen: Seen) -> None:
        self._shown, self._cells = shown, cells
        self._meter.take(light, *seen)

    def _light(self, cells: np.ndarray) -> Light:
        """Return what cells are measured by at the present brightness."""
        return to_light(cells if self._brightness == 1.0 else cells * _to_factor(self._brightness))

    def _is_over(self, counted: Counted, most: int = _MAX_CHANGES) -> bool:
        """Return whether a picture by which these changes count would flash too often."""
        if not counted:
            return False
        new = np.add.reduce([cells for _, cells in counted], dtype=np.int16)
        return _is_too_much(self._meter.changes + new > most, new > 0)

    def _is_much(self, light: Light, most: int = _MAX_CHANGES) -> bool:
        """Return whether too many cells would change too often, in step or not.

        What is held back is measured so: parts of a flash that come one after the other would not count as one.
        """
        new = self._meter.would_change(light)
        return bool(new.any()) and _is_too_much(self._meter.alone + new > most, new)

    def state(self) -> dict[str, np.ndarray]:
        """Return all that :meth:`restore` needs."""
        numbers = np.array([self.held, self._brightness, self._rate, self._t_s])
        found = {"numbers": numbers, "cells": self._cells, **put_under("meter.", self._meter.state())}
        if self._shown is not None:
            found["shown"] = np.asarray(self._shown).copy()
        return found | (put_under("asked.", self._asked.state()) if self._asked is not None else {})

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state."""
        held, self._brightness, self._rate, self._t_s = state["numbers"].tolist()
        self.held, self._cells = round(held), state["cells"]
        self._meter.restore(part_of(state, "meter."))
        shown, asked = state.get("shown"), part_of(state, "asked.")
        self._shown = shown if shown is None or shown.dtype == np.uint8 else torch.from_numpy(shown)
        self._asked = FlashMeter(STRICT) if asked else None
        if self._asked is not None:
            self._asked.restore(asked)


def _is_too_much(often: np.ndarray, new: np.ndarray) -> bool:
    """Return whether the cells that change too often, [2, n] bool, are too many, and more of them than before."""
    return bool(((often.mean(axis=1) > STRICT.share) & ((often & new).mean(axis=1) > _MAX_NEW)).any())


def _largest(is_fine: Callable[[float], bool]) -> float:
    """Return the largest share 0..1 that is fine, as near as some halvings come; 0 is taken to be fine."""
    least, most = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (least + most) / 2
        least, most = (middle, most) if is_fine(middle) else (least, middle)
    return least


def _to_factor(brightness: float) -> np.float32:
    """Return by what linear light is multiplied where levels are multiplied by a brightness."""
    return np.float32(to_linear(brightness))
