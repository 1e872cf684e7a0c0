"""How strongly each style parameter of the embedded model changes the picture.

A trained model's affine maps have larger rows where styles matter more, and SeFa reads this from them. The rows of this
model are orthonormal and all have length 1, so the strengths were measured instead:
``python -m bandwalk.generator.builtin.measure_influence`` prints this table.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Mean change of the picture, in 8-bit levels, when a parameter goes up or down by 1 (it varies as N(0, 1)). One row a
# layer; parameters missing at the end of a row change nothing.
_LEVELS: tuple[tuple[float, ...], ...] = (
    (43, 41, 34, 37, 26, 9.9, 11, 16, 9.5, 15, 3.8, 39),
    (9.8, 16, 11, 12, 12, 13, 0, 0, 19, 20, 20, 16, 20, 25, 0, 0, 13, 14, 12, 11, 15, 18, 0, 0, 21),
    (20, 14, 20, 16, 10, 29, 20, 7.9, 12, 13, 13, 3.3, 3.9),
    (10, 7.7, 8.7, 10, 8, 12, 0, 0, 18, 15, 16, 14, 16, 18, 0, 0, 13, 12, 11, 11, 13, 13, 0, 0, 17),
    (18, 10, 13, 13, 5.4, 11, 36, 32, 13, 11, 4.5, 4.6, 4.5, 4.3, 4.8, 4.6, 4.4, 4.6, 5.8, 6, 5.8, 8.8, 3.8, 2.7),
    (3.3, 4.6, 4.8, 8, 2),
    (50, 6.4, 2.3, 2, 2.4, 1.7),
    (16, 9.6, 4.3, 5.6, 1.5, 2.6),
    (18, 2.7, 6.2, 2.5),
    (3.3, 9, 0.2, 0, 0, 0, 5, 10, 6, 15, 8.4, 2.4),
    (4.3, 6.4, 0, 5.5),
    (0.2, 0.1, 0.1),
    (1.6, 4.9, 1),
    (0.8, 0.8, 0.9),
)  # fmt: skip


def influence(num_ws: int, n_params: int) -> NDArray[np.float32]:
    """Return the levels by which each parameter moves the picture [num_ws, n_params]."""
    out = np.zeros((num_ws, n_params), np.float32)
    for row, levels in zip(out, _LEVELS, strict=True):
        row[: len(levels)] = levels
    return out
