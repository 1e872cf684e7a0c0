"""A song that is sent to the music folder, as whoever keeps the folder takes it."""

from collections.abc import Callable
from typing import Protocol

from bandwalk.errors import BandwalkError


class UploadRefusedError(BandwalkError):
    """A song that is not taken.

    status: of HTTP.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Incoming(Protocol):
    """A song on its way into the folder. Its calls may wait for the disk, and raise UploadRefusedError."""

    def write(self, piece: bytes) -> None:
        """Add bytes."""

    def finish(self) -> tuple[str, float]:
        """Let the song be seen; return its name in the folder, and its length in seconds (0: not known)."""

    def abandon(self) -> None:
        """Leave nothing behind; does nothing after it was finished."""


BeginUpload = Callable[[str, int], Incoming]
"""Gets the name, and how many bytes will come (0: not known)."""
