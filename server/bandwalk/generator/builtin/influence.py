"""How much each style parameter shows: what the rows of the embedded model's affine maps weigh.

A trained model's affine maps grow where styles matter, and SeFa reads their sizes. This model's rows are
orthonormal, all of one size: what each does to the picture is written in what draws it, so it was measured:
``python -m bandwalk.generator.builtin.influence`` prints the table.
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.interface import Generator

# Mean change of the picture, 8-bit levels, where a parameter goes up or down by 1 (it varies as N(0, 1)): a row a
# layer; those at its end do nothing.
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


def measure(G: Generator, affine: NDArray[np.float32], *, seeds: int = 6) -> NDArray[np.float64]:
    """Measure the levels by which each parameter moves the picture.

    Args:
        G:      The embedded model; 128 pixels are enough.
        affine: A [num_ws, w_dim, n_params].
        seeds:  Pictures that are moved.

    Returns:
        Levels [num_ws, n_params].
    """
    steps = torch.from_numpy(affine)
    z = np.random.Generator(np.random.PCG64(0)).standard_normal((seeds, G.z_dim))
    levels = np.zeros((affine.shape[0], affine.shape[2]))
    for ws in G.map(z.astype(np.float32))[:, None]:
        base = G.synthesize(ws)
        for layer, parameter in np.ndindex(*levels.shape):
            for sign in (-1.0, 1.0):
                moved = ws.clone()
                moved[0, layer] += sign * steps[layer, :, parameter]
                levels[layer, parameter] += 127.5 * float((G.synthesize(moved) - base).abs().mean())
    return levels / (2 * seeds)


def _to_table(levels: NDArray[np.float64]) -> str:
    rows = [np.trim_zeros(np.round(row, 1), "b") for row in levels]
    return "\n".join(f"    ({', '.join(f'{level:.2g}' for level in row)})," for row in rows)


if __name__ == "__main__":
    from bandwalk.generator.builtin.model import Builtin
    from bandwalk.generator.builtin.weights import read_weights

    sys.stdout.write(_to_table(measure(Builtin(size=128), read_weights().affine)) + "\n")
