"""What a sound file contains, for code that does not play it: channel names, the codec, packets to copy."""

from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from bandwalk.audio.ffmpeg_packets import PacketFile, open_container
from bandwalk.audio.timeline import MAX_JITTER_S
from bandwalk.errors import AudioError


@dataclass(frozen=True, slots=True)
class CopyableStream:
    """A stream whose packets can be copied: without gaps, from one recording.

    container, stream: FFmpeg's, open.
    codec:  its name.
    zero_s: timestamp of the first audible sample.
    """

    container: Any
    stream: Any
    codec: str
    zero_s: Fraction


def channel_names(path: Path) -> tuple[str, ...]:
    """Return the name of each channel of a file (FL, FR, FC, LFE, BL, ...); empty if it does not say."""
    try:
        with open_container(path) as container:
            streams = container.streams.audio
            return tuple(channel.name for channel in streams[0].layout.channels) if streams else ()
    except av.FFmpegError:
        return ()


def codec_of(path: Path) -> str:
    """Return the codec of a file's sound, as FFmpeg names it; empty if FFmpeg cannot read it."""
    try:
        with open_container(path) as container:
            streams = container.streams.audio
            return str(streams[0].codec_context.codec.canonical_name) if streams else ""
    except av.FFmpegError:
        return ""


def open_to_copy(path: Path) -> CopyableStream | None:
    """Open a file if its sound can be copied unchanged; None if it has gaps, is joined, or has no timestamps."""
    try:
        with closing(PacketFile(path)) as heard:
            zero_s = Fraction(heard.zero_s).limit_denominator(768_000)
        with open_container(path) as container:
            stream = container.streams.audio[0]
            needs_header = stream.codec_context.codec.canonical_name in ("aac", "alac", "opus", "vorbis")
            if (needs_header and not stream.codec_context.extradata) or not _is_unbroken(container, stream):
                return None
        container = open_container(path)
    except (av.FFmpegError, AudioError):
        return None
    stream = container.streams.audio[0]
    return CopyableStream(container, stream, str(stream.codec_context.codec.canonical_name), zero_s)


def _is_unbroken(container: Any, stream: Any) -> bool:
    """Return whether each packet follows the one before without a gap."""
    expected: float | None = None
    for packet in container.demux(stream):
        if packet.dts is None:
            continue
        if packet.pts is None or packet.is_corrupt:
            return False
        base = packet.time_base.numerator / packet.time_base.denominator
        if expected is not None and abs(packet.pts * base - expected) > MAX_JITTER_S:
            return False
        expected = (packet.pts + (packet.duration or 0)) * base
    return expected is not None
