"""The timestamps of an Ogg file's packets.

A page says when its last packet ends (RFC 3533, section 6). FFmpeg counts forwards from the page before, so that the
first page behind a lost one, or behind a gap, comes too early. The page after it shows by how much.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import av

MAX_HELD = 4096
"""Most packets that are held back until the next page is met; a page has at most 255."""


def with_true_stamps(packets: Iterable[Any], stream: Any) -> Iterator[Any]:
    """Yield packets of a stream, those of each page once it is known when the page ends."""
    page: list[Any] = []
    try:
        for packet in packets:
            if page and (packet.pos != page[-1].pos or packet.pts is None or len(page) >= MAX_HELD):
                yield from _moved(page, _end_of(stream) if packet.pts is None else packet.pts)
                page = []
            page.append(packet)
    except av.FFmpegError:
        yield from page
        raise
    yield from page


def _end_of(stream: Any) -> int | None:
    """Return the timestamp at the end of a stream, which FFmpeg reads in its last page."""
    return None if None in (stream.start_time, stream.duration) else stream.start_time + stream.duration


def _moved(page: list[Any], end: int | None) -> list[Any]:
    """Move the packets of a page so that the last one ends at a timestamp, if that is later."""
    last = page[-1]
    if end is None or last.pts is None or not last.duration:
        return page
    longest = max((packet.duration for packet in page[:-1]), default=last.duration)
    late = max(0, end - (last.pts + min(last.duration, longest)))  # FFmpeg stretches the last packet of a stream
    if late <= longest:
        return page
    for packet in page:
        packet.pts += late
    return page
