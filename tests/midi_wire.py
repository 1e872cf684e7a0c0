"""MIDI devices for tests: a backend of mido whose ports are Unix sockets in the folder MIDI_WIRE, and the devices.

ALSA's virtual ports need a kernel with its sequencer. Here the same bytes go through mido's own parser over real
sockets, between processes too; a device that is pulled out is a socket that is closed and gone.
"""

import contextlib
import os
import socket
import threading
import time
from pathlib import Path

from mido.parser import Parser

DEADLINE_S = 60.0
BACKEND = {"MIDO_BACKEND": "midi_wire"}


def get_devices(**kwargs):
    """As mido asks for them."""
    paths = sorted(Path(os.environ["MIDI_WIRE"]).iterdir())
    return [
        {"name": path.stem, "is_input": path.suffix == ".in", "is_output": path.suffix == ".out"}
        for path in paths
        if path.suffix in (".in", ".out")
    ]


class _Port:
    def __init__(self, name, suffix):
        self.name, self.closed = name, False
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(Path(os.environ["MIDI_WIRE"]) / (name + suffix)))

    def close(self):
        self.closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Input(_Port):
    """What a device sends: parsed in a thread of its own, as RtMidi does."""

    def __init__(self, name, callback=None, **kwargs):
        super().__init__(name, ".in")
        self._callback = callback
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        parser = Parser()
        with contextlib.suppress(OSError):
            while data := self._socket.recv(4096):
                parser.feed(data)
                for message in parser:
                    self._callback(message)
        self.closed = True  # as mido's own socket ports do


class Output(_Port):
    """What is sent to a device."""

    def __init__(self, name, **kwargs):
        super().__init__(name, ".out")

    def send(self, message):
        self._socket.sendall(message.bin())


class Gear:
    """A device: its keys and knobs are played by bytes, and what it is shown is read as bytes."""

    def __init__(self, folder, name, *, has_output=True):
        self._paths = [Path(folder) / f"{name}{suffix}" for suffix in ((".in", ".out") if has_output else (".in",))]
        self.plug()

    def plug(self):
        self._listening = []
        self._connections = {}
        for path in self._paths:
            sock = socket.socket(socket.AF_UNIX)
            hidden = path.with_name(path.name + ".new")
            sock.bind(str(hidden))
            sock.listen()
            sock.settimeout(DEADLINE_S)
            hidden.rename(path)
            self._listening.append(sock)

    def _connection(self, at):
        if at not in self._connections:
            self._connections[at], _ = self._listening[at].accept()
            self._connections[at].settimeout(DEADLINE_S)
        return self._connections[at]

    def wait_open(self):
        """Wait until a program has opened it."""
        for at in reversed(range(len(self._paths))):
            self._connection(at)

    def play(self, *data):
        """Send bytes, such as 0xB0, 21, 64."""
        self._connection(0).sendall(bytes(data))

    def read(self, count):
        """The next bytes that it is shown."""
        data = b""
        while len(data) < count:
            piece = self._connection(1).recv(count - len(data))
            assert piece, "closed"
            data += piece
        return list(data)

    def read_until(self, *last):
        """The messages of three bytes that it is shown, up to this one."""
        shown = []
        end = time.monotonic() + DEADLINE_S
        while not shown or shown[-1] != list(last):
            assert time.monotonic() < end, shown
            shown.append(self.read(3))
        return shown

    def is_quiet(self, seconds=0.15):
        """Whether it is shown nothing for this long."""
        self._connection(1).settimeout(seconds)
        try:
            return not self._connection(1).recv(100)
        except TimeoutError:
            return True
        finally:
            self._connection(1).settimeout(DEADLINE_S)

    def pull(self):
        for path in self._paths:
            path.unlink(missing_ok=True)
        for sock in (*self._connections.values(), *self._listening):
            sock.close()
