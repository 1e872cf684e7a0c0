"""A worker: opens the model once, and draws chunks with it."""

import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bandwalk.errors import CheckpointError, WorkError
from bandwalk.farm.clip_setup import Chunk, ClipSetup, look
from bandwalk.generator import Generator, hasten, load
from bandwalk.generator.precision import take_over
from bandwalk.pipeline.draw_frame import draw
from bandwalk.pipeline.draw_threads import set_threads


class DrawnChunk(NamedTuple):
    """A chunk's pictures [n, H, W, C] uint8, and the host's name where it draws differently from the leader."""

    pictures: np.ndarray
    differing_host: str


def draw_chunk(setup: ClipSetup, chunk: Chunk) -> DrawnChunk:
    """Draw a chunk.

    Raises:
        CheckpointError: the model cannot be loaded here, or is another one.
        WorkError:       it cannot be drawn here.
    """
    try:
        G, differing_host = _opened(setup)
        set_threads(setup.threads)
        return DrawnChunk(
            np.stack([draw(G, picture_input, setup.values, alpha=setup.alpha) for picture_input in chunk.inputs()]),
            differing_host,
        )
    except (RuntimeError, MemoryError, OSError) as e:  # the GPU's memory is full, a library is missing
        reason = f"{type(e).__name__}: {str(e).partition(chr(10))[0]}"
        raise WorkError(f"drawing on {platform.node()}: {reason}") from e


@lru_cache(maxsize=1)
def _opened(setup: ClipSetup) -> tuple[Generator, str]:
    """Return a setup's model, and this host's name if it does not draw the very same with it."""
    take_over(setup.decided)
    set_threads(setup.threads)
    with _model_file(setup) as name:
        G = load(name, device=setup.device, exact=setup.exact, screen=setup.screen, like=setup.like or None)
    hasten(G, setup.engine, setup.threads)
    if G.sha256 != setup.sha256:
        raise CheckpointError(f"--model = {setup.model}: {platform.node()} has other weights; expected the same")
    return G, "" if look(G, setup.probe) == setup.picture else platform.node()


@contextmanager
def _model_file(setup: ClipSetup) -> Iterator[str]:
    """Yield what the model is loaded by: its path here, or a file for as long as it is read."""
    if setup.weights is None:
        yield setup.model
        return
    with tempfile.TemporaryDirectory(prefix="bandwalk-") as folder:
        path = Path(folder, Path(setup.model).name)
        path.write_bytes(setup.weights.data)
        yield str(path)
