"""Yields pictures in order, with a bounded number in flight."""

import logging
from collections import deque
from collections.abc import Generator, Iterator
from itertools import islice
from typing import Protocol, TypeVar

import numpy as np

from bandwalk.farm.clip_setup import Chunk, to_chunk
from bandwalk.farm.worker import DrawnChunk
from bandwalk.pipeline.draw_frame import FrameInput

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

    def end(self, task: T) -> DrawnChunk:
        """Wait for a chunk that was begun. Whatever dies, it is drawn, or cannot be.

        Raises:
            BandwalkError: it cannot be drawn.
        """


def frames_a_chunk(width: int, height: int) -> int:
    """Return how many pictures of a size are drawn at a time."""
    return max(1, min(_CHUNK_FRAMES, _CHUNK_BYTES // (3 * width * height)))


def in_order(
    inputs: Generator[FrameInput, None, None], workers: Workers[T], frames: int
) -> Generator[np.ndarray, None, None]:
    """Yield the pictures of inputs, [H, W, 3] uint8, drawn by workers in chunks of so many frames."""
    flight: deque[T] = deque()
    differing: set[str] = set()
    for chunk in _chunks(inputs, frames):
        flight.append(workers.begin(chunk))
        if len(flight) >= _FLIGHT * workers.workers:
            yield from _pictures(workers.end(flight.popleft()), differing)
    while flight:
        yield from _pictures(workers.end(flight.popleft()), differing)


def _chunks(inputs: Iterator[FrameInput], frames: int) -> Iterator[Chunk]:
    while chunk := list(islice(inputs, frames)):
        yield to_chunk(chunk)


def _pictures(drawn: DrawnChunk, differing: set[str]) -> np.ndarray:
    """Return a chunk's pictures; a host that draws other pixels is reported once."""
    if drawn.differing_host and drawn.differing_host not in differing:
        differing.add(drawn.differing_host)
        logger.warning(
            "farm: %s draws other pixels than this machine; expected the same processor and libraries",
            drawn.differing_host,
        )
    return drawn.pictures
