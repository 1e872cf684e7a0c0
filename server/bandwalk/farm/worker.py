"""A worker: opens the model once, and draws chunks by it."""

import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bandwalk.errors import CheckpointError, WorkError
from bandwalk.farm.brief import Brief, Chunk, look
from bandwalk.generator import Generator, load
from bandwalk.generator.precision import take_over
from bandwalk.pipeline.draw_threads import set_threads
from bandwalk.pipeline.shot import draw


class Drawn(NamedTuple):
    """A chunk's pictures [n, H, W, C] uint8, and the host's name where it draws differently from the leader."""

    pictures: np.ndarray
    stranger: str


def draw_chunk(brief: Brief, chunk: Chunk) -> Drawn:
    """Draw a chunk.

    Raises:
        CheckpointError: the model cannot be loaded here, or is another one.
        WorkError:       it cannot be drawn here.
    """
    try:
        G, stranger = _opened(brief)
        set_threads(brief.threads)
        return Drawn(np.stack([draw(G, take, brief.values, alpha=brief.alpha) for take in chunk.takes()]), stranger)
    except (RuntimeError, MemoryError, OSError) as e:  # the GPU's memory is full, a library is missing
        reason = f"{type(e).__name__}: {str(e).partition(chr(10))[0]}"
        raise WorkError(f"drawing on {platform.node()}: {reason}") from e


@lru_cache(maxsize=1)
def _opened(brief: Brief) -> tuple[Generator, str]:
    """Return a brief's model, and this host's name if it does not draw the very same with it."""
    take_over(brief.decided)
    set_threads(brief.threads)
    with _model_file(brief) as name:
        G = load(name, device=brief.device, exact=brief.exact, size=brief.side, like=brief.like or None)
    if G.sha256 != brief.sha256:
        raise CheckpointError(f"--model = {brief.model}: {platform.node()} has other weights; expected the same")
    return G, "" if look(G, brief.probe) == brief.picture else platform.node()


@contextmanager
def _model_file(brief: Brief) -> Iterator[str]:
    """Yield what the model is loaded by: its path here, or a file for as long as it is read."""
    if brief.weights is None:
        yield brief.model
        return
    with tempfile.TemporaryDirectory(prefix="bandwalk-") as folder:
        path = Path(folder, Path(brief.model).name)
        path.write_bytes(brief.weights.data)
        yield str(path)
