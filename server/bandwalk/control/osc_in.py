"""OSC in: UDP on each loopback, one thread that does nothing but drain it, one that applies what has gathered.

The kernel keeps what has not been read, and drops the newest when its buffer is full: exactly the last values. So
the reader takes all that lies there before it parses any of it, asks for a large buffer, and says what it was
granted and what the kernel dropped.
"""

import logging
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bandwalk.clock import RealClock
from bandwalk.control.binding import bind_all
from bandwalk.control.inbox import Inbox, Refusal, Rows, Run
from bandwalk.control.throttle import Throttle
from bandwalk.params import LIVE
from bandwalk.params.controller import Address, ConnectedController
from bandwalk.records import Counters

MAX_PACKET = 65536
"""Bytes; no UDP datagram is longer."""

WANTED_BUFFER = 4 * 1024 * 1024
"""Bytes asked of the kernel; it may grant less, and Linux counts its own overhead in."""

_MAX_GULP = 8 * 1024 * 1024  # bytes in memory read before any is parsed
_SO_RXQ_OVFL = 40  # Linux: tells with a datagram how many before it were dropped; the socket module has no name for it
_HAS_DROPS = sys.platform == "linux"

Apply = Callable[[Run | Refusal], None]
"""Applies a piece of what has gathered."""

logger = logging.getLogger(__name__)


class OscIn:
    """The server's ear for OSC, and the mouth for answers and features: they leave from the port that was asked.

    Args:
        bind:     address to listen on; where it is 127.0.0.1 or 0.0.0.0, ::1 is listened on too.
        port:     0: any free one, to be read from :attr:`port`.
        counters: gets ``osc_kernel_dropped``, ``osc_dropped``, ``osc_malformed``, ``osc_send_failed``,
            ``osc_failed``.
        rows:     as of :class:`~bandwalk.control.inbox.Inbox`.

    Raises:
        WireError: the port is taken, or the address is not this machine's.
    """

    def __init__(self, bind: str, port: int, *, counters: Counters, rows: Callable[[], Rows] = lambda: LIVE) -> None:
        self._counters = counters
        self._sockets = bind_all(bind, port, socket.SOCK_DGRAM, _prepare)
        self._mouths = {sock.family: sock for sock in self._sockets}
        self.port: int = self._sockets[0].getsockname()[1]
        self.receive_buffer = min(map(_enlarge, self._sockets))
        """Bytes of the kernel's receive buffer, as granted to each socket."""
        self._inbox = Inbox(counters, rows)
        self._dropped = dict.fromkeys(self._sockets, 0)
        self._faults = Throttle(1, clock=RealClock())
        self._wake, self._woken = socket.socketpair()
        self._threads: list[threading.Thread] = []

    def start(self, handler: Apply) -> None:
        """Begin to listen; the handler is called in a thread of its own, piece by piece."""
        self._threads = [
            threading.Thread(target=self._drain, name="osc-drain", daemon=True),
            threading.Thread(target=self._apply, args=(handler,), name="osc-apply", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        logger.info("OSC in on port %d/udp, receive buffer of %d bytes", self.port, self.receive_buffer)

    def send(self, packet: bytes, target: Address) -> None:
        """Send an answer, a step or a change, from any thread; what cannot be sent at once is counted and forgotten."""
        sock = self._mouths.get(socket.AF_INET6 if ":" in target[0] else socket.AF_INET, self._sockets[0])
        try:
            sock.sendto(packet, target)
        except OSError:
            self._counters.add("osc_send_failed")

    def take(self, packet: bytes, controller: ConnectedController) -> None:
        """Take a packet that came on another line (a WebSocket): it does what a datagram does; from any thread."""
        with self._going_on("reading"):
            self._inbox.put(packet, controller)

    def close(self) -> None:
        """End both threads and free the port."""
        self._inbox.close()
        self._wake.close()  # the other end becomes readable
        for thread in self._threads:
            thread.join()
        self._woken.close()
        for sock in self._sockets:
            sock.close()

    def _drain(self) -> None:
        while True:
            ready, _, _ = select.select([*self._sockets, self._woken], [], [])
            if self._woken in ready:
                return
            for sock in ready:
                with self._going_on("receiving"):
                    for packet, controller in self._gulp(sock):
                        with self._going_on("reading"):
                            self._inbox.put(packet, controller)

    def _gulp(self, sock: socket.socket) -> list[tuple[bytes, Address]]:
        """Return all datagrams that lie ready, up to a limit."""
        packets, size = [], 0
        while size < _MAX_GULP:
            try:
                packet, controller = self._receive(sock)
            except BlockingIOError:
                break
            except OSError as e:  # Windows: an earlier answer found nobody
                logger.debug("receiving OSC: %s", e)
                break
            packets.append((packet, controller))
            size += len(packet) + 256  # what Python needs to hold it
        return packets

    def _receive(self, sock: socket.socket) -> tuple[bytes, Address]:
        if not _HAS_DROPS:
            packet, controller = sock.recvfrom(MAX_PACKET)
            return packet, controller[:2]
        packet, notes, _, controller = sock.recvmsg(MAX_PACKET, socket.CMSG_SPACE(4))
        for level, kind, data in notes:
            if level == socket.SOL_SOCKET and kind == _SO_RXQ_OVFL:
                self._count_dropped(sock, int.from_bytes(data, sys.byteorder))
        return packet, controller[:2]

    def _count_dropped(self, sock: socket.socket, total: int) -> None:
        if total != self._dropped[sock]:
            self._counters.add("osc_kernel_dropped", (total - self._dropped[sock]) % 2**32)
            self._dropped[sock] = total

    def _apply(self, handler: Apply) -> None:
        while (gathered := self._inbox.take()) is not None:
            for piece in gathered:
                with self._going_on("applying"):
                    handler(piece)

    @contextmanager
    def _going_on(self, doing: str) -> Iterator[None]:
        """Count and log a fault of ours: one in one message must not end control for the rest of the show."""
        try:
            yield
        except Exception:
            self._counters.add("osc_failed")
            if self._faults.passes():
                logger.exception("%s OSC messages", doing)


def _prepare(sock: socket.socket) -> None:
    if _HAS_DROPS:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)


def _enlarge(sock: socket.socket) -> int:
    """Ask for a large receive buffer and return what is granted, bytes."""
    wanted = WANTED_BUFFER
    while wanted > sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF):
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
            break
        except OSError:  # macOS refuses what Linux cuts down
            wanted //= 2
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
