"""Writes the session log and the sound that was heard, both in files that are right wherever they end."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bandwalk.pipeline.session import SoundWriter
from bandwalk.pipeline.session.lines import to_line

MAX_GAP = 60 * 48_000
"""Longest silence that stands for lost sound, samples."""

_CHUNK = 1 << 20


class Heard(NamedTuple):
    """What the analysis got: [n] float32 on the grid, and the samples since the show began, these included."""

    y: np.ndarray
    end: int


class Song(NamedTuple):
    """A song that plays from now on: its file, the second of the show, and that of the song."""

    path: Path
    t_audio: float
    position_s: float


class SessionFiles:
    """Two files: the log at a path, and beside it the sound.

    Raises:
        OSError: one is there already, or cannot be written.
    """

    def __init__(self, path: Path, sound: Path) -> None:
        self._log = path.open("xb", buffering=0)
        self._heard = sound.open("xb", buffering=0)
        self._sound = SoundWriter(self._heard)
        self._lines = bytearray()
        self._end = 0
        self._is_hashed: dict[Path, str] = {}

    def write(self, thing: bytes | Heard | Song) -> None:
        """Take a line, some sound or a song; it is in the file from the next :meth:`flush` on."""
        if isinstance(thing, bytes):
            self._lines += thing
        elif isinstance(thing, Song):
            self._lines += to_line(
                ["i", "song", thing.t_audio, str(thing.path), self._hash(thing.path), thing.position_s]
            )
        else:
            missing = min(max(0, thing.end - len(thing.y) - self._end), MAX_GAP)
            self._sound.write(np.zeros(missing, np.float32))
            self._sound.write(thing.y)
            self._end = thing.end

    def flush(self) -> None:
        """Write the lines that are held; the sound goes into its file as it comes."""
        _write_all(self._log, bytes(self._lines))
        self._lines.clear()

    def close(self) -> None:
        """Write all of it."""
        self._sound.close()
        self._heard.close()
        self.flush()
        self._log.close()

    def _hash(self, path: Path) -> str:
        """Return the SHA-256 of a song's file, hex; empty: it cannot be read."""
        if path not in self._is_hashed:
            found = hashlib.sha256()
            try:
                with path.open("rb") as file:
                    while piece := file.read(_CHUNK):
                        found.update(piece)
            except OSError:
                return ""
            self._is_hashed = {path: found.hexdigest()}
        return self._is_hashed[path]


def _write_all(file: Any, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
