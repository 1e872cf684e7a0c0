"""Reads sound with FFmpeg, packet by packet, timed by the file's timestamps.

A packet that cannot be decoded and a gap in the timestamps become silence of that length. Where the timestamps start
again (joined recordings, a radio stream's next song) the sound continues without a gap.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from bandwalk.audio.flaws import Flaws
from bandwalk.audio.missing_end import is_cut, stated_s
from bandwalk.audio.ogg import FilePart, ogg_links
from bandwalk.audio.ogg_stamps import with_true_stamps
from bandwalk.audio.timeline import Timeline
from bandwalk.errors import AudioError

# Containers only: a playlist could name other files, or the network.
_OPTIONS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,aac,ac3,eac3,ogg,flac,wav,w64,aiff,caf,amr,asf,"
    "avi,flv,mpeg,mpegts,ape,wv,tta,tak,dsf,mpc,mpc8,au",
    "protocol_whitelist": "file",
}
_NO_INDEX = {"aac", "ac3", "eac3", "amr", "mp3", "ogg"}
"""Formats in which FFmpeg only guesses where a second is: here packets are counted from the start instead.

Ogg is in the list because of chains: the time starts again in each link, and FFmpeg seeks only in the last one.
"""

_PREROLL_S = 0.5
"""Decoded before the wanted sample and dropped: codecs depend on what came before (Opus 0.08 s, RFC 7845)."""

_PIECE = 4096
"""Most samples of silence in one piece."""

_MAX_FAILURES = 16
"""Read errors in a row after which the file counts as broken off."""

_SHORTFALL_S = 0.25
"""A header may be off by this much: MP3 headers round, encoders pad."""


def open_container(path: Path) -> Any:
    """Open a sound file with FFmpeg; only formats that cannot refer to other files.

    Raises:
        av.FFmpegError: it has a different format, or cannot be read.
    """
    return av.open(str(path), options=_OPTIONS, metadata_errors="replace")


class PacketFile:
    """The sound of a file that FFmpeg can open (see :class:`~bandwalk.audio.decode.Decoder`).

    zero_s: timestamp of its first sample in the file, seconds.

    Raises:
        AudioError: there is no sound in it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.flaws, self.seeks_exactly = Flaws(), False
        unreadable = f"opening {path}: no sound that can be read in it, expected a sound file"
        self._links = ogg_links(path)
        try:
            self._open(0)
        except av.FFmpegError as e:
            cut = f"opening {path}: its end is missing, and it cannot be read without it, expected a whole file"
            raise AudioError(cut if is_cut(path) else unreadable) from e
        try:
            if self._stream is None or not self._stream.rate:
                raise AudioError(unreadable)
            self.sample_rate: int = self._stream.rate
            self.channels: int = self._stream.channels
            self._layout: str = self._stream.layout.name
            kind = self._container.format.name
            self._is_ogg, self._counts = kind == "ogg", kind in _NO_INDEX
            self._stated = self._stated_frames()
            self.frames = self._stated
            self._line = Timeline(self.sample_rate)
            self._pieces: Iterator[np.ndarray] = self._sound(0)
            self._rest = next(self._pieces, self._nothing())
            self._is_fresh = True
            if not len(self._rest):
                raise AudioError(unreadable)
        except BaseException:
            self.close()
            raise
        self._zero = self._line.zero
        self.zero_s = (self._zero or 0) / self.sample_rate

    def read(self, n: int) -> np.ndarray:
        """Return the next samples, [at most n, channels] float32."""
        self._is_fresh = False
        if not len(self._rest):
            self._rest = next(self._pieces, self._nothing())
        x, self._rest = self._rest[:n], self._rest[n:]
        return x

    def seek(self, frame: int) -> None:
        """Go to this sample, counted from the start with gaps included."""
        if frame == 0 and self._is_fresh:
            return
        self._rest = self._nothing()
        if frame > 0 and not self._counts and self._jump(frame):
            return
        self._restart()
        self._pieces = self._sound(frame)

    def is_cut(self) -> bool:
        """Return whether the end is missing: by the file's structure, or if that does not show it, by its header."""
        missing = (self._stated or 0) - self._line.at > _SHORTFALL_S * self.sample_rate
        by_structure = is_cut(self._path)
        return missing if by_structure is None else by_structure or (missing and self._hurt > 0)

    def close(self) -> None:
        """Close the file; its decoder's threads end with the decoder, which the generator would keep in a cycle."""
        self._pieces = iter(())
        for each in filter(None, (self._container, self._part)):
            each.close()

    def _open(self, link: int) -> None:
        """Open the file, or one link of a chain: FFmpeg itself only continues with links of the same kind.

        Raises:
            av.FFmpegError: it is not such a file.
        """
        self._link = link
        is_chain = len(self._links) > 1
        self._part: FilePart | None = FilePart(self._path, *self._links[link]) if is_chain else None
        self._container: Any = av.open(self._part, format="ogg") if is_chain else open_container(self._path)
        streams = self._container.streams.audio
        self._stream: Any = streams[0] if streams else None
        self._resampler: Any = None
        self._resamples: tuple[str, str, int] | None = None
        self._hurt = 0  # packets that could not be decoded since the last one that could

    def _stated_frames(self) -> int | None:
        seconds = None if len(self._links) > 1 else stated_s(self._path, self._container, self._stream)
        return None if seconds is None else int(seconds * self.sample_rate)

    def _nothing(self) -> np.ndarray:
        return np.zeros((0, self.channels), np.float32)

    def _restart(self) -> None:
        """Read from the start again; a seek to 0 would skip a decoder's preroll, or the first links of a chain."""
        self._go_on_with(0)
        self._line = Timeline(self.sample_rate)
        self._line.zero = self._zero

    def _go_on_with(self, link: int) -> None:
        container, part = self._container, self._part
        try:
            self._open(link)
        except (av.FFmpegError, OSError) as e:
            raise AudioError(f"{self._path.name} cannot be opened again") from e
        container.close()
        if part is not None:
            part.close()
        if self._stream is None:
            raise AudioError(f"{self._path.name} has no sound in it any more")

    def _jump(self, frame: int) -> bool:
        """Go to a sample by the container's index; return False if that fails."""
        t_s = self.zero_s + frame / self.sample_rate - _PREROLL_S
        try:
            self._container.seek(max(0, int(t_s * 1_000_000)))
        except av.FFmpegError:
            return False
        self._line.go_to(None)
        pieces = self._sound(frame)
        try:
            self._rest = next(pieces, self._nothing())
        except AudioError:
            return False
        self._pieces = pieces
        return not self._landed_late

    def _sound(self, target: int) -> Iterator[np.ndarray]:
        """Yield pieces [n, channels] float32 from this sample.

        Raises:
            AudioError: the file breaks off.
        """
        line, self._landed_late = self._line, False
        heard = target == 0
        first = True
        for decoded, stamp, hurt in self._decoded(target):
            x = decoded
            if heard:
                gap = line.add(stamp, len(x), is_hurt=hurt > 0)
                self.flaws.damaged += hurt  # damage at the very end counts as a missing end
                self._count_gap(gap, hurt)
            else:
                line.follow(stamp, len(x))
                start = line.at - len(x)
                self._landed_late = first and start > target
                first = False
                if line.at <= target:
                    continue
                gap, heard = max(0, start - target), True
                x = x[max(0, target - start) :]
            self.flaws.jumps = line.jumps
            yield from self._silence(gap)
            yield x
        if heard:
            self.frames = line.at

    def _count_gap(self, gap: int, hurt: int) -> None:
        if gap:
            self.flaws.silent += gap
            self.flaws.gaps += not hurt

    def _silence(self, n: int) -> Iterator[np.ndarray]:
        while n > 0:
            yield np.zeros((min(n, _PIECE), self.channels), np.float32)
            n -= _PIECE

    def _decoded(self, target: int) -> Iterator[tuple[np.ndarray, int | None, int]]:
        """Yield (samples [n, channels], timestamp in samples, undecodable packets before them)."""
        from_place = target - _PREROLL_S * self.sample_rate if self._counts else -1
        self._hurt = 0
        for packet in self._packets():
            stamp = self._to_samples(packet.pts, packet.time_base)
            n = self._to_samples(packet.duration, packet.time_base) or 0
            if from_place > 0 and self._line.at + n < from_place:
                self._line.follow(stamp, n)
                continue
            from_place = -1
            try:
                frames = packet.decode()
            except EOFError:
                continue
            except (av.FFmpegError, ValueError):
                self._hurt += 1
                continue
            for frame in frames:
                at = self._to_samples(frame.pts, frame.time_base)
                if frame.sample_rate != self.sample_rate:  # a joined file: FFmpeg's timestamps are wrong there
                    at = None
                    self._line.begin_anew()
                for x in self._to_float(frame):
                    hurt, self._hurt = self._hurt, 0
                    yield x, at, hurt

    def _packets(self) -> Iterator[Any]:
        """Yield the packets of the stream and its flush packet; after a read error, try again.

        Raises:
            AudioError: it cannot.
        """
        failures = 0
        while True:
            try:
                packets = self._container.demux(self._stream)
                for packet in with_true_stamps(packets, self._stream) if self._is_ogg else packets:
                    failures = 0
                    yield packet
            except av.FFmpegError as e:
                failures += 1
                self._hurt += 1
                if failures > _MAX_FAILURES:
                    raise AudioError("it is damaged and cannot be read further") from e
                continue
            except IndexError:  # PyAV, at the end, where FFmpeg met a stream that the start did not have
                pass
            if self._link + 1 >= len(self._links):
                return
            self._go_on_with(self._link + 1)
            self._line.begin_anew()

    def _to_samples(self, ticks: int | None, time_base: Fraction | None) -> int | None:
        if ticks is None or not time_base:
            return None
        return round(ticks * time_base.numerator * self.sample_rate / time_base.denominator)

    def _to_float(self, frame: Any) -> Iterator[np.ndarray]:
        """Yield a frame as [n, channels] float32 at the file's first rate and number of channels."""
        layout, rate = frame.layout, frame.sample_rate
        fits = rate == self.sample_rate and layout.nb_channels == self.channels
        if fits and frame.format.name == "fltp":
            yield frame.to_ndarray().T
            return
        kind = (frame.format.name, layout.name, rate)
        if kind != self._resamples:  # recordings of different formats were joined
            to_layout = layout.name if fits else self._layout
            to_rate = rate if fits else self.sample_rate
            self._resampler = av.AudioResampler(format="fltp", layout=to_layout, rate=to_rate)
            self._resamples = kind
        for resampled in self._resampler.resample(frame):
            x = resampled.to_ndarray().T
            if len(x):
                yield x
