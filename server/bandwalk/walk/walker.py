"""The walker: each band, or each style's driver, moves its own walk; all start at one common z."""

from dataclasses import dataclass, replace

import numpy as np

from bandwalk.records import BANDS, Features, WalkValues
from bandwalk.units import PUBLISHED_STEP_S, seed_to_z
from bandwalk.walk.blend import Blend
from bandwalk.walk.kinds import KINDS, Kind
from bandwalk.walk.sphere import to_sphere
from bandwalk.walk.sway import REST, NoiseDrive, Sway, felt

MAX_PUSH_S = 1.0
"""Most seconds of bumps that wait: a stuck button cannot fill a queue."""


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
    place:     of the glide to another look: whole numbers where one begins and lands.
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
    place: float = 0.0


class _Walk:
    """One walk: its position, its kind and its random numbers."""

    def __init__(self, start: np.ndarray, values: WalkValues) -> None:
        self._push_s = 0.0
        self._seed: int | None = None
        self.reset(start, values)

    def rewind(self) -> None:
        """Reset with the next step."""
        self._seed = None

    def reset(self, start: np.ndarray, values: WalkValues) -> None:
        """Go to the start, with random numbers from the seed's beginning."""
        self.z = start
        self._seed = values.seed
        self._rng = np.random.Generator(np.random.PCG64(values.seed))
        self._begin(values.kind)

    def _begin(self, kind: str) -> None:
        self._kind_name = kind
        self._kind: Kind = KINDS[kind](self.z, self._rng)

    def bump(self) -> None:
        """Push the walk: full change for 1/40 s."""
        self._push_s = min(self._push_s + PUBLISHED_STEP_S, MAX_PUSH_S)

    def step(self, change: float, values: WalkValues, *, scale: float, dt_s: float, start: np.ndarray) -> None:
        """Move by one analysis step."""
        if values.seed != self._seed:
            self.reset(start, values)
        if values.kind != self._kind_name:
            self._begin(values.kind)
        push = min(self._push_s, dt_s)
        self._push_s -= push
        drive = max(change if change > 0 else -change * self._fall(values), push / dt_s)
        distance = drive * values.max_step * (dt_s / PUBLISHED_STEP_S) * values.gain * scale
        self.z = self._kind.step(distance if values.enabled else 0.0, dt_s)

    @staticmethod
    def _fall(values: WalkValues) -> float:
        # The published walk moves as far on a fall as on a rise: its direction is random and its length signed.
        return 1.0 if values.kind == "published" else values.fall


class Walker:
    """All walks of one model, moved once per analysis step of step_s seconds.

    The same seeds, drive and features give the same path bit for bit, live or offline.
    """

    def __init__(self, z_dim: int, drive: Drive, step_s: float) -> None:
        self._z_dim = z_dim
        self._step_s = step_s
        self._seed = drive.seed
        self.start = to_sphere(seed_to_z(drive.seed, z_dim).astype(np.float64))
        self._bands = drive.bands
        self._walks = [_Walk(self.start, values) for values in drive.walks]
        self._sway = Sway(step_s)
        self._blend, self._which = Blend(drive.place), _which(drive)
        self.z = self._stack()
        """Where the walks are shown, the common start last: [n_walks + 1, z_dim] float64."""

    def _stack(self) -> np.ndarray:
        return np.stack([walk.z for walk in self._walks] + [self.start])

    @property
    def sway(self) -> np.ndarray:
        """What moves besides the walks, [n_bands + 1 + N_ROUTES] float64 (see :class:`bandwalk.walk.sway.Sway`)."""
        return self._sway.now

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
            return self.z
        changes = [features.drivers[i] for i in drive.drivers] if drive.drivers else features.change
        for walk, values, gain, change in zip(self._walks, drive.walks, drive.gains, changes, strict=True):
            moved = felt(change, drive.intensity)
            walk.step(moved, values, scale=gain * drive.speed, dt_s=self._step_s, start=self.start)
        self._sway.step(features, drive.noise, intensity=drive.intensity, speed=drive.speed, routes=drive.routes)
        before, self._which = self._which, _which(drive)
        changed = [a != b for a, b in zip(before, self._which, strict=True)]
        self.z = self._blend.step(drive.place, changed, self.z, self._stack())
        return self.z

    def _of(self, band: str) -> list[_Walk]:
        """Return the walks that use a band's parameters."""
        pairs = zip(self._walks, self._bands, strict=True)
        return [walk for walk, followed in pairs if followed == BANDS.index(band)]

    def _restart(self, drive: Drive) -> None:
        self._seed = drive.seed
        self.start = to_sphere(seed_to_z(drive.seed, self._z_dim).astype(np.float64))
        for walk, values in zip(self._walks, drive.walks, strict=True):
            walk.reset(self.start, values)


def _which(drive: Drive) -> list[object]:
    """Return what each walk is, and last the common start: if it changes, this is another walk.

    Numbers without which a walk is the same one are left out.
    """
    walks = [replace(values, max_step=0.0, gain=0.0, fall=0.0, enabled=True) for values in drive.walks]
    return [*((values, drive.seed) for values in walks), drive.seed]
