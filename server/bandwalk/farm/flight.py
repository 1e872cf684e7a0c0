"""Yields pictures in order, with a bounded number in flight."""

import logging
from collections import deque
from collections.abc import Generator, Iterator
from itertools import islice
from typing import Protocol, TypeVar

import numpy as np

from bandwalk.farm.brief import Chunk, to_chunk
from bandwalk.farm.worker import Drawn
from bandwalk.pipeline.shot import Take

logger = logging.getLogger(__name__)

_CHUNK_FRAMES, _CHUNK_BYTES = 8, 16 << 20
"""Of a chunk: few enough that a stop is quick, enough that the way there and back costs little."""

_FLIGHT = 2
"""Chunks for each worker: one that it draws and one that waits for it."""

T = TypeVar("T")


class Workers(Protocol[T]):
    """Workers that draw chunks, all at the same time.

    workers: how many.
    """

    workers: int

    def begin(self, chunk: Chunk) -> T:
        """Have a chunk drawn; returns at once."""

    def end(self, task: T) -> Drawn:
        """Wait for a chunk that was begun. Whatever dies, it is drawn, or cannot be.

        Raises:
            BandwalkError: it cannot be drawn.
        """


def frames_a_chunk(width: int, height: int) -> int:
    """Return how many pictures of a size are drawn at a time."""
    return max(1, min(_CHUNK_FRAMES, _CHUNK_BYTES // (3 * width * height)))


def in_order(takes: Generator[Take, None, None], crew: Workers[T], frames: int) -> Generator[np.ndarray, None, None]:
    """Yield the pictures of takes, [H, W, 3] uint8, drawn by a crew in chunks of so many frames."""
    flight: deque[T] = deque()
    strangers: set[str] = set()
    for chunk in _chunks(takes, frames):
        flight.append(crew.begin(chunk))
        if len(flight) >= _FLIGHT * crew.workers:
            yield from _pictures(crew.end(flight.popleft()), strangers)
    while flight:
        yield from _pictures(crew.end(flight.popleft()), strangers)


def _chunks(takes: Iterator[Take], frames: int) -> Iterator[Chunk]:
    while chunk := list(islice(takes, frames)):
        yield to_chunk(chunk)


def _pictures(drawn: Drawn, strangers: set[str]) -> np.ndarray:
    """Return a chunk's pictures; a host that draws other pixels is reported once."""
    if drawn.stranger and drawn.stranger not in strangers:
        strangers.add(drawn.stranger)
        logger.warning(
            "farm: %s draws other pixels than this machine; expected the same processor and libraries", drawn.stranger
        )
    return drawn.pictures
