"""Directions when a model is loaded: read from a file, or computed once and written."""

from __future__ import annotations

import logging
from pathlib import Path

from bandwalk.errors import BandwalkError, CheckpointError
from bandwalk.generator.directions.closed import RECIPE, find_directions
from bandwalk.generator.directions.direction_file import read_directions, read_origin, write_directions
from bandwalk.generator.directions.named import FILE_SUFFIX, Directions
from bandwalk.generator.interface import Generator

_MAX_W_DIM = 1024  # largest w_dim for which loading waits for the eigenvectors: half a second

logger = logging.getLogger(__name__)


def default_place(G: Generator, model: Path | None, folder: Path) -> Path:
    """Return the path of a model's directions: beside its file; for the embedded model in ``folder``."""
    if model is None:
        return folder / f"{G.name}-{G.sha256[:16]}{FILE_SUFFIX}"
    return model.with_name(model.name + FILE_SUFFIX)


def cached_directions(G: Generator, model: Path | None, folder: Path) -> Directions:
    """Return a model's directions from the file beside it or from ``folder``; if there is none, compute and write them.

    A file that was made for other weights is ignored and logged; it is overwritten only if bandwalk computed it. If
    anything fails, the model has no directions, and a warning is logged.

    Args:
        G:      The generator.
        model:  Its file; None for the embedded model.
        folder: Folder in the user's cache, used if the place beside the model cannot be written.
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
        logger.warning("%s has %d numbers in w: run `bandwalk directions` to compute its directions", G.name, G.w_dim)
        return Directions({})
    try:
        found = find_directions(G)
    except CheckpointError as e:
        logger.warning("%s; the model has no directions", e)
        return Directions({})
    _keep(found, free)
    return found


def _look(G: Generator, place: Path) -> tuple[Directions | None, bool]:
    """Return a file's directions if they are for these weights, and whether the file may be overwritten."""
    if not place.exists():
        return None, True
    try:
        sha256, recipe = read_origin(place)
        if sha256 in ("", G.sha256) and recipe in ("", RECIPE):
            return read_directions(place, G), False
    except CheckpointError as e:
        logger.warning("%s; ignored", e)
        return None, False
    logger.info("directions %s: not made for the weights of %s; ignored", place, G.name)
    return None, bool(recipe)


def _keep(found: Directions, places: list[Path]) -> None:
    """Write directions to the first place that can be written."""
    for place in places:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            write_directions(found, place)
            return
        except (OSError, BandwalkError) as e:
            logger.debug("writing directions: %s", e)
    logger.warning("writing the directions: no place can be written; they will be computed at each start")
