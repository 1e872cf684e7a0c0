"""What the sixteen routes say, step by step: each reads what moves it, bends it, and follows it with a lag.

    x = mover, 0..1 or -1..1     ->  curve(x)  ->  y += (x - y) (1 - exp(-dt / tau))
                                                    tau: attack_s where x is over y, else release_s

A route that triggers counts how often y rises past a half. Everything depends on audio time only, and on beats.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bandwalk.params.movers import Mover
from bandwalk.params.routes import N_ROUTES
from bandwalk.params.signals import NAMES, numbers_of
from bandwalk.records import Features
from bandwalk.walk.sway import REST, felt

_RISEN = 0.5
_STEPS = 4

CURVES: dict[str, Callable[[float], float]] = {
    "linear": lambda x: x,
    "square": lambda x: x * abs(x),
    "root": lambda x: math.copysign(math.sqrt(abs(x)), x),
    "steps": lambda x: math.floor(_STEPS * x + 0.5) / _STEPS,
}
"""Functions of -1..1 that keep 0 and 1, by the names in the parameter table."""


@dataclass(frozen=True, slots=True)
class RouteValues:
    """What one route follows.

    is_trigger: it counts rises.   target: what it moves; another one begins anew.
    """

    mover: Mover
    curve: str
    attack_s: float
    release_s: float
    is_trigger: bool
    target: str


class _Slot:
    """One route's state: what it follows, where it is, and how often it has risen past a half."""

    def __init__(self) -> None:
        self._followed: tuple[str, str, bool] | None = None
        self.begin(None)

    def begin(self, values: RouteValues | None) -> None:
        """Start anew where something else is followed or moved."""
        key = (values.mover.name, values.target, values.is_trigger) if values else None
        if key != self._followed or key is None:
            self._followed, self.y, self.count, self.has_risen = key, 0.0, 0, False

    def step(self, x: float, values: RouteValues, dt_s: float) -> float:
        """Follow the mover for one step; return what the route says."""
        before, x = self.y, CURVES[values.curve](x)
        lag_s = values.attack_s if x > before else values.release_s
        self.y = before + (x - before) * -math.expm1(-dt_s / lag_s) if lag_s else x
        self.has_risen = before < _RISEN <= self.y
        self.count += self.has_risen
        return float(self.count) if values.is_trigger else self.y


class Routes:
    """All routes, moved once per analysis step of step_s seconds."""

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        self._slots = [_Slot() for _ in range(N_ROUTES)]
        self.now = REST
        self.risen: tuple[int, ...] = ()
        """Slots that rose past a half in this step."""

    def step(
        self, routes: Sequence[RouteValues | None], features: Features, controls: Mapping[str, float], intensity: float
    ) -> tuple[float, ...]:
        """Follow all movers for one step; return what each route says, 0 where there is none.

        Args:
            routes:    N_ROUTES of them, None where a slot is unused.
            controls:  values of learned controls by name, 0..1.
            intensity: factor on what is heard.
        """
        if not any(routes):
            for slot in self._slots:
                slot.begin(None)
            self.now, self.risen = REST, ()
            return self.now
        inputs = Inputs(dict(zip(NAMES, numbers_of(features), strict=True)), features.beat.beats, controls, intensity)
        said = []
        for n, (slot, values) in enumerate(zip(self._slots, routes, strict=True)):
            slot.begin(values)
            said.append(slot.step(inputs.read(values.mover, n), values, self._step_s) if values else 0.0)
        self.risen = tuple(n for n, slot in enumerate(self._slots) if slot.has_risen)
        self.now = tuple(said)
        return self.now


@dataclass(frozen=True, slots=True)
class Inputs:
    """What there is to read in one step.

    heard: the signals by name.   beats: since the start.   controls: by name, 0..1.   intensity: factor on the heard.
    """

    heard: Mapping[str, float]
    beats: float
    controls: Mapping[str, float]
    intensity: float

    def read(self, mover: Mover, seed: int) -> float:
        """Return a mover, 0..1; a signal that may fall below 0 as much as it may rise, -1..1.

        Args:
            seed: of chance.
        """
        if mover.shape:
            return oscillate(mover, self.beats, seed)
        if not mover.is_heard:
            return self.controls.get(mover.name, 0.0)
        return felt(mover.share(self.heard[mover.name]), self.intensity)


def oscillate(mover: Mover, beats: float, seed: int) -> float:
    """Return an oscillator, 0..1, at a beat.

    sine and saw begin at 0, square at 1. random is even in 0..1, the same for the same turn and seed.
    """
    turns = beats / mover.beats
    phase = turns % 1.0
    if mover.shape == "sine":
        return 0.5 - 0.5 * math.cos(math.tau * phase)
    if mover.shape == "saw":
        return phase
    if mover.shape == "square":
        return 1.0 if phase < 0.5 else 0.0
    return _chance(math.floor(turns), seed)


def _chance(turn: int, seed: int) -> float:
    """Return an even number in 0..1 for a turn: SplitMix64 (Steele, Lea and Flood, 2014), its last step."""
    x = ((turn << 8) + seed + 1) * 0x9E3779B97F4A7C15 & _WORD
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & _WORD
    x = (x ^ x >> 27) * 0x94D049BB133111EB & _WORD
    return ((x ^ x >> 31) >> 11) / 2.0**53


_WORD = 2**64 - 1
