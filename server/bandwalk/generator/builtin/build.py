"""Build the embedded model's weights file: ``python -m bandwalk.generator.builtin.build OUT.npz``.

All numbers come from one PCG64 stream, by operations with the same result on every machine (uniform numbers, sums of
twelve of them for normal ones, Gram-Schmidt in float64 rounded to float16). So the file can be rebuilt bit for bit.
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandwalk.generator.builtin.coarse import WAVES
from bandwalk.generator.builtin.mapping import map_to_w

SEED = 20
DIM = 512  # of z and of w
NUM_WS = 14
N_PARAMS = 26  # style parameters a layer
GRAIN = 256  # pixels, side of the noise tile
W_AVG_SAMPLES = 16384

Array = NDArray[np.float64]
_GOLDEN_ANGLE = 2.399963

# Lowest and highest wave number of each warp, in radians per unit (the picture is 2 units wide): two warps that bend
# the whole picture, two that bend parts of it.
_WARP_BANDS = ((1.2, 3.2), (1.6, 4.5), (3.0, 8.0), (4.0, 11.0))


def build() -> dict[str, NDArray[np.generic]]:
    """Return the arrays of the weights file."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    mapping = np.stack([_orthonormal(rng, DIM, DIM) for _ in range(2)]).astype(np.float16)
    affine = np.stack([_orthonormal(rng, DIM, N_PARAMS) for _ in range(NUM_WS)]).astype(np.float16)
    waves = np.stack([_wave_bank(rng, lowest, highest) for lowest, highest in _WARP_BANDS])
    pushes = _normal(rng, (len(_WARP_BANDS), WAVES, 2))
    pushes /= np.sqrt((pushes**2).sum(-1, keepdims=True))
    grain = _grain(rng)
    z = _normal(rng, (W_AVG_SAMPLES, DIM)).astype(np.float32)
    w_avg = map_to_w(z, mapping.astype(np.float32)).mean(0)
    return {
        "mapping": mapping,
        "w_avg": np.round(w_avg, 4).astype(np.float16),
        "affine": affine,
        "waves": waves.astype(np.float16),
        "pushes": pushes.astype(np.float16),
        "grain": grain,
    }


def write(path: Path) -> str:
    """Write the weights file, the same bytes each time, and return its sha256."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in build().items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(member, "w") as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw nearly normal numbers: the sum of twelve uniform ones has unit variance."""
    out: Array = rng.random((12, *shape)).sum(axis=0) - 6.0
    return out


def _orthonormal(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Draw a matrix [rows, columns] with orthonormal columns, by Gram-Schmidt twice."""
    a = _normal(rng, (rows, columns))
    for j in range(columns):
        for _ in range(2):
            a[:, j] -= a[:, :j] @ (a[:, :j].T @ a[:, j])
        a[:, j] /= np.sqrt((a[:, j] ** 2).sum())
    return a


def _wave_bank(rng: np.random.Generator, lowest: float, highest: float) -> Array:
    """Spread wave vectors [WAVES, 2] over all directions and, logarithmically, over a band."""
    angle = rng.random(WAVES) * np.pi + np.arange(WAVES) * _GOLDEN_ANGLE
    number = lowest * (highest / lowest) ** np.linspace(0.0, 1.0, WAVES)
    return np.stack([number * np.cos(angle), number * np.sin(angle)], axis=1)


def _grain(rng: np.random.Generator) -> NDArray[np.int8]:
    """Draw a noise tile that repeats without a seam, slightly softer than white noise."""
    white = _normal(rng, (GRAIN, GRAIN))
    soft = white + 0.4 * (np.roll(white, 1, 0) + np.roll(white, 1, 1))
    soft /= np.sqrt((soft**2).mean())
    return np.clip(np.round(soft * 40.0), -127, 127).astype(np.int8)


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))  # noqa: T201
