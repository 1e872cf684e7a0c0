"""Files of uncompressed sound, and files that only libsndfile can read."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from bandwalk.audio.flaws import Flaws
from bandwalk.errors import AudioError

_CUT_CHUNK = re.compile(r"^(?:data| SSND) : (\d+) \(should be (\d+)\)", re.MULTILINE)
_PACKETS = re.compile("MPEG|ALAC")
_EXACT = re.compile("PCM_|FLOAT|DOUBLE|VORBIS")  # others depend on samples long before
_UNKNOWN_SIZE = 0x7FFF_0000  # what programs that stream a WAV write into its header, or more


class PlainFile:
    """A file that libsndfile reads (see :class:`~bandwalk.audio.decode.Decoder`).

    Raises:
        soundfile.LibsndfileError: libsndfile cannot read it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = soundfile.SoundFile(path)
        self.sample_rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self._found = int(self._file.frames)
        self.frames: int | None = _promised_frames(self._file)
        self._at = 0
        self.flaws = Flaws()
        self.has_packets = bool(_PACKETS.match(self._file.subtype))
        self.seeks_exactly = bool(_EXACT.match(self._file.subtype))

    def read(self, n: int) -> np.ndarray:
        """Return the next samples, [at most n, channels] float32."""
        try:
            x = np.asarray(self._file.read(n, dtype="float32", always_2d=True))
        except soundfile.LibsndfileError as e:
            raise AudioError("it is damaged and cannot be read further") from e
        self._at += len(x)
        return x

    def seek(self, frame: int) -> None:
        """Go to this sample."""
        try:
            self._at = min(frame, self._found)
            self._file.seek(self._at)
        except soundfile.LibsndfileError as e:
            raise AudioError(f"seeking in {self._path.name}: {e}") from e

    def is_cut(self) -> bool:
        """Return whether the file is shorter than its header says, or than it was when it was opened."""
        return (self.frames or 0) > self._at

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _promised_frames(file: Any) -> int:
    """Return the header's number of samples; libsndfile's own count leaves out what is missing from a cut WAV."""
    frames = int(file.frames)
    match = _CUT_CHUNK.search(file.extra_info)
    promised, found = map(int, match.groups()) if match else (0, 0)
    return frames * promised // found if 0 < found < promised < _UNKNOWN_SIZE else frames
