"""Publishes frames over ZeroMQ: each message is one JPEG file. A subscriber that stalls delays nobody.

Incoming data is limited: a subscription longer than MAX_MESSAGE bytes ends its connection, and so does a new topic
when MAX_TOPICS are known. ZeroMQ stores every topic of every connection without a limit, hence the limit here. (Frames
have no topics: clients subscribe to the empty one, which is always accepted.)
"""

import contextlib
import itertools
import logging
import socket
from collections.abc import Callable
from pathlib import Path

import zmq

from bandwalk.errors import ParameterError, WireError
from bandwalk.output.frame_gate import FrameGate
from bandwalk.output.subscriber_limit import MAX_CONNECTIONS, SubscriberLimit
from bandwalk.records import Counters
from bandwalk.wire import (
    CLIENT,
    PUBLIC,
    SECRET,
    SERVER,
    addresses_of,
    admit_all,
    first_address,
    not_this_machine,
    port_is_taken,
    read_keys,
)

logger = logging.getLogger(__name__)

SEND_HWM = 2
"""Most frames queued for one subscriber: the one being sent and the next; others are dropped for it."""

MAX_MESSAGE = 1024
"""Most bytes of one incoming message; normal ones (a handshake with keys) have a few hundred. ZeroMQ stores a node
per byte of a topic, so a long topic would cost many times its length."""

MAX_TOPICS = 64
MAX_NOTICES = 1000
"""Most incoming messages that wait; a client that sends more is disconnected."""

HANDSHAKE_MS = 5000
"""A connection without a handshake is closed after this time."""

HEARTBEAT_MS, HEARTBEAT_TIMEOUT_MS = 1000, 5000
"""A peer that disappears (a pulled cable, a closed laptop) is noticed after the timeout."""


class Publisher:
    """The frame socket; only the sending thread may use it.

    Args:
        bind:     address or name of this machine; 0.0.0.0 for all of its addresses.
        port:     TCP port; 0: a free one.
        counters: count "expelled" (disconnected for what they sent) and "frames_refused" (connections too many).
        n_max:    most connections at a time, including those that wait to be closed.
        may:      returns whether an address may have frames.
        curve:    folder with the keys of CURVE; None: frames are not encrypted.

    Raises:
        WireError: the port is taken, or the address is not one of this machine.
    """

    def __init__(
        self,
        bind: str,
        port: int,
        *,
        counters: Counters,
        n_max: int = MAX_CONNECTIONS,
        may: Callable[[str], bool] = admit_all,
        curve: Path | None = None,
    ) -> None:
        self._counters = counters
        self._topics: set[bytes] = set()
        clients = None if curve is None else read_keys(curve / (CLIENT + PUBLIC))
        secret = None if curve is None else read_keys(curve / (SERVER + SECRET))[0]
        self._context = zmq.Context()
        self._socket = _open_socket(self._context)
        if secret is not None:
            _encrypt(self._socket, secret)
        is_open = may is admit_all and clients is None
        self._gate = None if is_open else FrameGate(self._context, may=may, clients=clients, counters=counters)
        if not is_open:
            self._socket.setsockopt(zmq.ZAP_DOMAIN, b"frames")
        self._limit = SubscriberLimit(self._socket, n_max=n_max, counters=counters, may=may)
        try:
            self.endpoint = _bind(self._socket, bind, port)
        except BaseException:
            self.close()
            raise
        self.port = int(self.endpoint.rpartition(":")[2])

    def send(self, jpeg: bytes) -> None:
        """Send one JPEG file to all subscribers; never waits."""
        self._take_notices()
        self._socket.send(jpeg, zmq.NOBLOCK)  # up to 500 KB the copy is faster than passing the buffer

    @property
    def watched(self) -> bool:
        """Return whether there is a subscriber."""
        self._take_notices()
        return bool(self._topics)

    def dead(self) -> list[str]:
        """Return the names of its threads that have ended before :meth:`close`."""
        return self._limit.dead() + (self._gate.dead() if self._gate is not None else [])

    def revive(self, name: str) -> bool:
        """Return False: what watches a socket of ZeroMQ cannot be exchanged while it is in use."""
        return False

    def close(self) -> None:
        """Close the socket at once; queued frames are lost."""
        self._limit.close()
        if self._gate is not None:
            self._gate.close()
        self._context.destroy(linger=0)

    def _take_notices(self) -> None:
        """Read the notices of subscriptions, without waiting."""
        for n in itertools.count():
            try:
                notice = self._socket.recv(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            if not self._note(notice.bytes) or n >= MAX_NOTICES:
                self._expel(notice)

    def _note(self, notice: bytes) -> bool:
        """Count the topic of a notice (1 + topic: its first subscriber came, 0 + topic: its last one left).

        Returns:
            False if it is a topic too many.
        """
        kind, topic = notice[:1], notice[1:]
        if kind == b"\x00":
            self._topics.discard(topic)
        elif kind == b"\x01":
            if topic and len(self._topics) >= MAX_TOPICS:
                return False
            self._topics.add(topic)
        return True

    def _expel(self, notice: zmq.Frame) -> None:
        """Close the connection that sent a notice; ZeroMQ then removes its topics."""
        try:
            fd, address = notice.get(zmq.SRCFD), notice.get("Peer-Address")
            connection = socket.socket(fileno=int(fd))
        except (zmq.ZMQError, OSError):
            return  # it is already gone
        try:
            if connection.getpeername()[0] == address:  # the descriptor may already belong to a new connection
                connection.shutdown(socket.SHUT_RDWR)
                self._counters.add("expelled")
                logger.warning("frames: disconnected %s, which sent too many subscriptions", address)
        except OSError as e:
            logger.debug("frames: disconnecting %s: %s", address, e)
        finally:
            connection.detach()  # ZeroMQ owns the descriptor and closes it


def _open_socket(context: "zmq.Context[zmq.Socket[bytes]]") -> "zmq.Socket[bytes]":
    xpub = context.socket(zmq.XPUB)
    for option, value in (
        (zmq.SNDHWM, SEND_HWM),
        (zmq.RCVHWM, MAX_TOPICS),
        (zmq.MAXMSGSIZE, MAX_MESSAGE),
        (zmq.LINGER, 0),
        (zmq.HANDSHAKE_IVL, HANDSHAKE_MS),
        (zmq.HEARTBEAT_IVL, HEARTBEAT_MS),
        (zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS),
    ):
        xpub.setsockopt(option, value)
    return xpub


def _encrypt(xpub: "zmq.Socket[bytes]", secret: bytes) -> None:
    try:
        xpub.curve_publickey = zmq.curve_public(secret)
        xpub.curve_secretkey = secret
        xpub.curve_server = True
    except zmq.ZMQError as e:
        raise ParameterError(f"--curve: {e.strerror}; expected keys of bandwalk keys, and ZeroMQ with CURVE") from e


def _bind(xpub: "zmq.Socket[bytes]", bind: str, port: int) -> str:
    """Bind to all addresses that bind means, and return the first endpoint with its real port."""
    first, *others = addresses_of(bind)
    endpoint = _bind_one(xpub, first, port)
    for address in others:
        with contextlib.suppress(WireError):  # a machine without IPv6, or the port is used there
            _bind_one(xpub, address, int(endpoint.rpartition(":")[2]))
    return endpoint


def _bind_one(xpub: "zmq.Socket[bytes]", bind: str, port: int) -> str:
    family, address = _resolve(bind)
    if family == socket.AF_INET6:
        xpub.setsockopt(zmq.IPV6, 1)
        address = f"[{address}]"
    try:
        xpub.bind(f"tcp://{address}:{port or '*'}")
    except zmq.ZMQError as e:
        raise _bind_error(e, bind, port) from e
    return xpub.getsockopt_string(zmq.LAST_ENDPOINT)


def _resolve(bind: str) -> tuple[int, str]:
    """Return (family, address) of a name or an address; IPv4 first, since clients default to 127.0.0.1."""
    try:
        found = socket.getaddrinfo(bind, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as e:
        raise not_this_machine(bind, e) from e
    family, address = first_address(found)
    return family, str(address[0])


def _bind_error(error: zmq.ZMQError, bind: str, port: int) -> WireError:
    if error.errno == zmq.EADDRINUSE:
        return port_is_taken("frames", port, bind)
    return not_this_machine(bind, f"port {port}/tcp: {zmq.strerror(error.errno or 0)}")
