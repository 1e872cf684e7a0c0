"""Directions at load: read from where they are kept, found once where they are not."""

from __future__ import annotations

import logging
from pathlib import Path

from bandwalk.errors import BandwalkError, CheckpointError
from bandwalk.generator.directions.closed import RECIPE, find_directions
from bandwalk.generator.directions.direction_file import read_directions, read_origin, write_directions
from bandwalk.generator.directions.named import FILE_SUFFIX, Directions
from bandwalk.generator.interface import Generator

_MAX_W_DIM = 1024  # numbers of a w, up to which a load may wait for eigenvectors: half a second

logger = logging.getLogger(__name__)


def default_place(G: Generator, model: Path | None, folder: Path) -> Path:
    """Return where a model's directions are kept: beside its file; of the embedded model, in ``folder``."""
    if model is None:
        return folder / f"{G.name}-{G.sha256[:16]}{FILE_SUFFIX}"
    return model.with_name(model.name + FILE_SUFFIX)


def cached_directions(G: Generator, model: Path | None, folder: Path) -> Directions:
    """Return a model's directions from the file beside it, or else from ``folder``, found and kept where neither has.

    What lies there for other weights is passed over with a line; it is written over only if bandwalk itself had
    found it. Nothing that goes wrong here keeps a model from playing: then it has no directions, and a line says so.

    Args:
        G:      The generator.
        model:  Its file; None for the embedded model.
        folder: Of the user's cache, for places that cannot be written.
    """
    places = [default_place(G, model, folder), default_place(G, None, folder)]
    free = []
    for place in dict.fromkeys(places):
        found, is_free = _look(G, place)
        if found is not None:
            return found
        if is_free:
            free.append(place)
    if G.w_dim > _MAX_W_DIM:
        logger.warning("%s has %d numbers in w: `bandwalk directions` finds its directions", G.name, G.w_dim)
        return Directions({})
    try:
        found = find_directions(G)
    except CheckpointError as e:
        logger.warning("%s; goes on without", e)
        return Directions({})
    _keep(found, free)
    return found


def _look(G: Generator, place: Path) -> tuple[Directions | None, bool]:
    """Return what a file holds for these weights, and whether a new one may take its place."""
    if not place.exists():
        return None, True
    try:
        sha256, recipe = read_origin(place)
        if sha256 in ("", G.sha256) and recipe in ("", RECIPE):
            return read_directions(place, G), False
    except CheckpointError as e:
        logger.warning("%s; passed over", e)
        return None, False
    logger.info("directions %s: not made for the weights of %s; passed over", place, G.name)
    return None, bool(recipe)


def _keep(found: Directions, places: list[Path]) -> None:
    """Write to the first place that can be written."""
    for place in places:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            write_directions(found, place)
            return
        except (OSError, BandwalkError) as e:
            logger.debug("keeping directions: %s", e)
    logger.warning("keeping the directions: no place can be written; they will be found at each start")
