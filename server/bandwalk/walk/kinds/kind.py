"""What a kind of walk is, and what it is given in each step."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from bandwalk.records import WalkValues
from bandwalk.walk.home import SavedStyle
from bandwalk.walk.shares import NO_SHARES, Shares


@dataclass(frozen=True, slots=True)
class Keyframes:
    """Where a walk is on which beat.

    keys:  (beat, seed or saved style), the beats rising; one at least.
    beats: after so many it begins again; 0: it stays at the last one.
    """

    keys: tuple[tuple[float, int | SavedStyle], ...]
    beats: float = 0.0

    @property
    def styles(self) -> tuple[SavedStyle, ...]:
        """The saved styles among the keys."""
        return tuple(place for _, place in self.keys if isinstance(place, SavedStyle))


class Moment(NamedTuple):
    """What a walk knows of one analysis step.

    dt_s:     length of the step, seconds.
    distance: how far the sound moves the walk in this step, in units of z.
    level:    of what drives the walk, 0..1.
    reach:    how far full level moves what follows the level, in units of z.
    beats:    beats since the start at the end of the step; multiples of beats_per_bar begin a bar.
    passed:   beats in this step; a jump of the clock is left out.
    has_jumped: whether the clock jumped in this step.
    pace:     factor on what moves by itself (``/master/speed``).
    values:   the walk's rows.
    keyframes: those of the file that its rows name; None: there are none.
    """

    dt_s: float
    distance: float
    level: float
    reach: float
    beats: float
    passed: float
    has_jumped: bool
    beats_per_bar: int
    pace: float
    values: WalkValues
    keyframes: Keyframes | None = None

    @property
    def period(self) -> float:
        """Beats of /walk/{band}/bars; one where it is 0."""
        return float(self.values.bars * self.beats_per_bar or 1)


class Kind(Protocol):
    """A way to move, with its own state. It starts at a point z and has the walk's own random numbers.

    Attributes:
        along:  how far the picture is to go along the model's direction that the walk's rows name, alpha.
        shares: how much of the walk is at saved styles.
    """

    along: float = 0.0
    shares: Shares = NO_SHARES

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None: ...

    def step(self, moment: Moment) -> np.ndarray:
        """Move by one step; return z [z_dim]."""
