"""Sound files opened: libsndfile where sound lies as plain numbers, FFmpeg for the rest.

Nothing is decoded ahead of need, and what a header says of the length is taken for a guess until the end is read.
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
"""What a header may claim: beyond it a small file could ask for all memory."""

_PLAIN = (b"RIFF", b"RF64", b"FORM", b".snd", b"riff", b"caff")
_EXACT = (b"OggS", b"fLaC", *_PLAIN)


class Decoder(Protocol):
    """An open sound file.

    frames: samples a channel that the header promises, None where it does not say; the true number at the end.
    flaws:  what was wrong so far.
    seeks_exactly: whether after a seek the same bits come as if all before had been read.
    """

    sample_rate: int
    channels: int
    frames: int | None
    flaws: Flaws
    seeks_exactly: bool

    def read(self, n: int) -> np.ndarray:
        """Return the next samples, [1..n, channels] float32, none at the end; AudioError where it breaks off."""

    def seek(self, frame: int) -> None:
        """Go to this sample; past the end is the end. AudioError if the file cannot."""

    def is_cut(self) -> bool:
        """Tell, where everything has been read, whether the end of the file is missing."""

    def close(self) -> None:
        """Close the file."""


def open_decoder(path: Path) -> Decoder:
    """Open a sound file of any kind.

    Raises:
        AudioError: no such file, an empty one, one that holds no sound, or none that can be read.
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
    """Open a file that gives the same bits from anywhere, where it is one; None: :func:`open_decoder` reads it.

    Raises:
        AudioError: as :func:`open_decoder`.
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
    """Open a file by the library that reads its kind best, or else by the other."""
    if _first_bytes(path) in _PLAIN:
        try:
            return PlainFile(path)
        except soundfile.LibsndfileError:
            return PacketFile(path)
    try:
        return PacketFile(path)
    except AudioError as e:
        try:
            return PlainFile(path)
        except soundfile.LibsndfileError:
            raise e from None


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
