"""OSC packets from a server: messages and bundles, read with bounded cost, even if they are forged."""

import logging
import struct
from collections.abc import Iterator
from typing import Any

from pythonosc.osc_message import OscMessage, ParseError

logger = logging.getLogger(__name__)

MAX_DEPTH = 4
"""Most levels of nested bundles."""

_BUNDLE = b"#bundle\0"
_HEADER = len(_BUNDLE) + 8
_SIZE = struct.Struct(">i")


def read_packet(packet: bytes, depth: int = 0) -> list[tuple[str, list[Any]]]:
    """Return the messages of a packet as (address, values), in order; unreadable ones are left out."""
    if not packet.startswith(_BUNDLE):
        return _read_message(packet)
    if depth == MAX_DEPTH:
        return []
    return [message for element in _elements(packet) for message in read_packet(element, depth + 1)]


def _elements(packet: bytes) -> Iterator[bytes]:
    at = _HEADER
    while at + _SIZE.size <= len(packet):
        (size,) = _SIZE.unpack_from(packet, at)
        at += _SIZE.size
        if not 0 < size <= len(packet) - at:
            return
        yield packet[at : at + size]
        at += size


def _read_message(packet: bytes) -> list[tuple[str, list[Any]]]:
    if not packet.startswith(b"/"):
        return []
    try:
        message = OscMessage(packet)
    except (ParseError, ValueError, IndexError) as e:
        logger.debug("OSC answer of %d bytes: %s", len(packet), e)
        return []
    return [(message.address, message.params)]
