"""Frames over ZeroMQ, if pyzmq is installed: a thread that uses no operators. A module DAT.

pip install pyzmq for the same Python as TouchDesigner's (3.11), and name its folder in Preferences > Python 64-bit
Module Path.
"""

import threading
import time
from pathlib import Path

WAIT_MS = 200
HEARTBEAT_MS, LOST_MS = 1000, 5000  # after this time without an answer it reconnects
RETRY_MS, MAX_RETRY_MS = 100, 1000
UNATTENDED_S = 60.0  # a component that was deleted gives no more turns: its thread ends


class Receiver(threading.Thread):
    """Receives the newest frame until it is stopped; the server may start later or restart.

    Args:
        endpoint: "tcp://HOST:PORT".
        put:      called with each frame, in this thread.
        curve:    folder with the client's keys (``bandwalk keys``); empty: the server wants none.

    Raises:
        ImportError: pyzmq is not installed.
        OSError:     a key cannot be read.
    """

    def __init__(self, endpoint, put, curve=""):
        super().__init__(name="bandwalk-frames", daemon=True)
        import zmq  # here, so that the module loads without it

        self._zmq = zmq
        self._endpoint, self._put = endpoint, put
        self._keys = _read_keys(zmq, Path(curve).expanduser()) if curve else {}
        self._stop_asked = threading.Event()
        self.attended = time.monotonic()

    def run(self):
        zmq = self._zmq
        with zmq.Context() as context, context.socket(zmq.SUB) as socket:
            socket.setsockopt(zmq.CONFLATE, 1)  # only the newest: RCVHWM 1 would keep dozens of old ones
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.RCVTIMEO, WAIT_MS)
            socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)  # a pulled cable is not reported
            socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, LOST_MS)
            socket.setsockopt(zmq.RECONNECT_IVL, RETRY_MS)
            socket.setsockopt(zmq.RECONNECT_IVL_MAX, MAX_RETRY_MS)
            socket.setsockopt(zmq.IPV6, int("[" in self._endpoint))
            for option, key in self._keys.items():
                socket.setsockopt(option, key)
            socket.setsockopt(zmq.SUBSCRIBE, b"")
            socket.connect(self._endpoint)
            while not self._stop_asked.is_set() and time.monotonic() - self.attended < UNATTENDED_S:
                try:
                    jpeg = socket.recv()
                except zmq.Again:
                    continue
                if not self._stop_asked.is_set():
                    self._put(jpeg)

    def stop(self):
        """Ask the thread to end."""
        self._stop_asked.set()


def _read_keys(zmq, folder):
    files = {
        zmq.CURVE_SERVERKEY: "server.public",
        zmq.CURVE_PUBLICKEY: "client.public",
        zmq.CURVE_SECRETKEY: "client.secret",
    }
    return {option: (folder / name).read_bytes().split()[0] for option, name in files.items()}
