"""Plays a sound file piece by piece: memory does not grow with the song."""

import logging
import threading
from contextlib import closing
from pathlib import Path

import numpy as np

from bandwalk.audio.decode import open_decoder
from bandwalk.audio.flaws import FlawReporter
from bandwalk.audio.resample import Resampler
from bandwalk.audio.source import SourceOptions, channel_slice, clean
from bandwalk.errors import AudioError
from bandwalk.records import Counters
from bandwalk.units import SAMPLE_RATE

logger = logging.getLogger(__name__)

CHUNK = 4096
"""Samples decoded at a time."""

SHORTFALL_S = 0.25
"""A header that is off by less counts as right: MP3 headers round, encoders pad."""

_LAST_S = 2.0
"""How much of the end :func:`missing_end` reads."""


def missing_end(path: Path) -> str:
    """Return in words how a file ends too early, or "" if it does not; only its last seconds are read."""
    try:
        with closing(open_decoder(path)) as decoder:
            decoder.seek(max(0, (decoder.frames or 0) - round(_LAST_S * decoder.sample_rate)))
            while len(decoder.read(CHUNK)):
                pass
            return "its end is missing" if decoder.is_cut() else ""
    except AudioError as e:
        return str(e)


class FileSource:
    """Plays a sound file at 48 kHz, once or in a loop without a gap.

    length:   samples at 48 kHz; from the header until the end has been read.
    is_about: whether the length is only the header's.
    is_cut:   whether the sound ended before the file's real end.
    loop:     whether it starts again when it ends.

    Raises:
        AudioError: the file cannot be read, or holds no sound.
        ParameterError: channels that it does not have.
    """

    def __init__(self, path: Path, options: SourceOptions) -> None:
        self.name = path.name
        self.counters = Counters()
        self.is_cut = False
        self.is_about = True
        self.loop = options.loop
        self._reporter = FlawReporter(path.name, is_quiet=options.is_quiet)
        self._lock = threading.Lock()
        self._decoder = open_decoder(path)
        try:
            self._channels = channel_slice(options.channels, self._decoder.channels, self.name)
            self._begin(0)
            self._fill(1)
            if not len(self._sound):
                raise AudioError(f"opening {path}: it holds no sound, expected a sound file")
        except BaseException:
            self._decoder.close()
            raise

    @property
    def length(self) -> int | None:
        """Samples at 48 kHz; None if the file does not say (yet)."""
        frames = self._decoder.frames
        return None if frames is None else frames * SAMPLE_RATE // self._decoder.sample_rate

    def read(self, n: int) -> np.ndarray:
        """Return the next samples, [n, channels] float32 at 48 kHz; fewer once the file has ended."""
        with self._lock:
            self._fill(n)
            return self._sound.take(n)

    def seek(self, t_s: float) -> None:
        """Go to this second, limited to the start and the end."""
        with self._lock:
            if self._closed:
                return
            frame = max(0, round(t_s * self._decoder.sample_rate))
            try:
                self._decoder.seek(frame)
            except AudioError as e:
                logger.warning("%s; it continues to play", e)
                return
            self._begin(frame)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._begin(0)
            self._closed = self._ended = True
            self._decoder.close()

    def _begin(self, frame: int) -> None:
        """Play from this sample of the file, where the decoder is."""
        self._at = self._began = frame
        self._ended = self._closed = False
        self._sound = Resampler(self._decoder.sample_rate, self._channels.stop - self._channels.start)

    def _fill(self, n: int) -> None:
        """Decode until n samples are there or the file has ended."""
        while len(self._sound) < n and not self._ended:
            x = self._decode()
            self._at += len(x)
            if not len(x):
                self._ended = not self._begin_again()
            self._sound.push(clean(x[:, self._channels], self.counters), last=self._ended)

    def _decode(self) -> np.ndarray:
        """Return the next samples of the file, none if it ends or breaks off."""
        decoder, rate = self._decoder, self._decoder.sample_rate
        said, why = decoder.frames, "its end is missing"
        try:
            x = decoder.read(CHUNK)
        except AudioError as e:
            x, why, is_cut = np.zeros((0, decoder.channels), np.float32), str(e), True
        else:
            is_cut = not len(x) and decoder.is_cut()
        if len(x):
            silent_s = decoder.flaws.silent / rate
            self._reporter.look(decoder.flaws, self._at / rate, self.counters, silent_s=silent_s)
        elif self._at > self._began:
            self._note_end(said, why if is_cut else "")
        return x

    def _note_end(self, said: int | None, why: str) -> None:
        """Note where the file ends; report if it ends too early (for this reason), or not where its header said."""
        rate = self._decoder.sample_rate
        self.is_about, self.is_cut = False, bool(why)
        here = f"{self._at / rate:.1f} s" + (
            f" of {said / rate:.1f} s" if said and said > self._at + SHORTFALL_S * rate else ""
        )
        if why and self._reporter.report("cut", f"{why}; it played to {here}"):
            self.counters.add("audio_broken")
        elif not why and said is not None and abs(said - self._at) > SHORTFALL_S * rate:
            what = f"it ends at {self._at / rate:.1f} s, not at {said / rate:.1f} s as its header says"
            self._reporter.report("header", what)

    def _begin_again(self) -> bool:
        """Go back to the start if the file loops; not if its start gave no sound, or the loop would have no end."""
        if not self.loop or self._at == 0:
            return False
        try:
            self._decoder.seek(0)
        except AudioError as e:
            logger.warning("%s; the loop ends", e)
            return False
        self._at = self._began = 0
        return True
