"""Clips: pictures and sound in one file, written chapter by chapter, playable at any time.

Each chapter has its own encoders, so that a clip that was interrupted and resumed at a chapter is byte for byte the
same as one that was not. At the end the file is written once more with its index at the front.
"""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from bandwalk.machine import whole_file
from bandwalk.output.containers import BITEXACT, Container, Encoding, video_options
from bandwalk.output.growing import GrowingFile
from bandwalk.output.resume_point import ResumePoint
from bandwalk.output.soundtrack import Soundtrack

_RGBA = 4
_BT709 = 1
"""H.273: the primaries, transfer function and matrix of HDTV, which players assume."""


class Movie:
    """A clip in one file.

    Args:
        path:      of the file.
        encoding:  of the pictures.
        container: from :func:`~bandwalk.output.containers.container_of`.
        sound:     None: a clip without sound.
        mark:      where to resume; anything after it in the file is dropped.

    Raises:
        OSError: the file cannot be written; here and in all methods except :meth:`close`.
    """

    def __init__(
        self,
        path: Path,
        encoding: Encoding,
        *,
        container: Container,
        sound: Soundtrack | None,
        mark: ResumePoint | None = None,
    ) -> None:
        self.mark = mark or ResumePoint()
        self.frames = self.mark.frames
        self._path, self._encoding, self._container, self._sound = path, encoding, container, sound
        self._file = GrowingFile(path, self.mark.size)
        self._chapter: _Chapter | None = None
        if sound is not None and self.frames:
            for _ in sound.packets_before(self.frames / encoding.fps):
                pass  # already in the file

    def write(self, rgb: np.ndarray) -> None:
        """Add the next picture, [height, width, 3 or 4] uint8 as its encoding says, with its sound."""
        if self._chapter is None:
            self._file.begin_chapter()
            self._chapter = _Chapter(self._file, self._encoding, self._container, self._sound, first=self.frames == 0)
        self._chapter.add(rgb, self.frames)
        self.frames += 1
        if self.frames % self._encoding.chapter == 0:
            self._end_chapter()
            self.mark = ResumePoint(self.frames, self._file.size)

    def finish(self) -> None:
        """End a complete clip: move its index to the front."""
        self._end_chapter()
        self._file.close()
        to_front(self._path, self._container)

    def stop(self) -> None:
        """End an incomplete clip and keep all its frames; it can be resumed from its mark."""
        self._end_chapter()
        self._file.close()

    def abandon(self) -> None:
        """End a clip after a write error and keep its complete chapters; raises nothing."""
        with suppress(OSError, av.FFmpegError):
            self._chapter = None
            self._file.cut(self.mark.size)
        with suppress(OSError):
            self._file.close()

    def _end_chapter(self) -> None:
        if self._chapter is not None:
            self._chapter.end()
            self._chapter = None
            self._file.check()


class _Chapter:
    """Some pictures, encoded and muxed like a separate file."""

    def __init__(
        self, file: GrowingFile, encoding: Encoding, container: Container, sound: Soundtrack | None, *, first: bool
    ) -> None:
        self._encoding, self._sound = encoding, sound
        muxing = dict(container.muxing)
        if container.has_edits and not first:
            muxing["movflags"] += "+frag_discont"  # its timestamps continue those before
        self._muxer: Any = av.open(file, "w", format=container.format, options=muxing)
        self._video: Any = self._muxer.add_stream(
            container.video, rate=encoding.fps, options=video_options(container, encoding)
        )
        self._prepare(container)
        self._sound_stream = sound.add_to(self._muxer) if sound is not None else None
        # without the first chapter's edit list, sound that starts before 0 is timed from its first packet
        self._shift = sound.lead if sound is not None and container.has_edits and not first else 0
        self._muxer.start_encoding()

    def _prepare(self, container: Container) -> None:
        encoding, encoder = self._encoding, self._video.codec_context
        encoder.width, encoder.height, encoder.pix_fmt = encoding.width, encoding.height, container.pix_fmt
        encoder.time_base = 1 / encoding.fps
        encoder.gop_size = encoding.chapter
        encoder.thread_count = encoding.threads
        encoder.colorspace = encoder.color_primaries = encoder.color_trc = _BT709
        encoder.color_range = 1  # 16..235

    def add(self, rgb: np.ndarray, n: int) -> None:
        """Add picture number n of the clip."""
        frame = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(rgb), format="rgba" if rgb.shape[2] == _RGBA else "rgb24"
        )
        frame = frame.reformat(format=self._video.codec_context.pix_fmt, dst_colorspace=_BT709, dst_color_range=1)
        frame.pts, frame.time_base = n, 1 / self._encoding.fps
        self._muxer.mux(self._video.encode(frame))
        self._add_sound((n + 1) / self._encoding.fps)

    def end(self) -> None:
        """Write everything that the encoders still hold."""
        self._muxer.mux(self._video.encode(None))
        self._muxer.close()

    def _add_sound(self, t_s: Fraction) -> None:
        if self._sound is None:
            return
        for packet in self._sound.packets_before(t_s):
            packet.pts += self._shift
            packet.dts += self._shift
            packet.stream = self._sound_stream
            self._muxer.mux(packet)


def to_front(path: Path, container: Container) -> None:
    """Write a clip once more with its index at the front, so that it starts at once, also over a network.

    Raises:
        OSError: the disk is full; the clip stays as it was.
    """
    options = {"movflags": "faststart"} if container.has_edits else {"cues_to_front": "1", **BITEXACT}
    with (
        whole_file(path) as rewritten,
        av.open(str(path)) as whole,
        av.open(str(rewritten), "w", format=container.format, options=options) as muxer,
    ):
        streams: dict[int, Any] = {stream.index: muxer.add_stream_from_template(stream) for stream in whole.streams}
        if container.has_edits:  # the tag names the kind of ProRes; the muxer would write that of the first kind
            video = whole.streams.video[0]
            streams[video.index].codec_context.codec_tag = video.codec_context.codec_tag
        for packet in whole.demux():
            if packet.dts is not None:
                _copy(packet, streams[packet.stream.index], muxer)


def _copy(packet: Any, stream: Any, muxer: Any) -> None:
    packet.stream = stream
    muxer.mux(packet)
