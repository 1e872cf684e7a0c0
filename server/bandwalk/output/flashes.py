"""Flashes of a sequence of pictures, measured as WCAG 2.3.1 and ITU-R BT.1702 count them.

A general flash is a pair of opposing changes of relative luminance, each of 10 % of white or more, where the darker
side is below 80 %. A red flash is such a pair of changes of max(0, R - G - B) by 20 / 320 or more, where one side is a
saturated red: R / (R + G + B) of 0.8 or more. Not more than three of a kind may fall into any one second where they
take more than a quarter of the picture.

The picture is measured as 64 x 64 cells, in linear light. Each cell counts its own changes, but only those that more
than a quarter of the picture makes in the same direction within 0.05 s: a shape that passes is not a flash. A second
has as many changes as those cells have counted that make up more than a quarter.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from bandwalk.output.colour import LUMINANCE

KINDS = ("general", "red")

CELLS = 64
"""Cells along each side of a picture."""

MAX_FLASHES = 3.0
"""Flashes of one kind that any one second may have; a flash is two changes."""

TOGETHER_S = 0.05
"""Cells that change within this time change together."""

_ROUNDING_S = 1e-6
"""Times of frames that are a window apart may be this much nearer."""

_ROWS = 2
"""Rows of pixels that are looked at in each row of cells."""

_DARK, _SATURATED = 0.8, 0.8
_CUBIC = (0.012522878, 0.682171111, 0.305306011)
"""sRGB to linear light: x (a + x (b + x c)), within 0.002 (I. Taylor, "sRGB approximations for HLSL", 2012)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts.

    steps:    smallest change of each of KINDS.
    share:    of the picture; more of it must flash.
    window_s: in which flashes are counted.
    """

    steps: tuple[float, float] = (0.1, 20 / 320)
    share: float = 0.25
    window_s: float = 1.0


WCAG = Rule()


@dataclass(frozen=True, slots=True)
class Light:
    """What one picture is measured by.

    value:  of each kind and cell, [2, n] float32: luminance, and R - G - B where positive.
    counts: whether a change from or to this value is a flash's, [2, n] bool: dark enough, or saturated.
    """

    value: np.ndarray
    counts: np.ndarray


def to_cells(rgb: np.ndarray) -> np.ndarray:
    """Return the mean linear light of each cell, [CELLS * CELLS, 3] float32, 0..1.

    Args:
        rgb: [H, W, 3 or 4] uint8; opacity does not count.
    """
    h, w = rgb.shape[:2]
    part = rgb[_spread(_ROWS * CELLS, h)][:, :, :3]
    columns = max(1, w // CELLS)
    if w % CELLS:
        part = part[:, _spread(columns * CELLS, w)]
    light = to_linear(part.astype(np.float32) * np.float32(1 / 255))
    both = light[0::_ROWS] + light[1::_ROWS]
    pooled = torch.mm(torch.from_numpy(both).reshape(CELLS * CELLS, 3 * columns), _pool(columns))
    mean: np.ndarray = pooled.numpy()
    return mean


def to_linear(x: Any) -> Any:
    """Return the linear light of sRGB values 0..1, an array or a number."""
    a, b, c = _CUBIC
    light = x * c  # an array of its own
    light += b
    light *= x
    light += a
    light *= x
    return light


def to_light(cells: np.ndarray) -> Light:
    """Return what cells [n, 3] are measured by."""
    red, green, blue = cells.T
    luminance = cells @ np.array(LUMINANCE, np.float32)
    value = np.stack([luminance, np.maximum(red - green - blue, 0.0)])
    return Light(value, np.stack([luminance < _DARK, red >= _SATURATED * (red + green + blue)]))


@dataclass(frozen=True, slots=True)
class Change:
    """Which cells changed with one picture, [2, n] bool each: rose, fell, and of both what counts."""

    t_s: float
    rose: np.ndarray
    fell: np.ndarray
    counted: np.ndarray


class FlashMeter:
    """Counts the changes of a sequence of pictures, cell by cell.

    A cell rises where it has come a step away from its lowest value since it last fell, and falls in the same way.
    ``changes`` [2, n] int16 is how often each cell has changed within the window together with enough others,
    ``alone`` how often with or without them.
    """

    def __init__(self, rule: Rule = WCAG) -> None:
        n = CELLS * CELLS
        self.rule = rule
        self.changes, self.alone = np.zeros((2, n), np.int16), np.zeros((2, n), np.int16)
        self._steps = np.array(rule.steps, np.float32)[:, None]
        self._recent: deque[Change] = deque()
        self._is_new = True
        self._low = self._high = Light(np.zeros((2, n), np.float32), np.zeros((2, n), bool))
        self._turn = np.zeros((2, n), np.int8)  # 1: rose last, -1: fell last

    def copy(self) -> "FlashMeter":
        """Return one that goes on from here by itself."""
        other = FlashMeter(self.rule)
        other.restore(self.state())
        return other

    def forget(self, t_s: float) -> None:
        """Take out what has left the window at t_s."""
        while self._recent and t_s - self._recent[0].t_s >= self.rule.window_s - _ROUNDING_S:
            gone = self._recent.popleft()
            self.changes -= gone.counted
            self.alone -= gone.rose | gone.fell

    def would_change(self, light: Light) -> np.ndarray:
        """Return what a picture would add to ``alone``, [2, n] bool."""
        change = self._change(light, 0.0)
        changed: np.ndarray = change.rose | change.fell
        return changed

    def would_count(self, light: Light, t_s: float) -> np.ndarray:
        """Return what a picture shown at t_s would add to ``changes``, [2, n] int16."""
        change = self._change(light, t_s)
        added = np.zeros_like(self.changes)
        for _, new in self._newly_counted(change):
            added += new
        return added

    def step(self, light: Light, t_s: float) -> None:
        """Take the next picture, shown at t_s."""
        self.forget(t_s)
        if self._is_new:
            self._is_new, self._low, self._high = False, light, light
        change = self._change(light, t_s)
        for earlier, new in self._newly_counted(change):
            earlier.counted[new] = True
            self.changes += new
        self._low = _replaced(self._low, light, change.fell | (light.value < self._low.value))
        self._high = _replaced(self._high, light, change.rose | (light.value > self._high.value))
        self._turn[change.rose], self._turn[change.fell] = 1, -1
        if change.rose.any() or change.fell.any():
            self._recent.append(change)
            self.alone += change.rose | change.fell

    def _change(self, light: Light, t_s: float) -> Change:
        """Return what a picture changes; nothing of it is counted yet."""
        rises = (light.value - self._low.value >= self._steps) & (self._low.counts | light.counts)
        falls = (self._high.value - light.value >= self._steps) & (self._high.counts | light.counts)
        rises, none = rises & (self._turn <= 0), np.zeros_like(rises)
        falls &= (self._turn >= 0) & ~rises
        return Change(t_s, none, none, none) if self._is_new else Change(t_s, rises, falls, none)

    def _newly_counted(self, change: Change) -> Iterator[tuple[Change, np.ndarray]]:
        """Yield each change that counts with this one, itself included, with its cells that did not count before."""
        together = [change]
        for earlier in reversed(self._recent):
            if change.t_s - earlier.t_s >= TOGETHER_S:
                break
            together.append(earlier)
        for direction in ("rose", "fell"):
            cells = [getattr(each, direction) for each in together]
            is_enough = np.logical_or.reduce(cells).mean(axis=1, keepdims=True) > self.rule.share
            if is_enough.any():
                yield from ((each, own & is_enough & ~each.counted) for each, own in zip(together, cells, strict=True))

    def flashes(self) -> tuple[float, float]:
        """Return how many flashes of each of KINDS the window has, in halves: two changes are a flash."""
        n = self.changes.shape[1]
        place = n - 1 - int(n * self.rule.share)  # more cells than the share have at least this many
        general, red = np.partition(self.changes, place, axis=1)[:, place] / 2
        return float(general), float(red)

    def state(self) -> dict[str, np.ndarray]:
        """Return all that :meth:`restore` needs."""
        found = {"times": np.array([change.t_s for change in self._recent], np.float64)}
        for name in _MASKS:
            masks = [getattr(change, name) for change in self._recent]
            found[name] = np.array(masks, bool).reshape(-1, *self._turn.shape)
        sides = {"low": self._low, "high": self._high}
        found |= {f"{name}.{key}": getattr(side, key) for name, side in sides.items() for key in _FIELDS}
        return found | {"turn": self._turn.copy(), "is_new": np.array([self._is_new])}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state.

        Raises:
            KeyError, ValueError: it is not one of a meter.
        """
        sides = [f"{name}.{key}" for name in ("low", "high") for key in _FIELDS]
        if any(state[name].shape[-2:] != self._turn.shape for name in (*_MASKS, *sides, "turn")):
            raise ValueError("a state of other cells")
        masks = (state[name] for name in _MASKS)
        self._recent = deque(Change(*each) for each in zip(state["times"].tolist(), *masks, strict=True))
        self.changes = state["counted"].sum(axis=0, dtype=np.int16)
        self.alone = (state["rose"] | state["fell"]).sum(axis=0, dtype=np.int16)
        self._turn, self._is_new = state["turn"].copy(), bool(state["is_new"][0])
        self._low, self._high = (Light(*(state[f"{name}.{key}"] for key in _FIELDS)) for name in ("low", "high"))


_MASKS = ("rose", "fell", "counted")
_FIELDS = ("value", "counts")


def _replaced(side: Light, light: Light, cells: np.ndarray) -> Light:
    """Return a side with some cells of a picture."""
    return Light(np.where(cells, light.value, side.value), np.where(cells, light.counts, side.counts))


def _spread(n: int, size: int) -> np.ndarray:
    """Return the indices of n lines spread evenly over so many."""
    return ((np.arange(n) + 0.5) * size / n).astype(np.intp)


@lru_cache(maxsize=4)
def _pool(columns: int) -> torch.Tensor:
    """Return the matrix that averages so many pixels of each of two rows, [3 * columns, 3]."""
    return torch.eye(3).repeat(columns, 1) / (_ROWS * columns)
