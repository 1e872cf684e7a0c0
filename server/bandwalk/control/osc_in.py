"""OSC in: UDP on each loopback address. One thread only reads, another one applies the messages.

The kernel drops the newest datagrams when its buffer is full: these hold the last values. So the reading thread takes
all datagrams before it parses any. It asks for a large buffer, logs the size it gets, and counts what the kernel
dropped.
"""

import logging
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from bandwalk.clock import RealClock
from bandwalk.control.binding import bind_all
from bandwalk.control.inbox import Batch, Inbox, Refusal, Rows
from bandwalk.control.throttle import Throttle
from bandwalk.params import LIVE
from bandwalk.params.controller import Address, ConnectedController
from bandwalk.records import Counters
from bandwalk.wire import admit_all

MAX_PACKET = 65536
"""Most bytes of a UDP datagram."""

WANTED_BUFFER = 4 * 1024 * 1024
"""Bytes of receive buffer to ask for; the kernel may grant less, and Linux includes its own overhead."""

_MAX_GULP = 8 * 1024 * 1024  # bytes in memory read before any is parsed
_SO_RXQ_OVFL = 40  # Linux: adds the number of dropped datagrams to each one; the socket module has no name for it
_HAS_DROPS = sys.platform == "linux"

Apply = Callable[[Batch | Refusal], None]
"""Applies one piece of the inbox."""

logger = logging.getLogger(__name__)


class OscIn:
    """Receives OSC, and sends answers and features from the same port.

    Args:
        bind:     address to listen on; 127.0.0.1 and 0.0.0.0 include ::1.
        port:     0: any free port; :attr:`port` has its number.
        counters: gets ``osc_kernel_dropped``, ``osc_dropped``, ``osc_malformed``, ``osc_send_failed``,
            ``osc_failed``, ``osc_barred``.
        may:      returns whether datagrams of an address are read.
        rows:     as of :class:`~bandwalk.control.inbox.Inbox`.

    Raises:
        WireError: the port is taken, or the address is not this machine's.
    """

    def __init__(
        self,
        bind: str,
        port: int,
        *,
        counters: Counters,
        rows: Callable[[], Rows] = lambda: LIVE,
        may: Callable[[str], bool] = admit_all,
    ) -> None:
        self._counters = counters
        self._may = may
        self._sockets = bind_all(bind, port, socket.SOCK_DGRAM, _prepare)
        self._senders = {sock.family: sock for sock in self._sockets}
        self.port: int = self._sockets[0].getsockname()[1]
        self.receive_buffer = min(map(_enlarge, self._sockets))
        """Bytes of the kernel's receive buffer that each socket got."""
        self._inbox = Inbox(counters, rows)
        self._dropped = dict.fromkeys(self._sockets, 0)
        self._faults = Throttle(1, clock=RealClock())
        self._wake, self._woken = socket.socketpair()
        self._jobs: dict[str, Callable[[], None]] = {}
        self._threads: dict[str, threading.Thread] = {}

    def start(self, handler: Apply) -> None:
        """Start to listen; the handler is called in a separate thread, piece by piece."""
        self._jobs = {"osc-drain": self._drain, "osc-apply": partial(self._apply, handler)}
        for name in self._jobs:
            self.revive(name)
        logger.info("OSC in on port %d/udp, receive buffer of %d bytes", self.port, self.receive_buffer)

    def dead(self) -> list[str]:
        """Return the names of its threads that have ended before :meth:`close`."""
        return [name for name, thread in self._threads.items() if not thread.is_alive()]

    def revive(self, name: str) -> bool:
        """Start one of its threads, again if it has ended."""
        self._threads[name] = threading.Thread(target=self._jobs[name], name=name, daemon=True)
        self._threads[name].start()
        return True

    def send(self, packet: bytes, target: Address) -> None:
        """Send an answer, a step or a change, from any thread; what cannot be sent at once is counted and dropped."""
        sock = self._senders.get(socket.AF_INET6 if ":" in target[0] else socket.AF_INET, self._sockets[0])
        try:
            sock.sendto(packet, target)
        except OSError:
            self._counters.add("osc_send_failed")

    def take(self, packet: bytes, controller: ConnectedController) -> None:
        """Take a packet from a connected controller: it has the same effect as a datagram; callable from any thread."""
        with self._counting_errors("reading"):
            self._inbox.put(packet, controller)

    def close(self) -> None:
        """End both threads and free the port."""
        self._inbox.close()
        self._wake.close()  # wakes the reading thread
        for thread in self._threads.values():
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
                with self._counting_errors("receiving"):
                    for packet, controller in self._gulp(sock):
                        with self._counting_errors("reading"):
                            self._inbox.put(packet, controller)

    def _gulp(self, sock: socket.socket) -> list[tuple[bytes, Address]]:
        """Return all waiting datagrams, up to a limit."""
        packets, size = [], 0
        while size < _MAX_GULP:
            try:
                packet, controller = self._receive(sock)
            except BlockingIOError:
                break
            except OSError as e:  # Windows: nobody received an earlier answer
                logger.debug("receiving OSC: %s", e)
                break
            if self._may(controller[0]):
                packets.append((packet, controller))
            else:
                self._counters.add("osc_barred")
            size += len(packet) + 256  # Python's own overhead for it
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
                with self._counting_errors("applying"):
                    handler(piece)

    @contextmanager
    def _counting_errors(self, doing: str) -> Iterator[None]:
        """Count and log an error in our code: an error in one message must not end control for the whole show."""
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
    """Ask for a large receive buffer and return its real size, bytes."""
    wanted = WANTED_BUFFER
    while wanted > sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF):
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
            break
        except OSError:  # macOS refuses a size that Linux reduces
            wanted //= 2
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
