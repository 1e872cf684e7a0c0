"""Where a clip that was interrupted can go on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """So many frames are safe, in so many bytes of a file."""

    frames: int = 0
    size: int = 0
