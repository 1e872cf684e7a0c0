"""Opens sound files: libsndfile for uncompressed sound, FFmpeg for the rest.

Nothing is decoded before it is needed. The length in a header is a guess until the end has been read.
"""

from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile

from bandwalk.audio.ffmpeg_packets import PacketFile
from bandwalk.audio.flaws import Flaws
from bandwalk.audio.ogg import is_one_ogg
from bandwalk.audio.pcm_file import PlainFile
from bandwalk.errors import AudioError

MIN_RATE, MAX_RATE, MAX_CHANNELS = 1_000, 768_000, 64
"""Limits for what a header says: without them a small file could ask for all memory."""

_PLAIN = (b"RIFF", b"RF64", b"FORM", b".snd", b"riff", b"caff")
_EXACT = (b"OggS", b"fLaC", *_PLAIN)


class Decoder(Protocol):
    """An open sound file.

    frames: samples per channel, by the header; None if it does not say. The true number once the end has been read.
    flaws:  faults found so far.
    seeks_exactly: whether a seek gives the same bits as reading up to there.
    """

    sample_rate: int
    channels: int
    frames: int | None
    flaws: Flaws
    seeks_exactly: bool

    def read(self, n: int) -> np.ndarray:
        """Return the next samples, [1..n, channels] float32, none at the end; AudioError if the file breaks off."""

    def seek(self, frame: int) -> None:
        """Go to this sample, at most to the end. AudioError if the file cannot seek."""

    def is_cut(self) -> bool:
        """Return whether the end of the file is missing; call it after everything has been read."""

    def close(self) -> None:
        """Close the file."""


def open_decoder(path: Path) -> Decoder:
    """Open a sound file of any kind.

    Raises:
        AudioError: no such file, or an empty one, or it holds no sound that can be read.
    """
    doing = f"opening {path}"
    try:
        if not path.is_file():
            raise AudioError(f"{doing}: {'not a file' if path.exists() else 'no such file'}, expected a sound file")
        if path.stat().st_size == 0:
            raise AudioError(f"{doing}: the file is empty, expected a sound file")
        return _checked(_open_either(path), doing)
    except (OSError, ValueError) as e:
        raise AudioError(f"{doing}: {getattr(e, 'strerror', None) or e}, expected a sound file") from e


def open_exact(path: Path) -> Decoder | None:
    """Open a file if a seek gives the same bits as reading up to there; else None (use :func:`open_decoder`).

    Raises:
        AudioError: as in :func:`open_decoder`.
    """
    begins = _first_bytes(path)
    if begins not in _EXACT or (begins == b"OggS" and not is_one_ogg(path)):
        return None
    try:
        decoder = PlainFile(path)
    except soundfile.LibsndfileError:
        return None
    if decoder.seeks_exactly:
        return _checked(decoder, f"opening {path}")
    decoder.close()
    return None


def _open_either(path: Path) -> Decoder:
    """Open a file with the library that reads its kind best; if that fails, with the other one."""
    if _first_bytes(path) in _PLAIN and (plain := _open_plain(path)):
        return plain
    try:
        return PacketFile(path)
    except AudioError as e:
        try:
            return PlainFile(path)
        except soundfile.LibsndfileError:
            raise e from None


def _open_plain(path: Path) -> PlainFile | None:
    """Open a file with libsndfile; None if it cannot, or if it holds MP3 or ALAC, which FFmpeg reads."""
    try:
        decoder = PlainFile(path)
    except soundfile.LibsndfileError:
        return None
    if decoder.has_packets:
        decoder.close()
        return None
    return decoder


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as e:
        raise AudioError(f"opening {path}: {e.strerror}, expected a sound file") from e


def _checked(decoder: Decoder, doing: str) -> Decoder:
    rate, channels = decoder.sample_rate, decoder.channels
    if MIN_RATE <= rate <= MAX_RATE and 1 <= channels <= MAX_CHANNELS:
        return decoder
    decoder.close()
    raise AudioError(
        f"{doing}: {channels} channels at {rate} Hz, expected 1..{MAX_CHANNELS} channels at {MIN_RATE}..{MAX_RATE} Hz"
    )
