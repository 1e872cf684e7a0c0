"""Limits the subscribers of the frame socket, in all and per peer.

ZeroMQ accepts connections by itself, without a limit; the gate is notified right afterwards. A connection too many is
not read (SO_RCVLOWAT is above the size of a handshake), so it gets no frame and costs nothing, and is closed a
few seconds later. It is not closed at once, because a ZeroMQ client reconnects ten times a second, and a thousand of
them would keep a core busy. Only if descriptors are scarce it is closed at once.
"""

import itertools
import logging
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import zmq

from bandwalk.records import Counters
from bandwalk.wire import admit_all, peer_of

MAX_SUBSCRIBERS = 128
"""Most connections that get frames at a time."""

MAX_OF_PEER = 64
"""Most of them from one peer."""

MAX_CONNECTIONS = 512
"""Most connections including those that wait to be closed, unless the process has descriptors for more."""

HOLD_S = 5.0
"""Delay before a connection too many is closed."""

SLIPPED_S = 0.5
"""If its handshake was read before the notification, it gets frames, and is closed after 1 to 3 times this delay."""

_MUTE_BYTES = 64 * 1024
_GREETING = 64
_REPORT_S = 10.0
_JOIN_S = 0.5
_EVENTS = zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED | zmq.EVENT_ACCEPT_FAILED | zmq.EVENT_MONITOR_STOPPED
_numbers = itertools.count()

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Connection:
    """An accepted connection.

    address: the peer's (ip, port).
    ends:    monotonic time at which it is closed; None: it has a place.
    """

    peer: str
    address: tuple[str, int]
    ends: float | None = None


class SubscriberLimit:
    """Watches a socket's connections on a thread, until :meth:`close`.

    Args:
        xpub:     the socket, not bound yet.
        n_max:    most connections at a time, including those that wait to be closed.
        counters: gets ``frames_refused`` and ``frames_barred``.
        may:      returns whether an address may have frames.
    """

    def __init__(
        self,
        xpub: "zmq.Socket[bytes]",
        *,
        n_max: int,
        counters: Counters,
        may: Callable[[str], bool] = admit_all,
    ) -> None:
        self._may = may
        self._xpub = xpub
        self._n_max = n_max
        self._counters = counters
        self._known: dict[int, _Connection] = {}  # by descriptor
        self._placed: dict[str, int] = {}  # places taken, by peer
        self._reported = 0.0
        address = f"inproc://subscriber-limit-{next(_numbers)}"
        self._monitor = xpub.context.socket(zmq.PAIR)
        self._monitor.setsockopt(zmq.RCVHWM, 0)  # necessary: ZeroMQ's own thread would wait for this thread
        xpub.monitor(address, _EVENTS)
        self._monitor.connect(address)
        self._thread = threading.Thread(target=self._watch, name="frame-subscribers", daemon=True)
        self._thread.start()

    def dead(self) -> list[str]:
        """Return the name of its thread if it has ended before :meth:`close`."""
        return [] if self._thread.is_alive() else [self._thread.name]

    def close(self) -> None:
        """End the thread; call it before the socket is closed."""
        if self._thread.is_alive():
            self._xpub.monitor(None, 0)
            self._thread.join(_JOIN_S)

    def _watch(self) -> None:
        try:
            while True:
                if self._monitor.poll(self._patience_ms()):
                    event, _ = self._monitor.recv_multipart()
                    kind, fd = struct.unpack("=HI", event)
                    if kind == zmq.EVENT_MONITOR_STOPPED:
                        return
                    self._note(kind, fd)
                self._close_due(time.monotonic())
        except zmq.ZMQError:
            return  # the context was closed
        finally:
            self._monitor.close(linger=0)

    def _patience_ms(self) -> int:
        """Return the time until the next connection has to be closed."""
        ends = [connection.ends for connection in self._known.values() if connection.ends is not None]
        return max(0, round((min(ends) - time.monotonic()) * 1e3)) + 1 if ends else -1

    def _note(self, kind: int, fd: int) -> None:
        if kind == zmq.EVENT_ACCEPT_FAILED:
            self._counters.add("frames_refused")
            return
        self._forget(fd)
        if kind == zmq.EVENT_ACCEPTED:
            self._judge(fd)

    def _forget(self, fd: int) -> None:
        connection = self._known.pop(fd, None)
        if connection is not None and connection.ends is None:
            self._placed[connection.peer] -= 1
            if not self._placed[connection.peer]:
                del self._placed[connection.peer]

    def _judge(self, fd: int) -> None:
        """Give a new connection a place, or note when to close it."""
        with _borrowed(fd) as sock:
            address = _address_of(sock)
            if sock is None or address is None:
                return  # gone already
            if not self._may(address[0]):  # it takes no place of others while ZeroMQ asks the gate
                self._counters.add("frames_barred")
                sock.shutdown(socket.SHUT_RDWR)
                return
            connection = self._known[fd] = _Connection(peer_of(address[0]), address)
            placed = self._placed.get(connection.peer, 0)
            if placed < MAX_OF_PEER and sum(self._placed.values()) < MAX_SUBSCRIBERS:
                self._placed[connection.peer] = placed + 1
                return
            self._refuse(connection, sock, fd)

    def _refuse(self, connection: _Connection, sock: socket.socket, nth: int) -> None:
        now = time.monotonic()
        connection.ends = now + HOLD_S * (1 + nth % 32 / 32)  # not all at once
        self._counters.add("frames_refused")
        if now - self._reported > _REPORT_S:
            self._reported = now
            placed = self._placed.get(connection.peer, 0)
            logger.warning("frames: %s has too many connections (%d places); closing one", connection.peer, placed)
        if len(self._known) > self._n_max:
            sock.shutdown(socket.SHUT_RDWR)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, _MUTE_BYTES)
            if _bytes_read(sock) > _GREETING:
                connection.ends = now + SLIPPED_S * (1 + nth % 32 / 16)

    def _close_due(self, now: float) -> None:
        for fd, connection in self._known.items():
            if connection.ends is None or connection.ends > now:
                continue
            connection.ends = now + HOLD_S  # tried again if the notice of its end is late
            with _borrowed(fd) as sock:
                # the descriptor may already belong to a new connection
                if sock is not None and _address_of(sock) == connection.address:
                    sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _borrowed(fd: int) -> Iterator[socket.socket | None]:
    """Use a descriptor of ZeroMQ as a socket, without closing it; None if it is already closed."""
    try:
        sock = socket.socket(fileno=fd)
    except OSError:
        yield None
        return
    try:
        yield sock
    except OSError as e:
        logger.debug("frames: connection %d: %s", fd, e)
    finally:
        sock.detach()


def _address_of(sock: socket.socket | None) -> tuple[str, int] | None:
    """Return the peer's (ip, port), if it is still connected."""
    try:
        return sock.getpeername()[:2] if sock is not None else None
    except OSError:
        return None


def _bytes_read(sock: socket.socket) -> int:
    """Return the bytes already read from a connection; 0 if the system does not say (not Linux)."""
    if sys.platform != "linux":
        return 0
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 136)
    (received,) = struct.unpack_from("=Q", info, 128) if len(info) >= 136 else (0,)  # tcpi_bytes_received
    import fcntl
    import termios

    (waiting,) = struct.unpack("=i", fcntl.ioctl(sock, termios.FIONREAD, bytes(4)))
    return int(received - waiting)
