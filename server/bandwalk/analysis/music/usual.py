"""What is usual here: the loudest tenth of the last two minutes."""

import numpy as np

BLOCK_S = 0.5
"""What is remembered is one value of each half second: a beat at 120 bpm."""

MEMORY_S = 120.0
"""The last minutes. A break is shorter; after a quieter song has played for so long, the louder one is forgotten."""

SHARE = 0.1
"""What is usual is exceeded in so much of it: by no bang, and by no fill."""

LOUDER = 2
"""... in so many blocks at least: a sound that begins is louder once."""


class Usual:
    """Tracks what each of some values [n] usually reaches.

    usual = the least of the loudest tenth of all blocks of 0.5 s in the last two minutes, of three blocks at least; 0
    before the first one ends.
    """

    def __init__(self, n: int) -> None:
        self._blocks = np.zeros((round(MEMORY_S / BLOCK_S), n))
        self._n_known = 0
        self.usual = [0.0] * n

    def add(self, block: list[float]) -> None:
        """Take the values of one more block."""
        self._blocks[self._n_known % len(self._blocks)] = block
        self._n_known += 1
        known = np.sort(self._blocks[: self._n_known], axis=0)
        self.usual = known[max(0, len(known) - 1 - max(LOUDER, int(SHARE * len(known))))].tolist()
