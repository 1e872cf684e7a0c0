"""Gains: factors that make a walk's step move the picture equally in every style group."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from copy import copy
from pathlib import Path

import numpy as np

from bandwalk.generator.interface import GROUPS, Generator, group_layers
from bandwalk.generator.kept import read_kept, write_kept

# A gain of 1 means this mean frame difference, in 8-bit levels, per unit of geodesic distance in z (on a sphere of
# radius sqrt(z_dim)): about that of the embedded model.
REFERENCE_LEVELS = 19.0

_STEP = 0.1  # length of the probing step in z: small enough that the response is linear
_SEEDS = 96
_FILE = "gains.json"

Gains = tuple[float, float, float]
Between = Callable[[], None]

logger = logging.getLogger(__name__)


def _go_on() -> None:
    pass


def measure_gains(G: Generator, seeds: int = _SEEDS, between: Between = _go_on) -> Gains:
    """Measure a model's gains.

        gain = REFERENCE_LEVELS / (mean |frame(z + step) - frame(z)| in levels / |step|)

    where only the styles of one group move. Two significant digits; 1.0 for a group that the model does not have. The
    steps are tangent to the sphere of radius sqrt(z_dim).

    Args:
        G:       The model; a show may draw with it meanwhile.
        seeds:   Number of places in z.
        between: Called before each of them; an exception from it ends the measurement.
    """
    G = copy(G)  # the show sets noise and transform on the original
    G.noise, G.transform = 1.0, None
    rng = np.random.Generator(np.random.PCG64(0))
    z = rng.standard_normal((seeds, G.z_dim)).astype(np.float32)
    z *= math.sqrt(G.z_dim) / np.linalg.norm(z, axis=1, keepdims=True)
    step = rng.standard_normal((seeds, G.z_dim)).astype(np.float32)
    step -= z * (step * z).sum(1, keepdims=True) / G.z_dim
    step *= _STEP / np.linalg.norm(step, axis=1, keepdims=True)
    here, there = G.map(z), G.map(z + step)
    moved = dict.fromkeys(GROUPS, 0.0)
    for k in range(seeds):
        between()
        base = G.synthesize(here[k : k + 1])
        for group in GROUPS:
            layers = list(group_layers(group, G.num_ws))
            ws = here[k : k + 1].clone()
            ws[:, layers] = there[k : k + 1, layers]
            moved[group] += 127.5 * float((G.synthesize(ws) - base).abs().mean())
    coarse, middle, fine = (_gain(moved[group] / seeds / _STEP) for group in GROUPS)
    return coarse, middle, fine


def _gain(levels: float) -> float:
    """Return the gain for a group that moves by so many levels per unit of z; two digits."""
    return float(f"{REFERENCE_LEVELS / levels:.2g}") if levels > 0.0 else 1.0


def known_gains(G: Generator, folder: Path) -> Gains | None:
    """Return a model's gains from the cache in ``folder``; None if they were not measured yet."""
    found = _read(folder / _FILE).get(G.sha256)
    return None if found is None else (found[0], found[1], found[2])


def cached_gains(G: Generator, folder: Path, seeds: int = _SEEDS, between: Between = _go_on) -> Gains:
    """Return a model's gains from the cache in ``folder``; measure them if they are not there.

    If the folder cannot be written, a warning is logged, and the gains are measured at each start.
    """
    gains = known_gains(G, folder)
    if gains is None:
        gains = measure_gains(G, seeds, between)
        path = folder / _FILE
        try:
            write_kept(path, _read(path) | {G.sha256: list(gains)})
        except OSError as e:
            logger.warning("keeping the gains in %s: %s; they will be measured at each start", path, e.strerror)
    return gains


def _read(path: Path) -> dict[str, list[float]]:
    """Read the cache, what is not gains left out."""
    return {k: v for k, v in read_kept(path).items() if _is_gains(v)}


def _is_gains(value: object) -> bool:
    if not isinstance(value, list) or len(value) != len(GROUPS):
        return False
    return all(isinstance(v, int | float) and 0.0 < v < math.inf for v in value)
