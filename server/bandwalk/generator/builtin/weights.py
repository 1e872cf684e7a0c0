"""The fixed numbers of the embedded model: one small file, checked by its sha256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandwalk.errors import CheckpointError

PATH = Path(__file__).with_name("weights.npz")
WALKS = Path(__file__).with_name("walks.safetensors")
"""Learned directions of this model, written by `bandwalk learn-walk` without --edit."""

SHA256 = "1989aa97ccbdfda3243d7252e31811b61add2da49bf49348ee0fad72cb26d8d0"


@dataclass(frozen=True, eq=False)
class Weights:
    """The contents of the file as float32."""

    mapping: NDArray[np.float32]  # two orthonormal layers [2, z_dim, w_dim]
    w_avg: NDArray[np.float32]  # mean w [w_dim]
    affine: NDArray[np.float32]  # w -> style parameters [num_ws, w_dim, n_params]
    waves: NDArray[np.float32]  # wave vectors of the four warps [4, WAVES, 2], rad per unit
    pushes: NDArray[np.float32]  # unit vectors along which they push [4, WAVES, 2]
    grain: NDArray[np.float32]  # noise tile [256, 256], zero mean, unit deviation


@cache
def read_weights() -> Weights:
    """Read the file that comes with the package.

    Raises:
        CheckpointError: the file is missing or was changed.
    """
    try:
        data = PATH.read_bytes()
    except OSError as e:
        raise CheckpointError(f"reading {PATH}: {e.strerror}") from e
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise CheckpointError(f"reading {PATH}: sha256 {found[:12]}, expected {SHA256[:12]}")
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        return Weights(
            **{k: arrays[k].astype(np.float32) for k in ("mapping", "w_avg", "affine", "waves", "pushes")},
            grain=arrays["grain"].astype(np.float32) / 40.0,  # stored in steps of 1/40
        )
