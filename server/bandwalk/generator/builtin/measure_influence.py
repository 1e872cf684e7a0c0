"""Measure how strongly each style parameter changes the picture, and print the table of `influence`.

``python -m bandwalk.generator.builtin.measure_influence``
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.builtin.model import Builtin
from bandwalk.generator.builtin.weights import read_weights
from bandwalk.generator.interface import Generator


def measure(G: Generator, affine: NDArray[np.float32], *, seeds: int = 6) -> NDArray[np.float64]:
    """Measure the levels by which each parameter moves the picture.

    Args:
        G:      The embedded model; 128 pixels are enough.
        affine: A [num_ws, w_dim, n_params].
        seeds:  Number of pictures to measure on.

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
    sys.stdout.write(_to_table(measure(Builtin(size=128), read_weights().affine)) + "\n")
