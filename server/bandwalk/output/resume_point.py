"""The point from which an interrupted clip can be resumed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """The number of frames that are safely stored, and their bytes in the file."""

    frames: int = 0
    size: int = 0
