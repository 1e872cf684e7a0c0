"""A sound file as one channel at any rate, piece by piece: mixed first, resampled then, as librosa loads."""

from collections.abc import Generator
from pathlib import Path

import numpy as np

from bandwalk.audio.decode import Decoder, open_decoder
from bandwalk.audio.resample import Resampler
from bandwalk.audio.source import channel_slice, clean, to_mono
from bandwalk.records import Counters

_CHUNK = 1 << 16
"""Samples, at the least, of a piece."""


def mono_at(path: Path, sample_rate: int, *, channels: str = "") -> Generator[np.ndarray, None, None]:
    """Yield pieces [n] float32 of a sound file.

    Args:
        path:        the file.
        sample_rate: Hz.
        channels:    those that are heard ("1-2"); "": all.

    Raises:
        AudioError:     the file cannot be read.
        ParameterError: channels that it does not have.
    """
    decoder = open_decoder(path, quick=True)
    try:
        kept = channel_slice(channels, decoder.channels, path.name)
        sound, counters = Resampler(decoder.sample_rate, 1, sample_rate), Counters()
        while len(x := _read(decoder)):
            sound.push(to_mono(clean(x[:, kept], counters))[:, None])
            yield sound.take(len(sound))[:, 0]
        sound.push(np.zeros((0, 1), np.float32), last=True)
        yield sound.take(len(sound))[:, 0]
    finally:
        decoder.close()


def _read(decoder: Decoder) -> np.ndarray:
    """Return the next samples [about _CHUNK, channels], none at the end."""
    pieces: list[np.ndarray] = []
    held = 0
    while held < _CHUNK and len(x := decoder.read(_CHUNK - held)):
        pieces.append(x)
        held += len(x)
    return np.concatenate(pieces) if pieces else np.zeros((0, decoder.channels), np.float32)
