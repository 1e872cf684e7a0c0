"""The sound that a show heard, as its analysis got it: a FLAC file of one channel, which may be cut anywhere.

FLAC keeps whole numbers to the bit. So a show that keeps a session hears numbers on a grid, and the file has the same.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np

from bandwalk.audio.source import BLOCK
from bandwalk.errors import ParameterError
from bandwalk.units import SAMPLE_RATE

SUFFIX_OF_SOUND = ".flac"

STEPS = 2**18
"""Steps of the grid from 0 to full scale: rounding is 119 dB under it, where no card and no analysis hears anything."""

_WHOLE = 2**31
"""Full scale of what goes to FLAC: 24 bits, of which the lowest five are 0 and take no room."""


def on_grid(y: np.ndarray) -> np.ndarray:
    """Return samples [n] float32, rounded to the grid and limited to full scale; again the same."""
    return np.asarray(np.clip(np.rint(y * np.float32(STEPS)), -STEPS, STEPS - 1) / np.float32(STEPS), np.float32)


class SoundWriter:
    """Writes samples on the grid into an open file, all but the newest 0.1 s at once.

    Raises:
        OSError, av.FFmpegError: what is written does not go into the file; here and in all methods.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._muxer: Any = av.open(file, "w", format="flac", options={"flush_packets": "1"})
        self._stream: Any = self._muxer.add_stream("flac", rate=SAMPLE_RATE, layout="mono")
        self._stream.codec_context.format = "s32"
        self._stream.codec_context.time_base = Fraction(1, SAMPLE_RATE)
        self._n = 0

    def write(self, y: np.ndarray) -> None:
        """Write samples [n] float32."""
        if not len(y):
            return
        whole = (y * np.float32(STEPS)).astype(np.int32) * np.int32(_WHOLE // STEPS)
        frame = av.AudioFrame.from_ndarray(whole[None], "s32", "mono")
        frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), self._n
        self._n += len(y)
        self._muxer.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write the rest."""
        self._muxer.mux(self._stream.encode(None))
        self._muxer.close()


class HeardSound:
    """Reads the blocks of such a file.

    samples: of its whole blocks.

    Raises:
        ParameterError: it cannot be read, or is another file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.samples = sum(map(len, self._pieces())) // BLOCK * BLOCK
        except (OSError, av.FFmpegError, ValueError) as e:
            why = getattr(e, "strerror", None) or type(e).__name__
            raise ParameterError(f"{path}: {why}; expected the sound of a session, as a show writes it") from e

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the blocks, [BLOCK] float32 each."""
        left = np.zeros(0, np.float32)
        for piece in self._pieces():
            left = np.concatenate((left, piece))
            whole = len(left) // BLOCK * BLOCK
            yield from left[:whole].reshape(-1, BLOCK)
            left = left[whole:]

    def _pieces(self) -> Iterator[np.ndarray]:
        """Yield the samples [n] float32, up to where the file is cut."""
        with av.open(str(self.path), format="flac") as file:
            stream = file.streams.audio[0]
            form = stream.format
            if form is None or (stream.rate, stream.channels, form.name) != (SAMPLE_RATE, 1, "s32"):
                raise ValueError("other sound")
            try:
                for frame in file.decode(stream):
                    yield frame.to_ndarray()[0].astype(np.float32) / np.float32(_WHOLE)
            except av.InvalidDataError:
                return
