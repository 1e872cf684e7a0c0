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
    """Which cells changed with one picture.

    does:    what rose, and what fell, [2, 2, n] bool.
    counted: of both what counts, [2, n] bool.
    sizes:   how many of each of KINDS rose, and how many fell.
    """

    t_s: float
    does: np.ndarray
    counted: np.ndarray
    sizes: tuple[tuple[int, int], tuple[int, int]]

    @classmethod
    def of(cls, t_s: float, does: np.ndarray, counted: np.ndarray | None = None) -> "Change":
        """Return a change of which nothing counts yet, or this."""
        rose, fell = does
        return cls(t_s, does, np.zeros_like(rose) if counted is None else counted, (_sizes(rose), _sizes(fell)))

    @property
    def size(self) -> int:
        """How many cells changed, of both kinds together."""
        return sum(map(sum, self.sizes))

    @property
    def changed(self) -> np.ndarray:
        """Which cells changed, [2, n] bool."""
        changed: np.ndarray = self.does[0] | self.does[1]
        return changed


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
        self._none = np.zeros((2, 2, n), bool)
        self._ends = Light(np.zeros((2, 2, n), np.float32), np.zeros((2, 2, n), bool))  # lowest, and highest negated
        self._may = np.ones((2, 2, n), bool)  # rise, and fall: not where it did so last

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
            self.alone -= gone.changed

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
            self._ends.value[:], self._ends.counts[:] = light.value, light.counts
            return
        new = light.value < self._ends.value
        if change.size:
            does = change.does
            new |= does[::-1]  # what has risen is the highest from here on
            self._may ^= does  # it might where it does
            self._may |= does[::-1]
            self._recent.append(change)
            self.alone += change.changed
        np.copyto(self._ends.value, light.value, where=new)
        np.copyto(self._ends.counts, light.counts, where=new)

    def step(self, light: Light, t_s: float) -> None:
        """Take the next picture, shown at t_s."""
        self.forget(t_s)
        self.take(light, *self.look(light, t_s))

    def would_change(self, light: Light) -> np.ndarray:
        """Return what a picture would add to ``alone``, [2, n] bool."""
        return self._change(light, 0.0).changed

    def _change(self, light: Light, t_s: float) -> Change:
        """Return what a picture changes; nothing of it is counted yet."""
        does = light.value - self._ends.value >= self._steps
        if self._is_new or not does.any():
            return Change(t_s, self._none, self._none[0], ((0, 0), (0, 0)))
        does &= self._may
        does &= self._ends.counts | light.counts
        does[1] &= ~does[0]
        return Change.of(t_s, does)

    def _newly_counted(self, change: Change) -> Iterator[tuple[Change, np.ndarray]]:
        """Yield each change that counts with this one, itself included, with its cells that did not count before."""
        together = [change]
        for earlier in reversed(self._recent):
            if change.t_s - earlier.t_s >= TOGETHER_S:
                break
            together.append(earlier)
        enough = self.rule.share * self.changes.shape[1]
        for side in range(2):
            if all(sum(each.sizes[side][kind] for each in together) <= enough for kind in range(len(KINDS))):
                continue
            cells = [each.does[side] for each in together]
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
        shape = self.changes.shape
        return {
            "times": np.array([change.t_s for change in self._recent], np.float64),
            "does": np.array([change.does for change in self._recent], bool).reshape(-1, 2, *shape),
            "counted": np.array([change.counted for change in self._recent], bool).reshape(-1, *shape),
            "ends": self._ends.value.copy(),
            "end_counts": self._ends.counts.copy(),
            "may": self._may.copy(),
            "is_new": np.array([self._is_new]),
        }

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state.

        Raises:
            KeyError, ValueError: it is not one of a meter.
        """
        shape = self.changes.shape
        sides = ("does", "ends", "end_counts", "may")
        if state["counted"].shape[1:] != shape or any(state[name].shape[-3:] != (2, *shape) for name in sides):
            raise ValueError("a state of other cells")
        changes = zip(state["times"].tolist(), state["does"].copy(), state["counted"].copy(), strict=True)
        self._recent = deque(Change.of(*change) for change in changes)
        self.changes = state["counted"].sum(axis=0, dtype=np.int16)
        self.alone = state["does"].any(axis=1).sum(axis=0, dtype=np.int16)
        self._ends = Light(state["ends"].copy(), state["end_counts"].copy())
        self._may, self._is_new = state["may"].copy(), bool(state["is_new"][0])


def _sizes(cells: np.ndarray) -> tuple[int, int]:
    """Return how many cells of each of KINDS, [2, n] bool, there are."""
    general, red = cells
    return int(np.count_nonzero(general)), int(np.count_nonzero(red))
