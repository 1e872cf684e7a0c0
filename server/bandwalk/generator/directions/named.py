"""Directions of a model by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

MAX_DIRECTIONS = 64  # directions of a model

FILE_SUFFIX = ".directions.safetensors"


@dataclass(frozen=True, eq=False, slots=True)
class Directions:
    """Directions in w, added to a picture's styles times what a controller says.

    vectors: By name, [num_ws, w_dim] float32 on the CPU each; 1 of it is one clear, bounded step.
    sha256:  Of the model that they were made for; empty: not said.
    made:    By name, how each was made, in one line.
    recipe:  Which closed forms made them (`closed.RECIPE`); empty: somebody else did.
    """

    vectors: Mapping[str, torch.Tensor]
    sha256: str = ""
    made: Mapping[str, str] = field(default_factory=dict)
    recipe: str = ""
