"""Splits a stream of bytes into OSC packets.

    OSC 1.1   SLIP (RFC 1055): END packet END; inside, END is sent as ESC ESC_END and ESC as ESC ESC_ESC
    OSC 1.0   a 32-bit size, big endian, then the packet

The first byte of a connection shows which one it is: a size below 16 MB starts with 0, SLIP never does.

Sources: The Open Sound Control 1.0 and 1.1 Specifications; RFC 1055.
"""

import struct
from collections.abc import Iterator
from typing import Protocol

from bandwalk.errors import WireError

MAX_PACKET = 65536
"""Most bytes of a packet, the same as in a datagram; a longer one ends the connection."""

_END, _ESC, _ESC_END, _ESC_ESC = 0xC0, 0xDB, 0xDC, 0xDD
_SLIP_BEGINS = frozenset((_END, ord("/"), ord("#")))
_SIZE = struct.Struct(">I")


class Framing(Protocol):
    """A way to separate packets."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the packets that are complete now; raise WireError if the stream is invalid."""

    def wrap(self, packet: bytes) -> bytes:
        """Return a packet framed for sending."""


def framing_of(first: int) -> Framing:
    """Return the framing of a connection, by its first byte.

    Raises:
        WireError: neither of the two starts with this byte.
    """
    if first == 0:
        return Sized()
    if first in _SLIP_BEGINS:
        return Slip()
    raise WireError(f"OSC over TCP: started with {first:#04x}; expected SLIP (0xc0) or a size (0x00)")


class Sized:
    """OSC 1.0: the size before each packet."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the packets that are complete now.

        Raises:
            WireError: a size above MAX_PACKET.
        """
        self._waiting += data
        at = 0
        while len(self._waiting) - at >= _SIZE.size:
            (size,) = _SIZE.unpack_from(self._waiting, at)
            if size > MAX_PACKET:
                raise WireError(f"OSC over TCP: a packet of {size} bytes; expected at most {MAX_PACKET}")
            if len(self._waiting) - at < _SIZE.size + size:
                break
            at += _SIZE.size
            if size:
                yield bytes(self._waiting[at : at + size])
            at += size
        del self._waiting[:at]

    def wrap(self, packet: bytes) -> bytes:
        """Return a packet after its size."""
        return _SIZE.pack(len(packet)) + packet


class Slip:
    """OSC 1.1: an END before and after each packet."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the packets that are complete now; an invalid escape is kept unchanged.

        Raises:
            WireError: more than MAX_PACKET bytes without an END.
        """
        *whole, rest = data.split(bytes((_END,)))
        for piece in whole:
            self._wait_for(piece)
            packet, self._waiting = bytes(self._waiting), bytearray()
            if packet:
                yield _unescape(packet)
        self._wait_for(rest)

    def wrap(self, packet: bytes) -> bytes:
        """Return a packet between two ENDs."""
        escaped = packet.replace(bytes((_ESC,)), bytes((_ESC, _ESC_ESC))).replace(
            bytes((_END,)), bytes((_ESC, _ESC_END))
        )
        return bytes((_END,)) + escaped + bytes((_END,))

    def _wait_for(self, piece: bytes) -> None:
        if len(self._waiting) + len(piece) > 2 * MAX_PACKET:  # each byte may be escaped to two
            raise WireError(f"OSC over TCP: a packet without an end; expected at most {MAX_PACKET} bytes")
        self._waiting += piece


def _unescape(packet: bytes) -> bytes:
    return packet.replace(bytes((_ESC, _ESC_END)), bytes((_END,))).replace(bytes((_ESC, _ESC_ESC)), bytes((_ESC,)))
