"""The sound of a clip, as packets: encoded, or copied from the song's file."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Protocol

import av
import numpy as np

from bandwalk.output.containers import Container
from bandwalk.units import SAMPLE_RATE

BIT_RATE = 192_000
"""For two channels: the coding is inaudible."""

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
"""Layouts that are encoded without mixing, by the number of channels."""


class Soundtrack(Protocol):
    """Packets of sound in order, each yielded once.

    lead: how far before 0 the first one starts, in its time base: the decoder's preroll.
    """

    lead: int

    def add_to(self, muxer: Any) -> Any:
        """Add a stream for it to a muxer; return the stream."""

    def packets_before(self, t_s: Fraction) -> Iterator[Any]:
        """Yield the packets that start before this second of the clip and were not yielded yet."""


class _Queue:
    """Packets with a look-ahead of one."""

    def __init__(self, packets: Iterator[Any]) -> None:
        self._packets = packets
        self._next = next(packets, None)
        self.lead = max(0, -self._next.pts) if self._next is not None else 0

    def before(self, t_s: Fraction) -> Iterator[Any]:
        while self._next is not None and self._next.pts * self._next.time_base < t_s:
            packet, self._next = self._next, next(self._packets, None)
            yield packet


class EncodedSound:
    """Sound encoded for a container.

    Args:
        blocks:    pieces of sound, [n, channels] float32 at 48 kHz, any n.
        channels:  their number, one of LAYOUTS.
        container: decides the codec.
    """

    def __init__(self, blocks: Iterator[np.ndarray], channels: int, container: Container) -> None:
        self._blocks = blocks
        self._layout = LAYOUTS[channels]
        self._codec = container.sound
        encoder: Any = av.CodecContext.create(container.sound, "w")
        encoder.sample_rate, encoder.layout = SAMPLE_RATE, self._layout
        encoder.format = encoder.codec.audio_formats[0]
        encoder.time_base = Fraction(1, SAMPLE_RATE)
        encoder.bit_rate = BIT_RATE
        self._encoder = encoder
        self._queue = _Queue(self._encode())
        self.lead = self._queue.lead

    def add_to(self, muxer: Any) -> Any:
        """Add a stream for it to a muxer; the stream's own encoder only sets the format."""
        stream = muxer.add_stream(self._codec, rate=SAMPLE_RATE, layout=self._layout)
        stream.codec_context.bit_rate = BIT_RATE
        return stream

    def packets_before(self, t_s: Fraction) -> Iterator[Any]:
        """Yield the next packets (see :class:`Soundtrack`)."""
        return self._queue.before(t_s)

    def _encode(self) -> Iterator[Any]:
        n = 0
        for x in self._blocks:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(x.T), "fltp", self._layout)
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, n, Fraction(1, SAMPLE_RATE)
            n += len(x)
            yield from self._encoder.encode(frame)
        yield from self._encoder.encode(None)


class CopiedSound:
    """The sound stream of a file, unchanged.

    Args:
        container: FFmpeg's, open.
        stream:    of the container.
        zero_s:    timestamp of the first audible sample; sound before it is the decoder's preroll.
    """

    def __init__(self, container: Any, stream: Any, zero_s: Fraction = Fraction(0)) -> None:
        self._container, self._stream, self._zero_s = container, stream, zero_s
        self._queue = _Queue(self._demux())
        self.lead = self._queue.lead

    def add_to(self, muxer: Any) -> Any:
        """Add a stream like the copied one to a muxer."""
        return muxer.add_stream_from_template(self._stream)

    def packets_before(self, t_s: Fraction) -> Iterator[Any]:
        """Yield the next packets (see :class:`Soundtrack`)."""
        return self._queue.before(t_s)

    def _demux(self) -> Iterator[Any]:
        start = round(self._zero_s / self._stream.time_base)
        for packet in self._container.demux(self._stream):
            if packet.pts is not None:
                packet.pts -= start
                packet.dts -= start
                yield packet
