"""The show that soak.py watches: its process, its log, its meters, and the frames that arrive. Linux only (/proc)."""

import contextlib
import http.client
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import zmq
from pythonosc.osc_message_builder import OscMessageBuilder

READY_S, END_S = 60.0, 10.0
UNHANDLED = re.compile(r"Traceback|; goes on|thread ends|thread has ended")
"""Of the log: an error that nobody foresaw."""


class Show:
    """``bandwalk serve`` in a process of its own; its log is read line by line, with the time of each.

    Args:
        port: first of its four ports.
        args: of ``serve``.
        env:  its environment.
    """

    def __init__(self, port, args, env):
        self.port = port
        command = [sys.executable, "-m", "bandwalk", "serve", *map(str, args), "--port-base", str(port)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env)
        self.log = []
        self.may_be_read = threading.Event()
        """Cleared while nobody reads the log, as in a terminal that takes no text."""
        self.may_be_read.set()
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("127.0.0.1", 0))
        self._is_ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._is_ready.wait(READY_S) or not any("serving " in line for _, line in self.log):
            self.process.kill()
            raise SystemExit("the show did not start:\n" + "".join(line for _, line in self.log))

    def _read(self):
        for line in self.process.stderr:
            self.log.append((time.monotonic(), line))
            if "serving " in line:
                self._is_ready.set()
            self.may_be_read.wait()
        self._is_ready.set()

    def send(self, address, *args):
        """Send an OSC message."""
        builder = OscMessageBuilder(address)
        for arg in args:
            builder.add_arg(arg)
        with contextlib.suppress(OSError):
            self._line.sendto(builder.build().dgram, ("127.0.0.1", self.port))

    def counts(self):
        """Return what /metrics counts, by name and cause; empty: no answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port + 3, timeout=5)
        found = {}
        with contextlib.suppress(OSError, http.client.HTTPException):
            line.request("GET", "/metrics")
            for row in line.getresponse().read().decode().splitlines():
                counted = re.match(r'bandwalk_(faults|stalls|restarts)_total(?:\{\w+="(\w+)"\})? (\d+)', row)
                if counted:
                    name = counted[1] if counted[1] != "faults" else ""
                    found[" ".join(filter(None, (name, counted[2])))] = int(counted[3])
        line.close()
        return found

    def processes(self):
        """Return the ids of the show's process and of those that it began."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        found = [self.process.pid]
        for path in children:
            with contextlib.suppress(OSError):
                found += [int(pid) for pid in path.read_text().split()]
        return found

    def meters(self):
        """Return (memory of all its processes in MB, threads and descriptors of the first)."""
        pages = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        own = Path(f"/proc/{self.process.pid}")
        memory_mb = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
        return memory_mb, len(os.listdir(own / "task")), len(os.listdir(own / "fd"))

    def close(self):
        """End it; return its exit status."""
        self.may_be_read.set()
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            return self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self._line.close()


class Frames(threading.Thread):
    """Receives every frame and notes when it came, how old its sound was, and whether it differs from the one before.

    Repeated frames count as arrived, and not as drawn.
    """

    def __init__(self, port):
        super().__init__(daemon=True)
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._socket.connect(f"tcp://127.0.0.1:{port + 2}")
        self._ended = threading.Event()
        self.came, self.drawn, self.ages = [], [], []
        self.changed = 0

    def run(self):
        """Receive until stopped."""
        before = None
        while not self._ended.is_set():
            if not self._socket.poll(100):
                continue
            message = self._socket.recv()
            self.came.append(time.monotonic())
            length = int.from_bytes(message[4:6], "big")
            meta, picture = json.loads(message[16 : 4 + length]), hash(message[4 + length :])
            if not meta.get("repeat"):
                self.drawn.append(self.came[-1])
                self.ages.append(meta["t_publish"] - meta["t_capture"])
            self.changed += picture != before
            before = picture

    def gaps(self, longer_s, since, until):
        """Return (begin, end) of all times without a frame that are longer, from since to until."""
        came = [since, *(t for t in self.came if since < t < until), until]
        return [(a, b) for a, b in itertools.pairwise(came) if b - a > longer_s]

    def rates(self, since, until):
        """Return the frames drawn in each whole second."""
        seconds = int(until - since)
        return np.histogram(self.drawn, bins=seconds, range=(since, since + seconds))[0] if seconds else np.zeros(1)

    def stop(self):
        """End the thread."""
        self._ended.set()
        self.join()
        self._context.destroy(linger=0)


class Meters(threading.Thread):
    """Reads memory, threads and descriptors of a show every second."""

    def __init__(self, show):
        super().__init__(daemon=True)
        self._show, self._ended = show, threading.Event()
        self.read = []

    def run(self):
        """Read until stopped, or until the show is over."""
        while not self._ended.wait(1.0):
            with contextlib.suppress(OSError):
                self.read.append((time.monotonic(), *self._show.meters()))

    def near(self, t):
        """Return the memory at a time, MB: the median of the ten readings around it."""
        return float(np.median([row[1] for row in sorted(self.read, key=lambda row: abs(row[0] - t))[:10]] or [np.nan]))

    def slope(self, since, until):
        """Return the growth of memory between two times, MB an hour, by least squares."""
        rows = np.array([row for row in self.read if since <= row[0] <= until])
        return float(np.polyfit(rows[:, 0], rows[:, 1], 1)[0] * 3600) if len(rows) > 2 else np.nan

    def stop(self):
        """End the thread."""
        self._ended.set()
        self.join()
