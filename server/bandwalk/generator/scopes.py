"""Names of the blocks of a TensorFlow network.

A block's folder is named after the size that it draws: ``synthesis/4x4/``, ``synthesis/8x8/``. Programs for pictures
that are not square use both sides (``4x2``, ``8x4``), or keep the names of squares: only the order counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

FIRST = 4
"""Side in the first block's name, for square pictures."""

CONSTANT = re.compile(r"synthesis/(\d{1,5})x(\d{1,5})/Const/const")
_FOLDER = re.compile(r"synthesis/(\d{1,5})x(\d{1,5})/(.+)", re.DOTALL)


class Scopes:
    """Converts names of a square network to the names in a file.

    Args:
        names: Names of all tensors in the file.
    """

    def __init__(self, names: Iterable[str]) -> None:
        found = [match for match in map(_FOLDER.fullmatch, names) if match]
        firsts = [match for match in (CONSTANT.fullmatch(match[0]) for match in found) if match]
        self._first = min(((int(match[1]), int(match[2])) for match in firsts), default=(FIRST, FIRST))
        self.blocks = max((self._index(int(match[1])) for match in found), default=0) + 1

    def _index(self, side: int) -> int:
        """Return the index of a folder's block; a size between two blocks counts as the larger one."""
        return max(-(-side // max(self._first[0], 1)) - 1, 0).bit_length()

    def stored(self, name: str) -> str:
        """Return the name in the file: ``synthesis/8x8/Conv1/weight`` may be ``synthesis/8x4/Conv1/weight``."""
        match = _FOLDER.fullmatch(name)
        if match is None:
            return name
        k = (int(match[1]) // FIRST).bit_length() - 1
        return f"synthesis/{self._first[0] << k}x{self._first[1] << k}/{match[3]}"
