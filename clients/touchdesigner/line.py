"""A WebSocket to the server, in a thread that connects again by itself. A module DAT: it uses no operators.

It needs only the standard library, can show a token, and notices a server that has gone without a word.
"""

import base64
import collections
import hashlib
import os
import select
import socket
import ssl
import threading
import time

PING_S, LOST_S = 1.0, 4.0  # a line on which nothing comes for LOST_S is dead: its pings are not answered
RETRY_S, MAX_RETRY_S = 0.2, 2.0
UNATTENDED_S = 60.0  # a component that was deleted gives no more turns: its threads end
MAX_MESSAGE, MAX_READ, CHUNK = 64 * 2**20, 8 * 2**20, 2**18
MAX_HEAD = 2**14
MAX_WAITING = 1024  # messages to the server
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455

Server = collections.namedtuple("Server", "host base token certificate")
"""Where a server is: its name, its first port, its token or "", the file of its certificate or ""."""


class Parser:
    """Bytes to messages (RFC 6455)."""

    def __init__(self):
        self._data, self._parts, self._kind = bytearray(), [], BINARY

    def feed(self, data):
        """Take bytes, and return the messages that are complete, as (kind, bytes)."""
        self._data += data
        found = []
        while (taken := self._take()) is not None:
            is_last, kind, body = taken
            if kind >= CLOSE:
                found.append((kind, body))
                continue
            self._kind = kind or self._kind
            self._parts.append(body)
            if sum(map(len, self._parts)) > MAX_MESSAGE:
                raise ConnectionError(f"a message of more than {MAX_MESSAGE} bytes")
            if is_last:
                found.append((self._kind, b"".join(self._parts)))
                self._parts = []
        return found

    def _take(self):
        data = self._data
        if len(data) < 2:
            return None
        size, at = data[1] & 127, 2
        if size >= 126:
            at = 4 if size == 126 else 10
            if len(data) < at:
                return None
            size = int.from_bytes(data[2:at], "big")
        if size > MAX_MESSAGE:
            raise ConnectionError(f"a message of {size} bytes; expected at most {MAX_MESSAGE}")
        if len(data) < at + size:
            return None
        first, body = data[0], bytes(data[at : at + size])
        del data[: at + size]
        return bool(first & 128), first & 15, body


def to_frame(kind, body=b""):
    """Return a message as bytes; what clients send is masked."""
    size, mask = len(body), os.urandom(4)
    head = bytes([128 | min(size, 126)]) + (size.to_bytes(2, "big") if size >= 126 else b"")
    return bytes([128 | kind]) + head + mask + bytes(byte ^ mask[n & 3] for n, byte in enumerate(body))


class Line(threading.Thread):
    """Keeps one WebSocket open until it is stopped.

    Args:
        server:      a Server.
        path:        "/" or "/frames".
        on_messages: called in this thread with the list of messages that have come, as (kind, bytes).
        on_open:     called in this thread when the line is open.
        make_ping:   returns what is sent every PING_S.

    Attributes:
        state:    connecting, connected, or lost: and why.
        attended: set by the main thread in each of its turns, time.monotonic().
        tries:    attempts to connect.
    """

    def __init__(self, server, path, on_messages, on_open=None, make_ping=lambda: to_frame(PING)):
        super().__init__(name=f"bandwalk {path}", daemon=True)
        self.state, self.attended, self.tries = "connecting", time.monotonic(), 0
        self._server, self._path, self._make_ping = server, path, make_ping
        self._on_messages, self._on_open = on_messages, on_open
        self._outbox = collections.deque(maxlen=MAX_WAITING)
        self._stop_asked = threading.Event()
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)

    @property
    def is_open(self):
        """Whether the server is there."""
        return self.state == "connected"

    def send(self, kind, body):
        """Send a message, if the line is open; never waits."""
        if self.is_open:
            self._outbox.append(to_frame(kind, body))
            self._wake()

    def stop(self):
        """Ask the thread to end; what comes later is not passed on."""
        self._stop_asked.set()
        self._wake()

    def _is_over(self):
        return self._stop_asked.is_set() or time.monotonic() - self.attended > UNATTENDED_S

    def _wake(self):
        try:
            self._waker.send(b"1")
        except OSError:  # it has been woken often enough, or has ended
            return

    def run(self):
        wait_s = RETRY_S
        while not self._is_over():
            self.tries += 1
            try:
                sock, rest = _connect(self._server, self._path)
                with sock:
                    wait_s = RETRY_S
                    self._serve(sock, rest)
            except (OSError, ValueError) as e:
                self.state = f"lost: {e}"
            self._stop_asked.wait(wait_s)
            wait_s = min(2 * wait_s, MAX_RETRY_S)
        self._woken.close()
        self._waker.close()

    def _serve(self, sock, rest):
        """Pass on what comes until the line breaks."""
        self._outbox.clear()
        self.state = "connected"
        if self._on_open:
            self._on_open()
        parser, pinged, heard = Parser(), 0.0, time.monotonic()
        self._pass_on(sock, parser.feed(rest))
        while not self._is_over():
            now = time.monotonic()
            if now - pinged >= PING_S:
                pinged = now
                sock.sendall(self._make_ping())
            while self._outbox:
                sock.sendall(self._outbox.popleft())
            data = self._read(sock)
            if data:
                heard = time.monotonic()
                self._pass_on(sock, parser.feed(data))
            elif time.monotonic() - heard > LOST_S:
                raise TimeoutError(f"nothing came for {LOST_S:g} s")

    def _read(self, sock):
        """Wait a little, and return all that has come: of many frames the newest is shown."""
        if not _has_more(sock):
            select.select([sock, self._woken], [], [], PING_S / 2)
        if select.select([self._woken], [], [], 0)[0]:
            self._woken.recv(4096)
        data = bytearray()
        while len(data) < MAX_READ and _has_more(sock):
            more = sock.recv(CHUNK)
            if not more:
                raise ConnectionError("the server has closed the line")
            data += more
        return data

    def _pass_on(self, sock, messages):
        for kind, body in messages:
            if kind == PING:
                sock.sendall(to_frame(PONG, body))
            elif kind == CLOSE:
                raise ConnectionError("the server has closed the line")
        wanted = [message for message in messages if message[0] in (TEXT, BINARY)]
        if wanted and not self._stop_asked.is_set():
            self._on_messages(wanted)


def _has_more(sock):
    """Return whether something can be read at once, also what TLS has decrypted already."""
    return bool(getattr(sock, "pending", int)() or select.select([sock], [], [], 0)[0])


def open_socket(server):
    """Return a connection to the server's HTTP port, with TLS if it has a certificate.

    Raises:
        OSError: nobody is there, or it is not the server of the certificate.
    """
    context = _trust(server.certificate) if server.certificate else None
    sock = socket.create_connection((server.host, server.base + 3), LOST_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(sock, server_hostname=server.host) if context else sock


def _trust(certificate):
    try:
        return ssl.create_default_context(cafile=certificate)
    except OSError as e:
        raise OSError(f"Certificate: {certificate}: {e.strerror or e}") from e


def head_of(server, path, *lines):
    """Return the head of a request."""
    host = f"[{server.host}]" if ":" in server.host else server.host
    token = [f"Authorization: Bearer {server.token}"] if server.token else []
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}:{server.base + 3}", *token, *lines, "", ""]).encode()


def _connect(server, path):
    """Open a WebSocket; return it, and the bytes that came after the server's head."""
    sock = open_socket(server)
    try:
        key = base64.b64encode(os.urandom(16))
        upgrade = "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"
        sock.sendall(head_of(server, path, *upgrade, f"Sec-WebSocket-Key: {key.decode()}"))
        head, rest = _read_head(sock)
        status = head.split(maxsplit=2)[1:2]
        if status == [b"401"]:
            raise ConnectionError("the server wants a token, and this one is wrong (Token file)")
        if status != [b"101"]:
            raise ConnectionError(f"answered {head[:80].decode('ascii', 'replace')!r}; is this a bandwalk server?")
        if base64.b64encode(hashlib.sha1(key + MAGIC).digest()) not in head:
            raise ConnectionError("an answer that does not belong to the question")
    except BaseException:
        sock.close()
        raise
    return sock, rest


def _read_head(sock):
    data, deadline = b"", time.monotonic() + LOST_S
    while b"\r\n\r\n" not in data:
        more = sock.recv(4096)
        if not more or len(data) > MAX_HEAD or time.monotonic() > deadline:
            raise ConnectionError("no answer; is this a bandwalk server, or does it want HTTPS (Certificate)?")
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest
