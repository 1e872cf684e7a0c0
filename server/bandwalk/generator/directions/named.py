"""Directions of a model by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

MAX_DIRECTIONS = 64  # number of a model's directions

FILE_SUFFIX = ".directions.safetensors"


@dataclass(frozen=True, eq=False, slots=True)
class Directions:
    """Directions in w, which are added to a picture's styles, each times its alpha.

    vectors: By name, each [num_ws, w_dim] float32 on the CPU; alpha 1 is a clear change.
    sha256:  Of the model that they were made for; empty: unknown.
    made:    By name, how each was made, in one line.
    recipe:  Version of the closed forms that made them (`closed.RECIPE`); empty: made in another way.
    """

    vectors: Mapping[str, torch.Tensor]
    sha256: str = ""
    made: Mapping[str, str] = field(default_factory=dict)
    recipe: str = ""
