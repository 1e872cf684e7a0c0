"""Clients of a show that soak.py lets come and go: some read, some stall, some send what makes no sense."""

import base64
import contextlib
import random
import socket
import threading
import time

import zmq


class Client:
    """A client in a thread of its own, which leaves by itself.

    Args:
        turn:    works for a moment; an OSError ends the client.
        leave:   closes what it has.
        seconds: how long it stays.
    """

    def __init__(self, turn, leave, seconds):
        self._turn, self._leave, self._end = turn, leave, time.monotonic() + seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_over(self):
        """Whether it has left."""
        return not self._thread.is_alive()

    def _run(self):
        with contextlib.suppress(OSError, zmq.ZMQError):
            while time.monotonic() < self._end and not self._ended.is_set():
                self._turn()
        with contextlib.suppress(OSError, zmq.ZMQError):
            self._leave()

    def close(self):
        """Let it leave now."""
        self._ended.set()
        self._thread.join()


def zeromq(show, context, seconds, *, reads):
    """Return a subscriber to frames, which reads them, or stalls."""
    sock = context.socket(zmq.SUB)
    sock.setsockopt(zmq.SUBSCRIBE, b"")
    sock.setsockopt(zmq.RCVHWM, 2)
    sock.setsockopt(zmq.LINGER, 0)
    sock.connect(f"tcp://127.0.0.1:{show.port + 2}")

    def turn():
        if reads and sock.poll(100):
            sock.recv()
        elif not reads:
            time.sleep(0.1)

    return Client(turn, sock.close, seconds)


def websocket(show, seconds, path, *, reads):
    """Return a WebSocket client of frames ("/frames") or of changes ("/"), which reads, or stalls."""
    line = socket.create_connection(("127.0.0.1", show.port + 3), 5)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    key = base64.b64encode(bytes(16)).decode()
    host = f"Host: 127.0.0.1:{show.port + 3}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    line.sendall(f"GET {path} HTTP/1.1\r\n{host}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
    line.settimeout(0.2)
    if path == "/":
        text = b'{"COMMAND": "LISTEN", "DATA": "/feature/low/level"}'
        line.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)

    def turn():
        if not reads:
            time.sleep(0.1)
            return
        with contextlib.suppress(TimeoutError):
            if not line.recv(1 << 20):
                raise ConnectionResetError

    return Client(turn, line.close, seconds)


def osc(show, seconds, *, leaves):
    """Return an OSC subscriber, which takes leave at its end, or is only gone."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    line.settimeout(0.2)
    line.sendto(b"/subscribe\0\0,\0\0\0", ("127.0.0.1", show.port))

    def turn():
        with contextlib.suppress(TimeoutError):
            line.recv(65536)

    def leave():
        if leaves:
            line.sendto(b"/unsubscribe\0\0\0\0,\0\0\0", ("127.0.0.1", show.port))
        line.close()

    return Client(turn, leave, seconds)


def flood(show, seconds, per_s=20_000):
    """Send OSC at such a rate: half of it sets a parameter, half has random bytes."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    chance, end = random.Random(0), time.monotonic() + seconds
    good = b"/color/hue\0\0,f\0\0" + bytes(4)
    while time.monotonic() < end:
        due = time.monotonic() + 0.01
        for _ in range(per_s // 200):
            with contextlib.suppress(OSError):
                line.sendto(good, ("127.0.0.1", show.port))
                line.sendto(chance.randbytes(chance.randrange(1, 200)), ("127.0.0.1", show.port))
        time.sleep(max(0.0, due - time.monotonic()))
    line.close()


def knock(show, chance):
    """Send random bytes to each of the show's TCP ports, twenty times."""
    for port in (show.port, show.port + 2, show.port + 3) * 20:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as line:
            line.sendall(chance.randbytes(chance.randrange(1, 2000)))
