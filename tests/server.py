"""A real server in a process of its own, and small real clients to watch it with."""

import contextlib
import functools
import itertools
import os
import queue
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import zmq
from frames import meta_of
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from warm import Forked, Warm

READY = re.compile(r"serving .*: frames")


def _own_ports():
    """Where this process looks for ports, below those that the system gives to others: no worker takes another's."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    each = 22_000 // workers
    first = 10_000 + each * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return range(first, first + each - 3)


def free_port_base():
    """A block of four ports that are free now."""
    while True:
        base = random.choice(_own_ports())
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for offset in range(4):
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    stack.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", base + offset))
            return base


def is_open(port):
    """Whether a UDP socket is bound to a port (by the kernel's own list: to try would take it)."""
    return f":{port:04X} 00000000:0000" in Path("/proc/net/udp").read_text()


def without_look(*args):
    """A command's arguments; shows and clips begin with the table's values, unless they name a preset."""
    args = [str(arg) for arg in args]
    return [*args, "--preset", ""] if {"serve", "render"} & set(args[:2]) and "--preset" not in args else args


@functools.cache
def _warm():
    return Warm()


def run_cli(*args, timeout_s=120, env=None, fresh=False):
    """Run the command line to its end.

    fresh: in a Python of its own, where what is imported is the point.
    """
    args, env = without_look(*args), {**os.environ, **(env or {})}
    if fresh:
        command = [sys.executable, "-m", "bandwalk", *args]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False, env=env)
    with tempfile.NamedTemporaryFile() as stdout, tempfile.NamedTemporaryFile() as stderr:
        process = Forked(_warm(), args, env=env, stdout=stdout.name, stderr=stderr.name)
        try:
            status = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return subprocess.CompletedProcess(args, status, stdout.read().decode(), stderr.read().decode())


class Started:
    """A command at work; what it writes to stdout can be read where pipe is True."""

    def __init__(self, *args, pipe=False, env=None):
        self._folder = tempfile.TemporaryDirectory()
        self._errors = Path(self._folder.name) / "stderr"
        self._errors.touch()
        out = os.devnull
        if pipe:
            out = Path(self._folder.name) / "stdout"
            os.mkfifo(out)
        env = {**os.environ, **(env or {})}
        process = Forked(_warm(), without_look(*args), env=env, stdout=out, stderr=self._errors)
        self.pid, self.poll, self.wait, self.send_signal = process.pid, process.poll, process.wait, process.send_signal
        self.stdout = Path(out).open("rb") if pipe else None  # noqa: SIM115  the test closes it

    def stderr(self):
        """What it has written so far."""
        return self._errors.read_text()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.send_signal(signal.SIGKILL)
        self.wait(10)
        self._folder.cleanup()


class Server:
    """``bandwalk serve`` with these arguments, ready when the constructor returns."""

    def __init__(self, *args, env=None, base=None):
        self.base = base or free_port_base()
        command = without_look("--debug", "serve", *args, "--port-base", self.base)
        with tempfile.TemporaryDirectory() as folder:
            pipe = Path(folder) / "log"
            os.mkfifo(pipe)
            self.process = Forked(_warm(), command, env={**os.environ, **(env or {})}, stdout=os.devnull, stderr=pipe)
            stream = pipe.open(encoding="utf-8")  # waits for the other end
        self.log, self._is_over = [], False
        self._grown = threading.Condition()
        threading.Thread(target=self._read_log, args=(stream,), daemon=True).start()
        try:
            self.wait_for(READY, 150)
        except AssertionError:
            self.process.kill()
            raise

    def _read_log(self, stream):
        with stream:
            for line in stream:
                with self._grown:
                    self.log.append(line)
                    self._grown.notify_all()
        with self._grown:
            self._is_over = True
            self._grown.notify_all()

    def wait_for(self, pattern, timeout_s=60):
        """Wait until a line of the log matches, no longer than the server lives."""

        def is_there():
            return any(re.search(pattern, line) for line in self.log)

        with self._grown:
            self._grown.wait_for(lambda: is_there() or self._is_over, timeout_s)
            if not is_there():
                state = "ended" if self._is_over else f"runs, after {timeout_s} s"
                raise AssertionError(f"no {pattern!r} in the log; the server {state}:\n{''.join(self.log)}")

    def stop(self, with_signal=signal.SIGTERM):
        """End the server; return (exit status, seconds that it took)."""
        begun = time.monotonic()
        self.process.send_signal(with_signal)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode, time.monotonic() - begun

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()


class Frames:
    """A bare ZeroMQ subscriber.

    repeats: whether it takes pictures that are sent again, as they are on a machine that is too busy to draw.
    """

    def __init__(self, server, *, repeats=False):
        self._repeats = repeats
        self._socket = zmq.Context.instance().socket(zmq.SUB)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._socket.setsockopt(zmq.RCVTIMEO, 60_000)
        self._socket.connect(f"tcp://127.0.0.1:{server.base + 2}")

    def next(self):
        while True:
            message = self._socket.recv()
            length = int.from_bytes(message[4:6], "big")
            if self._repeats or b'"repeat":true' not in message[: 4 + length]:
                return message

    def until(self, seen, timeout_s=60):
        """Receive until seen(message); return that message."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            message = self.next()
            if seen(message):
                return message
        raise AssertionError("no such frame in time")

    def poll(self):
        """Whether a frame has come."""
        return bool(self._socket.poll(0))

    def is_silent(self, seconds):
        """Whether no frame comes for this long."""
        return not self._socket.poll(round(seconds * 1000))

    def after(self, osc):
        """A frame that was drawn after all that the controller has sent; those on their way are passed over."""
        osc.settle()
        now = time.time()
        self.until(lambda message: meta_of(message)["t_publish"] > now)
        for _ in range(2):  # drawn before, and published after
            self.next()
        return self.next()

    def close(self):
        self._socket.close(linger=0)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def _enlarge(sock, size=1 << 23):
    """Let a socket hold seconds of features: on a busy machine an answer behind them would be lost, as UDP may be."""
    force = 33  # SO_RCVBUFFORCE of Linux: over the system's limit, for root
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
        if sys.platform == "linux":
            sock.setsockopt(socket.SOL_SOCKET, force, size)


RENEW_S = 3.0
"""A subscription lasts for ten seconds; a test may take longer than that on a busy machine."""


class Osc:
    """A controller: python-osc's messages on a socket of its own, subscribed to the server until it is closed.

    A thread takes what comes: features of seconds would fill the socket, and an answer behind them would be lost.
    """

    def __init__(self, server, *, subscribe=True):
        self._to = ("127.0.0.1", server.base)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        _enlarge(self._socket)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._packets, self._messages = queue.SimpleQueue(), []
        self._numbers = itertools.count(1_000_000)
        self._is_subscribed = subscribe
        if subscribe:
            self.send("/subscribe", self.port)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self):
        self._socket.settimeout(RENEW_S)
        due = time.monotonic() + RENEW_S
        while True:
            if self._is_subscribed and time.monotonic() >= due:
                due = time.monotonic() + RENEW_S
                self.send("/subscribe", self.port)
            with contextlib.suppress(TimeoutError):
                packet = self._socket.recv(65536)
                if not packet:
                    return
                self._packets.put(packet)

    def send(self, address, *args):
        builder = OscMessageBuilder(address)
        for arg in args:
            builder.add_arg(arg)
        self._socket.sendto(builder.build().dgram, self._to)

    def _receive(self, timeout_s, wanted=b""):
        """Take a packet; one that does not have what is wanted in it is not read: features come by the thousand."""
        packet = self._packets.get(timeout=max(timeout_s, 0.001))
        if wanted not in packet:
            return
        if OscBundle.dgram_is_bundle(packet):
            self._messages += list(OscBundle(packet))
        else:
            self._messages.append(OscMessage(packet))

    def until(self, address, seen=lambda *args: True, timeout_s=60):
        """Receive until a message of this address whose arguments are seen; return its arguments."""
        wanted = address.encode() + b"\0"
        return self.until_any(lambda told, *args: told == address and seen(*args), timeout_s, address, wanted)

    def until_any(self, seen, timeout_s=60, what="such message", wanted=b""):
        """Receive until seen(address, *arguments); return that message's arguments."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            while self._messages:
                message = self._messages.pop(0)
                if seen(message.address, *message.params):
                    return message.params
            with contextlib.suppress(queue.Empty):
                self._receive(deadline - time.monotonic(), wanted)
        raise AssertionError(f"no {what} in time")

    def settle(self):
        """Wait until the server has taken all that was sent before; what comes meanwhile is passed over."""
        number = next(self._numbers)
        self.send("/ping", number)
        self.until("/pong", lambda told: told == number)

    def until_it_is(self, address, value, timeout_s=60):
        """Ask for a value until it is this one."""
        deadline = time.monotonic() + timeout_s
        while True:
            self.send(address)
            (told,) = self.until(address)
            if told == value:
                return
            assert time.monotonic() < deadline, f"{address} is {told!r}, expected {value!r}"
            time.sleep(0.01)

    def close(self):
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._reading.join()
        self.send("/unsubscribe", self.port)  # there is room for so many, and each stays for ten seconds
        self._socket.close()
