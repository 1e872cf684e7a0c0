"""Sound files opened: libsndfile where it can, FFmpeg for the rest. Nothing is decoded ahead of need."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
import soundfile

from bandwalk.errors import AudioError

MIN_RATE, MAX_RATE, MAX_CHANNELS = 1_000, 768_000, 64
"""What a header may claim: beyond it a small file could ask for all memory."""

# Containers only: a playlist could name other files, or the network.
_AV_OPTIONS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,aac,ac3,eac3,ogg,flac,wav,w64,aiff,caf,amr,asf,"
    "avi,flv,mpeg,mpegts,ape,wv,tta,tak,dsf,mpc,mpc8,au",
    "protocol_whitelist": "file",
}
_GUESSED_LENGTH = {"aac", "ac3", "eac3", "amr", "mp3", "mpeg", "mpegts"}  # from the bit rate: no promise
_CUT_CHUNK = re.compile(r"^(?:data| SSND) : (\d+) \(should be (\d+)\)", re.MULTILINE)
_EXACT = re.compile("PCM_|FLOAT|DOUBLE|VORBIS")  # others carry on from what came long before
_UNKNOWN_SIZE = 0x7FFF_0000  # what programs that stream a WAV write into its header, or more
_OGG_PAGE, _OGG_LAST, _OGG_MOST = b"OggS", 4, 65_307  # how a page begins, its flag as the last one, its size


class Decoder(Protocol):
    """An open sound file.

    frames: samples a channel that the file promises, None where it does not say.
    is_cut: whether the file shows, other than by its length, that its end is missing.
    seeks_exactly: whether after a seek the same bits come as if all before had been read.
    """

    sample_rate: int
    channels: int
    frames: int | None
    is_cut: bool
    seeks_exactly: bool

    def read(self, n: int) -> np.ndarray:
        """Return the next samples, [about n, channels] float32, none at the end; AudioError where it breaks off."""

    def seek(self, frame: int) -> None:
        """Go to this sample; AudioError if the file cannot."""

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
        decoder = _open_either(path)
    except (OSError, ValueError) as e:
        raise AudioError(f"{doing}: {getattr(e, 'strerror', None) or e}, expected a sound file") from e
    rate, channels = decoder.sample_rate, decoder.channels
    if MIN_RATE <= rate <= MAX_RATE and 1 <= channels <= MAX_CHANNELS:
        return decoder
    decoder.close()
    raise AudioError(
        f"{doing}: {channels} channels at {rate} Hz, expected 1..{MAX_CHANNELS} channels at {MIN_RATE}..{MAX_RATE} Hz"
    )


def _open_either(path: Path) -> Decoder:
    try:
        decoder = _SoundFile(path)
    except soundfile.LibsndfileError:
        return _AvFile(path)  # not one of its kinds
    if decoder.frames and not decoder.is_opus:
        return decoder
    decoder.close()  # a short Ogg without its end has no sound for libsndfile, and it trips over sound Opus files
    return _AvFile(path)


def _is_cut_ogg(path: Path) -> bool:
    """Tell whether it is an Ogg file without its last page (an Ogg file does not say how long it is)."""
    with path.open("rb") as file:
        if file.read(len(_OGG_PAGE)) != _OGG_PAGE:
            return False
        file.seek(max(0, path.stat().st_size - _OGG_MOST))
        tail = file.read()
    flags_at = tail.rfind(_OGG_PAGE) + 5
    return not (flags_at < len(tail) and tail[flags_at] & _OGG_LAST)


class _SoundFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = soundfile.SoundFile(path)
        self.sample_rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.frames: int | None = _promised_frames(self._file)
        self.is_opus = self._file.subtype == "OPUS"
        self.is_cut = _is_cut_ogg(path)
        self.seeks_exactly = not self.is_cut and bool(_EXACT.match(self._file.subtype))

    def read(self, n: int) -> np.ndarray:
        try:
            return np.asarray(self._file.read(n, dtype="float32", always_2d=True))
        except soundfile.LibsndfileError as e:
            raise AudioError(f"reading {self._path}: {e}") from e

    def seek(self, frame: int) -> None:
        try:
            self._file.seek(min(frame, self._file.frames))
        except soundfile.LibsndfileError as e:
            raise AudioError(f"seeking in {self._path}: {e}") from e

    def close(self) -> None:
        self._file.close()


def _promised_frames(file: Any) -> int:
    """Return what the header promises: libsndfile counts only what a shortened WAV still has."""
    frames = int(file.frames)
    match = _CUT_CHUNK.search(file.extra_info)
    promised, found = map(int, match.groups()) if match else (0, 0)
    return frames * promised // found if 0 < found < promised < _UNKNOWN_SIZE else frames


class _AvFile:
    """Audio of whatever FFmpeg can open: m4a, mp4, webm, wma, the sound of a video."""

    def __init__(self, path: Path) -> None:
        self._path = path
        unreadable = f"opening {path}: no sound that can be read in it, expected a sound file"
        try:
            self._container = av.open(str(path), options=_AV_OPTIONS)
        except av.FFmpegError as e:
            raise AudioError(unreadable) from e
        streams = self._container.streams.audio
        if not streams or not streams[0].rate:
            self._container.close()
            raise AudioError(unreadable)
        self._stream = streams[0]
        self.sample_rate: int = self._stream.rate
        self.channels: int = self._stream.channels
        self.frames: int | None = self._promised_frames()
        self.is_cut = _is_cut_ogg(path)
        self.seeks_exactly = False
        self._pieces = self._decode()

    def read(self, n: int) -> np.ndarray:
        del n  # FFmpeg gives a packet's worth
        try:
            return next(self._pieces, np.zeros((0, self.channels), np.float32))
        except (av.FFmpegError, ValueError) as e:
            raise AudioError(f"reading {self._path}: {e}") from e

    def seek(self, frame: int) -> None:
        t_s = frame / self.sample_rate
        try:
            self._container.seek(int(t_s * 1_000_000))
        except av.FFmpegError as e:
            raise AudioError(f"seeking in {self._path}: {e}") from e
        self._pieces = self._decode(frame)

    def close(self) -> None:
        self._container.close()

    def _promised_frames(self) -> int | None:
        duration_us = self._container.duration
        if duration_us is None or self._container.format.name in _GUESSED_LENGTH:
            return None
        return duration_us * self.sample_rate // 1_000_000

    def _decode(self, from_frame: int = 0) -> Iterator[np.ndarray]:
        """Yield [n, channels] from this sample on: a seek lands on the packet before it."""
        to_float = av.AudioResampler(format="fltp")
        for decoded in self._container.decode(self._stream):
            at = None if decoded.time is None else round(decoded.time * self.sample_rate)
            is_float = decoded.format.name == "fltp"
            for frame in [decoded] if is_float else to_float.resample(decoded):
                x = frame.to_ndarray().T
                if len(x) and x.shape[1] != self.channels:
                    raise ValueError(f"{x.shape[1]} channels after {self.channels}")
                x = x if at is None else x[max(0, from_frame - at) :]
                if len(x):
                    yield x
