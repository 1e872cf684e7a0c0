"""The walker: each band, or each style's driver, moves its own walk; all start at one common z."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np

from bandwalk.records import BANDS, Features, WalkValues
from bandwalk.units import PUBLISHED_STEP_S
from bandwalk.walk.bar_count import BarCount
from bandwalk.walk.blend import Blend
from bandwalk.walk.kinds import KINDS, Keyframes, Kind, Moment
from bandwalk.walk.shares import NO_SHARES, Shares, between_shares
from bandwalk.walk.sphere import from_seed
from bandwalk.walk.sway import REST, NoiseDrive, Sway, felt

MAX_PUSH_S = 1.0
"""Most seconds of bumps that wait: a stuck button cannot fill a queue."""

BUMP_FALL_S = 0.15
"""Time constant with which the level of a bump falls: as a band's does by default."""

LEAVE_S = 1.0
"""Seconds in which a walk of another kind leaves the saved styles that the one before was at."""


@dataclass(frozen=True, slots=True)
class Drive:
    """Parameters of the walks in one step.

    walks:     of each walk: in the order of BANDS, or one per style.
    gains:     the model's gain for the styles of each walk.
    noise:     of the synthesis noise's drift.
    seed:      of the common start z.
    intensity: factor on the sound's influence; speed: factor on all movement; freeze: nothing moves.
    bands:     for each walk the band whose parameters it uses.
    drivers:   for each walk its driver; empty: the bands drive the walks.
    routes:    what each route says.
    beats_per_bar: beats in a bar.
    place:     of the glide to another look: whole numbers where one begins and lands.
    keyframes: of the files that walks may name, by name.
    """

    walks: tuple[WalkValues, ...]
    gains: tuple[float, ...]
    noise: NoiseDrive
    seed: int
    intensity: float
    speed: float
    freeze: bool
    bands: tuple[int, ...] = tuple(range(len(BANDS)))
    drivers: tuple[int, ...] = ()
    routes: tuple[float, ...] = REST
    beats_per_bar: int = 4
    place: float = 0.0
    keyframes: Mapping[str, Keyframes] = field(default_factory=dict)


class _Walk:
    """One walk: its position, its kind and its random numbers."""

    def __init__(self, start: np.ndarray, values: WalkValues) -> None:
        self._push_s = self._bumped = 0.0
        self._seed: int | None = None
        self.reset(start, values)

    def rewind(self) -> None:
        """Reset with the next step."""
        self._seed = None

    def reset(self, start: np.ndarray, values: WalkValues) -> None:
        """Go to the start and begin there."""
        self.z = start
        self.along = 0.0
        self.shares = self._left = NO_SHARES
        self._leaving_s = 0.0
        self._seed = values.seed
        self._begin(values)

    def _begin(self, values: WalkValues) -> None:
        """Go on from here in another way, with random numbers from the seed's beginning."""
        self._kind_name = values.kind
        self._kind: Kind = KINDS[values.kind](self.z, np.random.Generator(np.random.PCG64(values.seed)))

    def bump(self) -> None:
        """Push the walk: full change for 1/40 s, and full level that falls as that of a hit."""
        self._push_s = min(self._push_s + PUBLISHED_STEP_S, MAX_PUSH_S)
        self._bumped = 1.0

    def step(self, moment: Moment, change: float, start: np.ndarray) -> None:
        """Move by one analysis step.

        Args:
            moment: its distance that of full change, its level that of the sound.
            change: of the sound, -1..1.
            start:  where the walk is after a reset.
        """
        values, dt_s = moment.values, moment.dt_s
        if values.seed != self._seed:
            self.reset(start, values)
        if values.kind != self._kind_name:
            self._left, self._leaving_s = self.shares, LEAVE_S if self.shares else 0.0
            self._begin(values)
        push, level = min(self._push_s, dt_s), max(moment.level, self._bumped)
        self._push_s -= push
        self._bumped *= math.exp(-dt_s / BUMP_FALL_S)
        drive = max(change if change > 0 else -change * self._fall(values), push / dt_s)
        if values.enabled:
            self.z = self._kind.step(moment._replace(distance=drive * moment.distance, level=level))
            self.along = self._kind.along
            self._leaving_s = max(0.0, self._leaving_s - dt_s)
            self.shares = between_shares(self._kind.shares, self._left, self._leaving_s / LEAVE_S)

    @staticmethod
    def _fall(values: WalkValues) -> float:
        # The published walk moves as far on a fall as on a rise: its direction is random and its length signed.
        return 1.0 if values.kind == "published" else values.fall


@dataclass(frozen=True, slots=True, eq=False)
class LeftWalks:
    """Walks that were left, with all their state, to go on with them later."""

    seed: int
    start: np.ndarray
    walks: list[_Walk]


class Walker:
    """All walks of one model, moved once per analysis step of step_s seconds.

    The same seeds, drive and features give the same path bit for bit, live or offline.
    """

    def __init__(self, z_dim: int, drive: Drive, step_s: float) -> None:
        self._z_dim = z_dim
        self._step_s = step_s
        self._seed = drive.seed
        self.start = from_seed(drive.seed, z_dim)
        self._bands = drive.bands
        self._walks = [_Walk(self.start, values) for values in drive.walks]
        self._sway = Sway(step_s)
        self._count = BarCount()
        self._show(drive)

    def _show(self, drive: Drive) -> None:
        """Show the walks where they are."""
        self._blend, self._which = Blend(drive.place), _which(drive)
        self.z = self._stack()
        """Where the walks are shown, the common start last: [n_walks + 1, z_dim] float64."""

    def _stack(self) -> np.ndarray:
        return np.stack([walk.z for walk in self._walks] + [self.start])

    @property
    def sway(self) -> np.ndarray:
        """What moves besides z, [n_bands + 1 + N_ROUTES + n_bands] float64 (see :class:`bandwalk.walk.sway.Sway`)."""
        return self._sway.now

    @property
    def shares(self) -> tuple[Shares, ...]:
        """How much of each walk is at saved styles; empty: no walk is at any."""
        return tuple(walk.shares for walk in self._walks) if any(walk.shares for walk in self._walks) else ()

    def bump(self, band: str) -> None:
        """Push a band's walks."""
        for walk in self._of(band):
            walk.bump()

    def reset(self, band: str) -> None:
        """Move a band's walks back to the start in the next step, with random numbers from the seeds' beginnings."""
        for walk in self._of(band):
            walk.rewind()

    def step(self, features: Features, drive: Drive) -> np.ndarray:
        """Move all walks by one analysis step; return z [n_walks + 1, z_dim] float64."""
        self._bands = drive.bands
        if drive.seed != self._seed:
            self._restart(drive)
            if drive.freeze:
                self.z = self._stack()
        if drive.freeze:
            return self.z
        self._count.step(features.beat, drive.beats_per_bar, self._step_s)
        drivers = [features.drivers[i] for i in drive.drivers]
        changes, levels = (drivers, drivers) if drivers else (features.change, features.level)
        for walk, change, moment in zip(self._walks, changes, self._moments(drive, levels), strict=True):
            walk.step(moment, felt(change, drive.intensity), self.start)
        self._sway.step(
            features,
            drive.noise,
            intensity=drive.intensity,
            speed=drive.speed,
            routes=drive.routes,
            along=[self._along(band) for band in BANDS],
        )
        before, self._which = self._which, _which(drive)
        changed = [a != b for a, b in zip(before, self._which, strict=True)]
        self.z = self._blend.step(drive.place, changed, self.z, self._stack())
        return self.z

    def _moments(self, drive: Drive, levels: Sequence[float]) -> Iterator[Moment]:
        """Yield what each walk knows of this step; its distance is that of full change."""
        for values, gain, level in zip(drive.walks, drive.gains, levels, strict=True):
            reach = values.max_step * values.gain * gain
            yield Moment(
                dt_s=self._step_s,
                distance=reach * (self._step_s / PUBLISHED_STEP_S) * drive.speed,
                level=max(0.0, felt(level, drive.intensity)),
                reach=reach,
                beats=self._count.beats,
                passed=self._count.passed,
                has_jumped=self._count.has_jumped,
                beats_per_bar=drive.beats_per_bar,
                pace=drive.speed,
                values=values,
                keyframes=drive.keyframes.get(values.keyframes),
            )

    def _along(self, band: str) -> float:
        """Return how far a band's walks are along the model's direction, on average; they may be one for each style."""
        walks = self._of(band)
        return sum(walk.along for walk in walks) / max(1, len(walks))

    def leave(self, drive: Drive, back: LeftWalks | None = None) -> LeftWalks:
        """Begin anew at the start, or go on with walks that this walker left; return those that are left now."""
        left = LeftWalks(self._seed, self.start, self._walks)
        if back is not None and back.start.size == self._z_dim and len(back.walks) == len(drive.walks):
            self._seed, self.start, self._walks = back.seed, back.start, back.walks
        else:
            self._seed, self.start = drive.seed, from_seed(drive.seed, self._z_dim)
            self._walks = [_Walk(self.start, values) for values in drive.walks]
        self._show(drive)
        return left

    def _of(self, band: str) -> list[_Walk]:
        """Return the walks that use a band's parameters."""
        pairs = zip(self._walks, self._bands, strict=True)
        return [walk for walk, followed in pairs if followed == BANDS.index(band)]

    def _restart(self, drive: Drive) -> None:
        self._seed, self.start = drive.seed, from_seed(drive.seed, self._z_dim)
        for walk, values in zip(self._walks, drive.walks, strict=True):
            walk.reset(self.start, values)


def _which(drive: Drive) -> list[object]:
    """Return what each walk is, and last the common start: if it changes, this is another walk.

    Numbers without which a walk is the same one are left out.
    """
    return [*((_identity(values), drive.seed) for values in drive.walks), drive.seed]


_AMOUNTS = ("max_step", "gain", "fall", "enabled")
_identity = attrgetter(*(name for name in WalkValues.__dataclass_fields__ if name not in _AMOUNTS))
