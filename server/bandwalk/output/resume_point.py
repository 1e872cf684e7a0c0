"""The point from which an interrupted clip can be resumed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """The number of frames that are safely stored, and their bytes in the file."""

    frames: int = 0
    size: int = 0


def put_under(prefix: str, state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a state whose names begin with a prefix, to be joined with others."""
    return {f"{prefix}{name}": array for name, array in state.items()}


def part_of(state: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """Return what :func:`put_under` has put under a prefix."""
    return {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}
