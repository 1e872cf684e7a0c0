"""The model in use: how it is loaded, and what comes with it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from platformdirs import user_cache_path

from bandwalk.control import Store
from bandwalk.generator import Generator, Screen, cached_gains, is_embedded, known_gains, load
from bandwalk.generator.directions import cached_directions, read_directions
from bandwalk.generator.given import read_w
from bandwalk.params import BY_ADDRESS, rows_of
from bandwalk.params.row import Row
from bandwalk.params.settings import DrawSettings
from bandwalk.units import MIN_SIDE, seed_to_z

logger = logging.getLogger(__name__)


_CLIPPED = 0.99
"""Share of levels at 0 or 255 from which a picture is taken for a fault of the weights."""

GAIN_SEEDS = 16
"""Pictures by which a model file's gains are measured, once: a minute for the largest ones on a CPU."""


@dataclass(frozen=True, slots=True)
class ExtraFiles:
    """Files beside a model, by their paths; empty: none.

    directions: to play, instead of the file beside the model, or those found in closed form.
    like:       whole model that a state dict takes its settings from, instead of the published ones.
    w:          where the walks begin, instead of the w of their seed.
    """

    directions: str = ""
    like: str = ""
    w: str = ""

    @classmethod
    def of(cls, settings: DrawSettings) -> "ExtraFiles":
        """Return those of the settings."""
        return cls(settings.directions, settings.like, settings.w)


def open_model(
    name: str, screen: Screen | None, *, device: str, exact: bool, extra: ExtraFiles = ExtraFiles()
) -> Generator:
    """Load a model for a screen, all that is measured of it at hand.

    Args:
        name:   builtin, or a path.
        screen: as :func:`bandwalk.pipeline.drawn_size.screen_for` returns it.

    Raises:
        CheckpointError, ParameterError: as :func:`bandwalk.generator.load`; a file beside it that does not fit.
    """
    G = load_model(name, screen, device=device, exact=exact, extra=extra)
    warm_up(G)
    settle(G)
    return G


def load_model(
    name: str, screen: Screen | None, *, device: str, exact: bool, extra: ExtraFiles = ExtraFiles()
) -> Generator:
    """Load a model as :func:`open_model`, without measuring what is not known of it yet and takes long.

    Raises:
        CheckpointError, ParameterError: as :func:`bandwalk.generator.load`; a file beside it that does not fit.
    """
    G = load(name, device=device, exact=exact, screen=screen, like=extra.like or None)
    G.start = read_w(Path(extra.w).expanduser(), G) if extra.w else None
    if not G.has_gains:
        G.gains = known_gains(G, cache_folder()) or G.gains
    found = _chosen(extra.directions, G) if extra.directions else _own(name, G)
    G.directions = {direction: vector.to(G.device) for direction, vector in found.items()}
    return G


def _own(name: str, G: Generator) -> Mapping[str, torch.Tensor]:
    """Return the directions that a model has with nothing else done, those of the embedded one with learned walks."""
    found = cached_directions(G, model_path(name), cache_folder()).vectors
    return {**read_directions(G.walks, G).vectors, **found} if G.walks else found


def _chosen(path: str, G: Generator) -> Mapping[str, torch.Tensor]:
    """Return the directions of a file that somebody asked for."""
    found = read_directions(Path(path).expanduser(), G)
    if found.sha256 not in ("", G.sha256):
        logger.warning("directions %s: made for other weights than %s has", path, G.name)
    return found.vectors


def model_path(name: str) -> Path | None:
    """Return the file of a model, None for the embedded one."""
    return None if is_embedded(name) else Path(name)


def settle(G: Generator, between: Callable[[], None] = lambda: None) -> None:
    """Measure what is not known yet of a model file: its gains.

    Args:
        G:       The model, which may draw meanwhile.
        between: Called between pictures; what it raises gives it up.
    """
    if not G.has_gains:
        G.gains = cached_gains(G, cache_folder(), GAIN_SEEDS, between)


def cache_folder() -> Path:
    """Return where what was measured of models is kept."""
    return user_cache_path("bandwalk", appauthor=False)


def rows_brought(name: str, directions: str = "") -> tuple[Row, ...]:
    """Return the rows that a model brings, by its name or path, without a show.

    Args:
        directions: file of directions to play; empty: those that the model has by itself.

    Raises:
        CheckpointError, ParameterError: as :func:`bandwalk.generator.load`.
    """
    extra = ExtraFiles(directions=directions)
    return rows_of(load_model(name, None, device="cpu", exact=True, extra=extra).directions)


def chosen_device(device: str) -> str:
    """Return where to draw: auto is CUDA where torch finds it, else the CPU."""
    if device != "auto":
        return device
    return "cuda" if torch.cuda.is_available() else "cpu"


def welcome(store: Store, G: Generator) -> None:
    """Take the rows that a model brings, and give it its usual truncation and shape, unless somebody has chosen one."""
    store.bring(rows_of(G.directions))
    store.offer("/out/size", own_size(G))
    store.offer("/style/psi", G.usual_psi)


def own_size(G: Generator) -> str:
    """Return the size of the picture where nobody has chosen one: the model's own where that is not square.

    A small model's is a multiple of its own that can be shown.
    """
    width, height = G.trained_size
    if G.is_sized or width == height:
        return str(BY_ADDRESS["/out/size"].default)
    times = -(-MIN_SIDE // min(width, height))
    return f"{width * times}x{height * times}"


def warm_up(G: Generator) -> None:
    """Draw a picture, so that the first one of the show is not the slow one, and report what is no picture."""
    rgb = G.render(G.map(seed_to_z(0, G.z_dim)[None]))
    if np.mean((rgb == 0) | (rgb == 255)) >= _CLIPPED:
        logger.warning(
            "%s: its picture is nothing but clipped levels: numbers in it are not finite, or far too large", G.name
        )
