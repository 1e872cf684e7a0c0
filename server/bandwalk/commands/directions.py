"""``bandwalk directions``: finds a model's directions, keeps them, and shows what each does."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from bandwalk.commands.requests import DirectionsRequest
from bandwalk.commands.sheet import arranged, check_suffix, save, tile
from bandwalk.errors import CheckpointError, ParameterError, WorkError
from bandwalk.generator import Generator, is_embedded, load
from bandwalk.generator.directions import (
    MAX_COMPONENTS,
    METHODS,
    Directions,
    default_place,
    find_directions,
    read_origin,
    write_directions,
)
from bandwalk.pipeline.models import cache_folder, model_path
from bandwalk.units import seed_to_z

_SEEDS = 4  # pictures by which the effect of a direction is measured
_ALPHAS = range(-3, 4)  # of a strip
_SIDE, _MIN_SIDE = 256, 128  # largest and smallest side of a picture in it, pixels


def make_directions(model: str, request: DirectionsRequest) -> str:
    """Find the directions of a model, write them, and return the list of them with what each does.

    Raises:
        ParameterError:  what is asked for is not possible, or cannot be written.
        CheckpointError: a model that cannot be loaded.
    """
    _check(request)
    G = load(model, size=_SIDE if is_embedded(model) else None)
    methods = METHODS if request.method == "both" else (request.method,)
    place = _free_place(G, model, request.output)
    found = find_directions(G, methods=methods, components=request.components)
    place = _write(found, place, None if request.output else default_place(G, None, cache_folder()))
    levels = effects(G, found.vectors, psi=G.usual_psi)
    lines = [f"{name:18} {levels[name]:5.1f} levels  {found.made[name]}" for name in found.vectors]
    if request.sheet:
        save(strips(G, found.vectors, seed=request.seed, psi=G.usual_psi), request.sheet)
        lines.append(f"{request.sheet}: alpha from {_ALPHAS[0]} to {_ALPHAS[-1]}")
    return "\n".join([*lines, f"{place}: {len(levels)} directions of {G.name}"])


def effects(G: Generator, vectors: Mapping[str, torch.Tensor], *, psi: float = 1.0) -> dict[str, float]:
    """Return the mean change of the picture at alpha 1, in 8-bit levels, by name."""
    levels = dict.fromkeys(vectors, 0.0)
    for seed in range(_SEEDS):
        ws = _styles(G, seed, psi)
        base = G.synthesize(ws)
        for name, vector in vectors.items():
            moved = G.synthesize(ws + vector.to(G.device))
            levels[name] += 127.5 * float((moved - base).abs().mean()) / _SEEDS
    return levels


def strips(G: Generator, vectors: Mapping[str, torch.Tensor], *, seed: int = 1, psi: float = 1.0) -> np.ndarray:
    """Return a row of pictures for each direction, from alpha -3, over its name, to 3 [H, W, 3] uint8."""
    ws = _styles(G, seed, psi)
    tiles = []
    for name, vector in vectors.items():
        for alpha in _ALPHAS:
            text = name if alpha == _ALPHAS[0] else f"{alpha:+d}"
            tiles.append(tile(G, ws + alpha * vector.to(G.device), text, _SIDE, least=_MIN_SIDE))
    return arranged(tiles, len(_ALPHAS))


def _styles(G: Generator, seed: int, psi: float) -> torch.Tensor:
    return G.map(seed_to_z(seed, G.z_dim)[None], psi=psi)


def _check(request: DirectionsRequest) -> None:
    if request.method not in (*METHODS, "both"):
        raise ParameterError(f"--method = {request.method}: expected one of {', '.join(METHODS)}, both")
    if not 1 <= request.components <= MAX_COMPONENTS:
        raise ParameterError(f"--components = {request.components}: expected 1..{MAX_COMPONENTS}")
    if request.output and request.output.suffix != ".safetensors":
        raise ParameterError(f"--output = {request.output}: expected a name that ends in .safetensors")
    if request.sheet:
        check_suffix(request.sheet, "--sheet")


def _free_place(G: Generator, model: str, output: Path | None) -> Path:
    """Return where to write, if nothing lies there that somebody else made.

    Raises:
        ParameterError: something does.
    """
    place = output or default_place(G, model_path(model), cache_folder())
    try:
        is_ours = not place.exists() or bool(read_origin(place)[1])
    except CheckpointError:
        is_ours = False
    if not is_ours:
        raise ParameterError(f"{place}: it is there and bandwalk did not make it; expected another name after -o")
    return place


def _write(found: Directions, place: Path, instead: Path | None) -> Path:
    """Write to a place, or to the one instead of it where that cannot be written; return where."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_directions(found, place)
    except (OSError, WorkError) as e:
        if instead is None or instead == place:
            raise ParameterError(f"--output = {place}: {e}; expected a file that can be written") from e
        return _write(found, instead, None)
    return place
