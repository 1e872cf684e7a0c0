"""Flashes of a sequence of pictures, measured as WCAG 2.3.1 and ITU-R BT.1702 count them.

A general flash is a pair of opposing changes of relative luminance, each of 10 % of white or more, where the darker
side is below 80 %. A red flash is such a pair of changes of max(0, R - G - B) by 20 / 320 or more, where one side is a
saturated red: R / (R + G + B) of 0.8 or more. Not more than three of a kind may fall into any one second where they
take more than a quarter of the picture.

The picture is measured as 32 x 32 cells (``flash_cells``). Each cell counts its own changes, but only those that more
than a quarter of the picture makes in the same direction within 0.05 s: a shape that passes is not a flash. A second
has as many changes as those cells have counted that make up more than a quarter.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from bandwalk.output.flash_cells import CELLS, Light

KINDS = ("general", "red")

MAX_FLASHES = 3.0
"""Flashes of one kind that any one second may have; a flash is two changes."""

TOGETHER_S = 0.05
"""Cells that change within this time change together."""

_ROUNDING_S = 1e-6
"""Times of frames that are a window apart may be this much nearer."""


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
class Change:
    """Which cells changed with one picture, [2, n] bool each: rose, fell, and of both what counts.

    sizes: how many of each of KINDS rose, and how many fell.
    """

    t_s: float
    rose: np.ndarray
    fell: np.ndarray
    counted: np.ndarray
    sizes: tuple[tuple[int, int], tuple[int, int]]


Counted = list[tuple[Change, np.ndarray]]
"""Changes with those of their cells, [2, n] bool, that count from now on."""


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
        self._low, self._high = (Light(np.zeros((2, n), np.float32), np.zeros((2, n), bool)) for _ in range(2))
        self._may_rise, self._may_fall = np.ones((2, n), bool), np.ones((2, n), bool)  # not where it did so last

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

    def look(self, light: Light, t_s: float) -> tuple[Change, Counted]:
        """Return what a picture shown at t_s changes, and what counts by that; nothing is taken."""
        change = self._change(light, t_s)
        return change, list(self._newly_counted(change))

    def take(self, light: Light, change: Change, counted: Counted) -> None:
        """Take a picture that was looked at last."""
        for each, new in counted:
            each.counted[new] = True
            self.changes += new
        if self._is_new:
            self._is_new = False
            self._low, self._high = (Light(light.value.copy(), light.counts.copy()) for _ in range(2))
            return
        _replace(self._low, light, (light.value < self._low.value) | change.fell)
        _replace(self._high, light, (light.value > self._high.value) | change.rose)
        if any(map(any, change.sizes)):
            self._may_rise ^= change.rose  # it might where it does
            self._may_rise |= change.fell
            self._may_fall ^= change.fell
            self._may_fall |= change.rose
            self._recent.append(change)
            self.alone += change.rose | change.fell

    def step(self, light: Light, t_s: float) -> None:
        """Take the next picture, shown at t_s."""
        self.forget(t_s)
        self.take(light, *self.look(light, t_s))

    def would_change(self, light: Light) -> np.ndarray:
        """Return what a picture would add to ``alone``, [2, n] bool."""
        change = self._change(light, 0.0)
        changed: np.ndarray = change.rose | change.fell
        return changed

    def _change(self, light: Light, t_s: float) -> Change:
        """Return what a picture changes; nothing of it is counted yet."""
        shape = self.changes.shape
        if self._is_new:
            none = np.zeros(shape, bool)
            return Change(t_s, none, none, none, ((0, 0), (0, 0)))
        rises = self._where(light.value - self._low.value, light, self._low, self._may_rise)
        falls = self._where(self._high.value - light.value, light, self._high, self._may_fall)
        falls &= ~rises
        return Change(t_s, rises, falls, np.zeros(shape, bool), (_sizes(rises), _sizes(falls)))

    def _where(self, way: np.ndarray, light: Light, side: Light, may: np.ndarray) -> np.ndarray:
        """Return where a way [2, n] from one side is a change."""
        found: np.ndarray = way >= self._steps
        if found.any():
            found &= may
            found &= side.counts | light.counts
        return found

    def _newly_counted(self, change: Change) -> Iterator[tuple[Change, np.ndarray]]:
        """Yield each change that counts with this one, itself included, with its cells that did not count before."""
        together = [change]
        for earlier in reversed(self._recent):
            if change.t_s - earlier.t_s >= TOGETHER_S:
                break
            together.append(earlier)
        enough = self.rule.share * self.changes.shape[1]
        for side, direction in enumerate(("rose", "fell")):
            if all(sum(each.sizes[side][kind] for each in together) <= enough for kind in range(len(KINDS))):
                continue
            cells = [getattr(each, direction) for each in together]
            is_enough = np.logical_or.reduce(cells).sum(axis=1, keepdims=True) > enough
            if is_enough.any():
                yield from ((each, own & is_enough & ~each.counted) for each, own in zip(together, cells, strict=True))

    def is_over(self, most: int) -> bool:
        """Return whether more cells than may have more changes than this in the window."""
        return max(_sizes(self.changes > most)) > int(self.rule.share * self.changes.shape[1])

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
            found[name] = np.array(masks, bool).reshape(-1, *self.changes.shape)
        sides = {"low": self._low, "high": self._high}
        found |= {f"{name}.{key}": getattr(side, key).copy() for name, side in sides.items() for key in _FIELDS}
        found |= {"may_rise": self._may_rise.copy(), "may_fall": self._may_fall.copy()}
        return found | {"is_new": np.array([self._is_new])}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state.

        Raises:
            KeyError, ValueError: it is not one of a meter.
        """
        sides = [f"{name}.{key}" for name in ("low", "high") for key in _FIELDS]
        if any(state[name].shape[-2:] != self.changes.shape for name in (*_MASKS, *sides, "may_rise", "may_fall")):
            raise ValueError("a state of other cells")
        masks = zip(*(state[name].copy() for name in _MASKS), strict=True)
        self._recent = deque(
            Change(t_s, rose, fell, counted, (_sizes(rose), _sizes(fell)))
            for t_s, (rose, fell, counted) in zip(state["times"].tolist(), masks, strict=True)
        )
        self.changes = state["counted"].sum(axis=0, dtype=np.int16)
        self.alone = (state["rose"] | state["fell"]).sum(axis=0, dtype=np.int16)
        self._may_rise, self._may_fall = state["may_rise"].copy(), state["may_fall"].copy()
        self._is_new = bool(state["is_new"][0])
        self._low, self._high = (Light(*(state[f"{name}.{key}"].copy() for key in _FIELDS)) for name in ("low", "high"))


_MASKS = ("rose", "fell", "counted")
_FIELDS = ("value", "counts")


def _sizes(cells: np.ndarray) -> tuple[int, int]:
    """Return how many cells of each of KINDS, [2, n] bool, there are."""
    general, red = cells
    return int(np.count_nonzero(general)), int(np.count_nonzero(red))


def _replace(side: Light, light: Light, cells: np.ndarray) -> None:
    """Take some cells of a picture."""
    np.copyto(side.value, light.value, where=cells)
    np.copyto(side.counts, light.counts, where=cells)
