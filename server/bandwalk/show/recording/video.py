"""Writes a show's pictures and sound into one file that plays at any moment, all by the audio clock.

    .mkv  the published JPEG files as they are, sound as FLAC of 24 bits
    .mp4  H.264 and AAC, in fragments

A picture stands at its audio time, a sample at its count: both count the same clock, so nothing drifts.
"""

import math
import os
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np

from bandwalk.audio.conditioning import to_stereo
from bandwalk.errors import ParameterError
from bandwalk.units import SAMPLE_RATE

KEY_S = 0.5
"""Longest time between two key pictures of H.264: a fragment each."""

LATE_S = 1.0
"""A picture is at most so late."""

SILENCE = 10 * SAMPLE_RATE
"""Samples of silence that are written at once where sound was lost."""

TICK = Fraction(1, 1000)
_CLUSTER_MS = 500
_BIT_RATE = 192_000
_BT709 = 1

KINDS: dict[str, dict[str, str]] = {
    ".mkv": {"cluster_time_limit": str(_CLUSTER_MS)},
    ".mp4": {"movflags": "frag_keyframe+delay_moov+default_base_moof+skip_trailer"},
}
"""What can be recorded, and the muxer's options."""

_ALWAYS = {"flush_packets": "1", "max_interleave_delta": str(_CLUSTER_MS * 1000)}
_FORMATS = {".mkv": "matroska", ".mp4": "mp4"}


def ticks_at(t_audio: float, begin: int) -> int:
    """Return where a picture of an audio time stands in a recording that begins at a sample, in ticks."""
    return round((t_audio - begin / SAMPLE_RATE) / TICK)


class ShownPicture(NamedTuple):
    """A published picture: one JPEG file, its size, its audio time in seconds, and whether it is the last one again."""

    jpeg: bytes
    size: tuple[int, int]
    t_audio: float
    is_repeat: bool = False


class HeardPiece(NamedTuple):
    """Sound [n, channels] float32, and the samples since the show began, these included."""

    x: np.ndarray
    end: int


Piece = ShownPicture | HeardPiece


def kind_of(path: Path) -> str:
    """Return the ending that says how a file is written.

    Raises:
        ParameterError: it is another one.
    """
    suffix = path.suffix.lower()
    if suffix not in KINDS:
        raise ParameterError(f"{path.name[:80]}: expected a name that ends in .mkv or .mp4")
    return suffix


def free_path(path: Path) -> Path:
    """Return the path, or one with a number where a file of that name is there."""
    n, found = 1, path
    while os.path.lexists(found):
        n += 1
        found = path.with_name(f"{path.stem}-{n}{path.suffix}")
    return found


class Video:
    """One recording; a picture of another size begins another file.

    A repeat was shown because the next picture was late. That one stands at its audio time all the same: repeats wait
    until it is known which of them came before it.

    Args:
        path:   a free name.
        begin:  samples since the show began, where the recording begins.
        opened: called with the name of each file that is begun, and the second of the show.
    """

    def __init__(self, path: Path, begin: int, opened: Callable[[Path, float], object]) -> None:
        self._path, self._opened = path, opened
        self._begin = begin
        self._file = _open(path)
        self._muxed: _Muxed | None = None
        self._waiting: list[HeardPiece] = []
        self._repeats: deque[ShownPicture] = deque()

    def write(self, piece: Piece) -> None:
        """Write a picture or some sound; sound waits for the first picture."""
        if isinstance(piece, HeardPiece):
            self._hear(piece)
            self._show_repeats(piece.end / SAMPLE_RATE - LATE_S)
        elif piece.is_repeat:
            self._repeats.append(piece)
        else:
            self._show_repeats(piece.t_audio)
            self._repeats.clear()
            self._show(piece)

    def _show_repeats(self, until: float) -> None:
        """Write the repeats before an audio time."""
        while self._repeats and self._repeats[0].t_audio < until:
            self._show(self._repeats.popleft())

    def _show(self, piece: ShownPicture) -> None:
        if self._muxed is not None and self._muxed.size != piece.size:
            self._muxed.close()
            self._path = free_path(self._path)
            self._file, self._begin = _open(self._path), max(self._begin, round(piece.t_audio * SAMPLE_RATE))
            self._muxed = None
        if self._muxed is None:
            self._muxed = _Muxed(self._file, kind_of(self._path), piece.size, self._begin)
            self._opened(self._path, self._begin / SAMPLE_RATE)
            waiting, self._waiting = self._waiting, []
            for heard in waiting:
                self._muxed.hear(heard)
        self._muxed.show(piece)

    def flush(self) -> None:
        """Nothing is held back: the muxer writes each half second."""

    def close(self) -> None:
        """End the file."""
        self._show_repeats(math.inf)
        if self._muxed is not None:
            self._muxed.close()
        self._file.close()

    def _hear(self, piece: HeardPiece) -> None:
        if self._muxed is not None:
            self._muxed.hear(piece)
        elif len(self._waiting) < 1000:
            self._waiting.append(piece)


def _open(path: Path) -> Any:
    return path.open("xb", buffering=0)


class _Muxed:
    """A file that is written."""

    def __init__(self, file: Any, kind: str, size: tuple[int, int], begin: int) -> None:
        self.size = size
        self._begin, self._heard = begin, begin
        self._ticks, self._t_key = -1, -1.0
        self._muxer: Any = av.open(file, "w", format=_FORMATS[kind], options=KINDS[kind] | _ALWAYS)
        self._decoder: Any = av.CodecContext.create("mjpeg", "r") if kind == ".mp4" else None
        self._video = self._add_video(size)
        self._sound: Any = self._muxer.add_stream(
            "flac" if kind == ".mkv" else "aac", rate=SAMPLE_RATE, layout="stereo"
        )
        self._is_exact = kind == ".mkv"
        self._sound.codec_context.format = "s32" if self._is_exact else "fltp"
        self._sound.codec_context.time_base = Fraction(1, SAMPLE_RATE)
        if not self._is_exact:
            self._sound.codec_context.bit_rate = _BIT_RATE
        self._muxer.start_encoding()

    def _add_video(self, size: tuple[int, int]) -> Any:
        if self._decoder is None:
            stream = self._muxer.add_stream("mjpeg", rate=30)
            stream.codec_context.pix_fmt = "yuvj420p"
        else:
            options = {"preset": "veryfast", "tune": "zerolatency", "crf": "20", "bf": "0"}
            stream = self._muxer.add_stream("libx264", rate=30, options=options)
            encoder = stream.codec_context
            encoder.pix_fmt, encoder.color_range, encoder.thread_count = "yuv420p", 1, 1
            encoder.colorspace = encoder.color_primaries = encoder.color_trc = _BT709
        stream.codec_context.width, stream.codec_context.height = (
            side - side % 2 * (self._decoder is not None) for side in size
        )
        stream.codec_context.time_base = stream.time_base = TICK
        return stream

    def show(self, picture: ShownPicture) -> None:
        """Write a picture; one before the beginning, or at the time of the one before, is moved after it."""
        self._ticks = max(self._ticks + 1, ticks_at(picture.t_audio, self._begin))
        packet = av.Packet(picture.jpeg)
        if self._decoder is None:
            packet.pts = packet.dts = self._ticks
            packet.time_base, packet.stream, packet.is_keyframe = TICK, self._video, True
            self._muxer.mux(packet)
            return
        for frame in self._decoder.decode(packet):
            self._muxer.mux(self._video.encode(self._prepared(frame)))

    def _prepared(self, frame: Any) -> Any:
        encoder = self._video.codec_context
        frame = frame.reformat(
            encoder.width, encoder.height, "yuv420p", dst_colorspace=_BT709, src_color_range=2, dst_color_range=1
        )
        frame.pts, frame.time_base = self._ticks, TICK
        t = float(self._ticks * TICK)
        is_key = self._t_key < 0 or t - self._t_key >= KEY_S
        if is_key:
            self._t_key = t
        frame.pict_type = av.video.frame.PictureType.I if is_key else av.video.frame.PictureType.NONE
        return frame

    def hear(self, piece: HeardPiece) -> None:
        """Write sound; where some was lost there is silence, so that what follows stands at its time."""
        x = to_stereo(piece.x)
        x = np.repeat(x, 2, axis=1) if x.shape[1] == 1 else x
        start = piece.end - len(x)
        x = x[max(0, self._heard - start) :]
        while len(x) and self._heard < start:
            self._encode(np.zeros((min(SILENCE, start - self._heard), 2), np.float32))
        if len(x):
            self._encode(x)

    def _encode(self, x: np.ndarray) -> None:
        frame = self._sound_frame(x)
        frame.sample_rate, frame.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
        frame.pts = self._heard - self._begin
        self._heard += len(x)
        self._muxer.mux(self._sound.encode(frame))

    def _sound_frame(self, x: np.ndarray) -> Any:
        if not self._is_exact:
            return av.AudioFrame.from_ndarray(np.ascontiguousarray(x.T), "fltp", "stereo")
        whole = np.clip(np.rint(x * np.float32(2**23)), -(2**23), 2**23 - 1).astype(np.int32) * 256
        return av.AudioFrame.from_ndarray(np.ascontiguousarray(whole).reshape(1, -1), "s32", "stereo")

    def close(self) -> None:
        """Write what the encoders still hold, and the end."""
        if self._decoder is not None:
            self._muxer.mux(self._video.encode(None))
        self._muxer.mux(self._sound.encode(None))
        self._muxer.close()
