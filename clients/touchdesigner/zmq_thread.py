"""Frames over ZeroMQ, if pyzmq is installed: a thread that uses no operators. A module DAT.

pip install pyzmq for the same Python as TouchDesigner's (3.11), and name its folder in Preferences > Python 64-bit
Module Path.
"""

import threading

WAIT_MS = 200
HEARTBEAT_MS, LOST_MS = 1000, 5000  # after this time without an answer it reconnects
RETRY_MS, MAX_RETRY_MS = 100, 1000


class Receiver(threading.Thread):
    """Receives the newest frame until it is stopped; the server may start later or restart.

    Args:
        endpoint: "tcp://HOST:PORT".
        put:      called with each frame, in this thread.
    """

    def __init__(self, endpoint, put):
        super().__init__(name="bandwalk-frames", daemon=True)
        import zmq  # here, so that the module loads without it

        self._zmq = zmq
        self._endpoint, self._put = endpoint, put
        self._stop_asked = threading.Event()

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
            socket.setsockopt(zmq.SUBSCRIBE, b"")
            socket.connect(self._endpoint)
            while not self._stop_asked.is_set():
                try:
                    self._put(socket.recv())
                except zmq.Again:
                    continue

    def stop(self):
        """End the thread, and wait for it."""
        self._stop_asked.set()
        self.join(2.0)


_running = None


def start(endpoint, put):
    """Receive from this server, and stop any earlier receiver.

    Raises:
        ImportError: pyzmq is not installed.
    """
    global _running
    stop()
    _running = Receiver(endpoint, put)
    _running.start()


def stop():
    """End the receiver, if there is one."""
    global _running
    if _running is not None:
        _running.stop()
        _running = None
