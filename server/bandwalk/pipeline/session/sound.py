"""The sound that a show heard, as its analysis got it: a WAV file of one channel of float32, which may be cut anywhere.

A WAV file says its length at its start. This one says the largest length there is, and ends where it ends.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bandwalk.audio.source import BLOCK, MAX_AMPLITUDE
from bandwalk.errors import ParameterError
from bandwalk.units import SAMPLE_RATE

_UNKNOWN = 0xFFFFFFFF
_FLOAT, _BYTES = 3, 4
_CHUNK = 256 * BLOCK


def wav_head() -> bytes:
    """Return the head of the file."""
    form = struct.pack("<HHIIHHH", _FLOAT, 1, SAMPLE_RATE, SAMPLE_RATE * _BYTES, _BYTES, 8 * _BYTES, 0)
    fact = struct.pack("<4sII", b"fact", 4, _UNKNOWN)
    return (
        struct.pack("<4sI4s4sI", b"RIFF", _UNKNOWN, b"WAVE", b"fmt ", len(form))
        + form
        + fact
        + struct.pack("<4sI", b"data", _UNKNOWN)
    )


class HeardSound:
    """Reads the blocks of such a file.

    Raises:
        ParameterError: it cannot be read, or is another file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                head = file.read(len(wav_head()))
            self.samples = (path.stat().st_size - len(head)) // _BYTES // BLOCK * BLOCK
        except OSError as e:
            raise ParameterError(f"{path}: {e.strerror}; expected the sound of the session") from e
        if head != wav_head():
            raise ParameterError(f"{path}: expected the sound of a session, as a show writes it")

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the blocks, [BLOCK] float32 each; what is no sound is silence."""
        with self.path.open("rb") as file:
            file.seek(len(wav_head()))
            while True:
                y = np.frombuffer(file.read(_CHUNK * _BYTES), "<f4")
                for at in range(0, len(y) // BLOCK * BLOCK, BLOCK):
                    block = y[at : at + BLOCK].astype(np.float32)
                    yield np.where(np.abs(block) <= MAX_AMPLITUDE, block, np.float32(0))
                if len(y) < _CHUNK:
                    return
