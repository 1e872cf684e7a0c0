"""The autopilot: changes scene on a drop or with a phrase, while nobody's hand is on a control."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from bandwalk.params.values import Values, switch, whole
from bandwalk.pipeline.scenes.change import Change, Due
from bandwalk.pipeline.scenes.phrase import Phrase
from bandwalk.records import Features

T = TypeVar("T")

HAND_S = 20.0
"""So long after a hand was on a control it does nothing."""

MIN_BARS = 2
"""A scene stays at least so long: a drop right after a change is not another one."""

PATIENCE = 2
"""In a break it waits for the drop, up to so many phrases after the last change."""

ASK_S = 1.0
"""If there was nothing to change to, it asks again after this time."""


class Autopilot:
    """Decides when; what comes next is read ahead of time, as it is asked for by wanted.

    Args:
        seed:   of its choices.
        wanted: asks for the next change to be read and handed over by :meth:`offer`; must not wait.
    """

    def __init__(self, seed: int, wanted: Callable[[], object]) -> None:
        self._rng = np.random.Generator(np.random.PCG64(seed))
        self._wanted = wanted
        self._next: Change | None = None
        self._asked_at = -ASK_S
        self._hand_at = -HAND_S
        self._bar = -MIN_BARS  # of the last landing

    def hand(self, t: float) -> None:
        """Note that a hand was on a control at t, monotonic seconds; from any thread."""
        self._hand_at = t

    def offer(self, change: Change | None) -> None:
        """Take what to change to next; None: what was read ahead does not count any more. From any thread."""
        self._next = change

    def choose(self, things: Sequence[T]) -> T | None:
        """Return one of the things; None: there are none."""
        return things[int(self._rng.integers(len(things)))] if things else None

    def changed(self, left: float, phrase: Phrase) -> None:
        """Note that a change begins, whoever asked for it, and lands in so many beats."""
        self._bar = phrase.bar_in(left)
        self._next = None

    def step(self, features: Features, values: Values, phrase: Phrase, length: float) -> Due | None:
        """Return the change to begin in this step, a glide of length beats; None: none."""
        t, change = features.t_capture, self._next
        if not switch(values, "/auto/enabled"):
            return None
        if change is None:
            if t - self._asked_at >= ASK_S:
                self._asked_at = t
                self._wanted()
            return None
        if t - self._hand_at < HAND_S or not change.is_ready():
            return None
        if features.music.drop and phrase.bar_in(0.0) - self._bar >= MIN_BARS:
            return Due(change, 0.0, 0.0, "drop")
        bars = whole(values, "/auto/bars")
        grid = bars * phrase.grid("bar")
        left = phrase.way(grid, length)
        least = PATIENCE * bars if features.music.breaks else max(min(MIN_BARS, bars), bars / 2)
        if left is None or phrase.bar_in(left) - self._bar < least:
            return None
        return Due(change, left, grid, f"{bars} bars")
