"""OSC over TCP on the number of the control port: the same messages, answered on the same connection.

One thread accepts and reads. Any thread writes its answer directly, as far as the kernel takes it; the first thread
writes the rest later. There are limits for the number of connections, in all and per machine, for the size of a packet,
and for what waits for a slow client, where the newest is kept.
"""

import contextlib
import logging
import selectors
import socket
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable

from bandwalk.clock import RealClock
from bandwalk.control.binding import bind_all
from bandwalk.control.framing import Framing, framing_of
from bandwalk.control.throttle import Throttle
from bandwalk.errors import WireError
from bandwalk.params.controller import ConnectedController
from bandwalk.records import Counters
from bandwalk.wire import admit_all, parse_ip

MAX_CONNECTIONS = 32
"""Most connections at a time."""

MAX_OF_PEER = 16
"""Most connections of one machine."""

MAX_WAITING = 128 * 1024
"""Most bytes that wait for one client; beyond it the oldest packets are dropped."""

_NAME = "osc-tcp"
_READ = 65536
_BACKLOG = 32
_NO_ROOM_S = 0.05
_GONE_S = 10
"""Seconds without an answer after which a connection is closed (a pulled cable, a closed laptop)."""

TakePacket = Callable[[bytes, ConnectedController], None]
"""Takes a packet and the controller that sent it."""

logger = logging.getLogger(__name__)


class TcpController(ConnectedController):
    """A controller on one TCP connection."""

    def __init__(
        self, sock: socket.socket, address: tuple[str, int], *, counters: Counters, wake: Callable[[], None]
    ) -> None:
        super().__init__(f"TCP {address[0]}:{address[1]}", address[0])
        self.socket = sock
        self.framing: Framing | None = None
        self._counters = counters
        self._wake = wake
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._lock = threading.Lock()

    def answer(self, packet: bytes) -> None:
        """Send a packet; callable from any thread, never waits."""
        if self.framing is None:
            return
        with self._lock:
            self._waiting.append(self.framing.wrap(packet))
            self._size += len(self._waiting[-1])
            while self._size > MAX_WAITING and len(self._waiting) > 2:  # the first one may be half sent
                self._size -= len(self._waiting[1])
                del self._waiting[1]
                self._counters.add("osc_out_dropped")
            self._write()
            is_left = bool(self._waiting)
        if is_left:
            self._wake()

    def write(self) -> bool:
        """Send what waits, as far as the kernel takes it; return whether something is left."""
        with self._lock:
            self._write()
            return bool(self._waiting)

    def _write(self) -> None:
        with contextlib.suppress(BlockingIOError):
            try:
                while self._waiting:
                    sent = self.socket.send(self._waiting[0])
                    self._size -= sent
                    rest = self._waiting.popleft()[sent:]
                    if rest:
                        self._waiting.appendleft(rest)
            except BlockingIOError:
                raise
            except OSError:  # the client is gone: the reading thread notices it, too
                self._waiting.clear()
                self._size = 0


class OscTcp:
    """The TCP side of control.

    Args:
        bind:     as in :class:`~bandwalk.control.osc_in.OscIn`.
        port:     0: a free port.
        take:     takes each packet: :meth:`OscIn.take`.
        counters: gets ``osc_refused`` (connections too many), ``osc_malformed``, ``osc_out_dropped``, ``osc_barred``.
        may:      returns whether an address may connect.

    Raises:
        WireError: the port is taken, or the address is not this machine's.
    """

    def __init__(
        self, bind: str, port: int, *, take: TakePacket, counters: Counters, may: Callable[[str], bool] = admit_all
    ) -> None:
        self._may = may
        self._doors = bind_all(bind, port, socket.SOCK_STREAM, lambda sock: sock.listen(_BACKLOG))
        self.port: int = self._doors[0].getsockname()[1]
        self._take = take
        self._counters = counters
        self._streams: dict[socket.socket, TcpController] = {}
        self._said = Throttle(1, clock=RealClock())
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start to listen."""
        for sock in (*self._doors, self._woken):
            self._selector.register(sock, selectors.EVENT_READ)
        self.revive(_NAME)

    def dead(self) -> list[str]:
        """Return the name of its thread if it has ended before :meth:`close`."""
        return [_NAME] if self._thread is not None and not self._thread.is_alive() else []

    def revive(self, name: str) -> bool:
        """Start its thread, again if it has ended."""
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()
        return True

    def close(self) -> None:
        """End all connections and free the port."""
        self._stop.set()
        self._wake()
        if self._thread is not None:
            self._thread.join()
        for sock in (*self._streams, *self._doors, self._waker, self._woken):
            sock.close()
        self._selector.close()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: the thread wakes up anyway; closed: it has ended
            self._waker.send(b"\0")

    def _serve(self) -> None:
        while not self._stop.is_set():
            for key, _ in self._selector.select():
                try:
                    self._act(key.fileobj)  # type: ignore[arg-type]
                except Exception:
                    self._counters.add("osc_failed")
                    if self._said.passes():
                        logger.exception("OSC over TCP")
            self._attend()

    def _act(self, sock: socket.socket) -> None:
        if sock is self._woken:
            with contextlib.suppress(BlockingIOError):
                sock.recv(_READ)
        elif sock in self._doors:
            self._accept(sock)
        elif sock in self._streams:
            self._read(self._streams[sock])

    def _attend(self) -> None:
        """Wait for room to write only where something waits to be sent."""
        for sock, stream in self._streams.items():
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if stream.write() else 0)
            if self._selector.get_key(sock).events != wanted:
                self._selector.modify(sock, wanted)

    def _accept(self, listener: socket.socket) -> None:
        try:
            sock, address = listener.accept()
        except OSError as e:  # the client left, or there is no free descriptor: then do not try without pause
            self._say(f"TCP: {e}")
            self._stop.wait(_NO_ROOM_S)
            return
        ip = str(address[0])
        if not self._may(ip):
            self._counters.add("osc_barred")
            sock.close()
            return
        of_peer = Counter(parse_ip(stream.ip) for stream in self._streams.values())[parse_ip(ip)]
        if len(self._streams) >= MAX_CONNECTIONS or of_peer >= MAX_OF_PEER:
            self._counters.add("osc_refused")
            self._say(f"{ip}: {len(self._streams)} connections are open, {of_peer} from this machine; refused")
            sock.close()
            return
        sock.setblocking(False)
        _prepare(sock)
        self._streams[sock] = TcpController(sock, address[:2], counters=self._counters, wake=self._wake)
        self._selector.register(sock, selectors.EVENT_READ)

    def _read(self, stream: TcpController) -> None:
        try:
            data = stream.socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(stream)
            return
        try:
            stream.framing = stream.framing or framing_of(data[0])
            for packet in stream.framing.feed(data):
                self._take(packet, stream)
        except WireError as e:
            self._counters.add("osc_malformed")
            self._say(f"{stream.name}: {e}; disconnected")
            self._drop(stream)

    def _drop(self, stream: TcpController) -> None:
        del self._streams[stream.socket]
        self._selector.unregister(stream.socket)
        stream.socket.close()

    def _say(self, line: str) -> None:
        if self._said.passes():
            logger.warning("OSC over %s", line)


def _prepare(sock: socket.socket) -> None:
    """Limit what the kernel buffers for a slow client, and let it notice a client that is gone."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_WAITING)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _GONE_S // 2)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _GONE_S // 2)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _GONE_S * 1000)
