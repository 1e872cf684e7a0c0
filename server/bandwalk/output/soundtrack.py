"""The sound of a clip, as packets: encoded, or copied from the file that it came in."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Protocol

import av
import numpy as np

from bandwalk.output.containers import Container
from bandwalk.units import SAMPLE_RATE

BIT_RATE = 192_000
"""Of two channels: nothing is heard of the coding."""

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
"""What is encoded as it is, by the number of channels."""


class Soundtrack(Protocol):
    """Packets of sound in their order, each handed out once.

    lead: how far before 0 the first one begins, in its time base: a decoder's way in.
    """

    lead: int

    def add_to(self, muxer: Any) -> Any:
        """Give a muxer a stream for it; return the stream."""

    def packets_before(self, t_s: Fraction) -> Iterator[Any]:
        """Yield the packets that begin before this second of the clip and were not yielded yet."""


class _Queue:
    """Packets with one looked at ahead."""

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
        container: whose codec is taken.
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
        """Give a muxer a stream for it; its own encoder only tells the format."""
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
    """The sound stream of a file, as it is.

    Args:
        container: open, FFmpeg's.
        stream:    of it.
        zero_s:    timestamp of what is heard first; what lies before it is a decoder's way in.
    """

    def __init__(self, container: Any, stream: Any, zero_s: Fraction = Fraction(0)) -> None:
        self._container, self._stream, self._zero_s = container, stream, zero_s
        self._queue = _Queue(self._demux())
        self.lead = self._queue.lead

    def add_to(self, muxer: Any) -> Any:
        """Give a muxer a stream like the one that is copied."""
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
