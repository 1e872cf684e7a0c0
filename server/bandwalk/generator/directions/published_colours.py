"""The colour walks that were published with the method; their files hold only numbers.

A file is float32, [num_ws, w_dim, 3], little-endian, in C order; its three columns are red, green and blue. The
published ones have 14, 16 or 18 styles of 512 numbers.

Source: the data of A. Jahanian, L. Chai and P. Isola, "On the 'steerability' of generative adversarial networks",
ICLR 2020.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from bandwalk.errors import CheckpointError
from bandwalk.generator.directions.named import Directions

COLOURS = ("red", "green", "blue")

_W_DIM = 512
_NUM_WS = (14, 16, 18)
_BYTES = 4


def size_of(num_ws: int, w_dim: int) -> int:
    """Return the size in bytes of a file for a model of this shape."""
    return num_ws * w_dim * len(COLOURS) * _BYTES


def published_shape(path: Path) -> tuple[int, int] | None:
    """Return [num_ws, w_dim] of a file if its size is that of a published one; otherwise None."""
    shapes = {size_of(num_ws, _W_DIM): (num_ws, _W_DIM) for num_ws in _NUM_WS}
    return shapes.get(path.stat().st_size) if path.is_file() else None


def read_published(path: Path, shape: tuple[int, int]) -> Directions:
    """Read the three walks of a file for styles of ``shape``.

    Raises:
        CheckpointError: it has another size, or holds numbers that are not finite.
    """
    data = path.read_bytes()
    if len(data) != size_of(*shape):
        raise CheckpointError(f"{len(data)} bytes, expected {size_of(*shape)}")
    walks = torch.from_numpy(np.frombuffer(data, "<f4").astype(np.float32).reshape(*shape, len(COLOURS)))
    if not bool(torch.isfinite(walks).all()):
        raise CheckpointError("holds numbers that are not finite")
    made = dict.fromkeys(COLOURS, f"published walk, {path.name}"[:100])
    return Directions({name: walks[:, :, k].contiguous() for k, name in enumerate(COLOURS)}, "", made)
