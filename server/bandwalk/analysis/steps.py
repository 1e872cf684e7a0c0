"""Sound in steps of one length, however it was cut into blocks."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from bandwalk.records import Block, EarValues, Features
from bandwalk.units import samples_to_s


class Ear(Protocol):
    """Turns blocks of sound into features, here or in another process.

    hop:       samples of a step.
    step_rate: steps a second.
    missing:   samples that complete the present step.
    """

    hop: int
    step_rate: float

    @property
    def missing(self) -> int: ...  # noqa: D102

    def set(self, values: EarValues) -> None:
        """Follow other values from the next step that ends."""

    def process(self, block: Block) -> list[Features]:
        """Return the features of each step that ends within the block, oldest first."""


class Steps:
    """Collects the samples of a step.

    y: of the newest step, [hop] float64.
    """

    def __init__(self, hop: int) -> None:
        self.y = np.zeros(hop)
        self._fill = 0

    @property
    def missing(self) -> int:
        """Samples that complete the present step."""
        return len(self.y) - self._fill

    def cut(self, block: Block) -> Iterator[float]:
        """Yield the time of capture of each step that ends within the block, while y has its samples."""
        start = 0
        while start < len(block.y):
            n = min(self.missing, len(block.y) - start)
            self.y[self._fill : self._fill + n] = block.y[start : start + n]
            self._fill += n
            start += n
            if not self.missing:
                self._fill = 0
                yield block.t_capture - samples_to_s(len(block.y) - start)
