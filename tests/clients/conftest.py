"""A frame server made of nothing but pyzmq, and frames to send with it."""

import json
import socket
import time

import numpy as np
import pytest
import simplejpeg
import zmq

DEADLINE_S = 30.0


def make_picture(height=48, width=64):
    """A smooth picture [height, width, 3] whose channels and axes differ."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([255 * x // width, 255 * y // height, 255 - 255 * x // width], axis=-1).astype(np.uint8)


def pack(meta, rgb=None):
    """A frame as design and protocol say, put together without bandwalk."""
    jpeg = simplejpeg.encode_jpeg(make_picture() if rgb is None else rgb, 95, "RGB", "444")
    body = b"bandwalk\0\x01" + json.dumps(meta).encode()
    return jpeg[:2] + b"\xff\xe9" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]


class FrameServer:
    """A raw XPUB socket on a port of its own, which can go away and come back."""

    def __init__(self):
        self._context = zmq.Context()
        self.port = 0
        self.start()

    @property
    def endpoint(self):
        return f"tcp://127.0.0.1:{self.port}"

    def start(self):
        """Open the port, the same one each time."""
        self._socket = self._context.socket(zmq.XPUB)
        self._socket.linger = 0
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                self._socket.bind(f"tcp://127.0.0.1:{self.port or '*'}")
                break
            except zmq.ZMQError:  # the socket before is still closing
                assert time.monotonic() < deadline
                time.sleep(0.01)
        self.port = int(self._socket.last_endpoint.rsplit(b":")[-1])

    def stop(self):
        """Close the port."""
        self._socket.close()

    def close(self):
        self._context.destroy(linger=0)

    def wait_for_subscriber(self, meanwhile=lambda: None):
        """Wait until a subscription comes, calling meanwhile: ZeroMQ renews one only while its socket is used."""
        deadline = time.monotonic() + DEADLINE_S
        while not self._socket.poll(10):
            assert time.monotonic() < deadline, "no subscriber came"
            meanwhile()
        assert self._socket.recv() == b"\x01"

    def send(self, seq, /, *, age_s=0.0, rgb=None, **meta):
        """Send a frame that says it was published age_s ago."""
        self._socket.send(pack({"seq": seq, "t_publish": time.time() - age_s, **meta}, rgb))

    def send_raw(self, message):
        self._socket.send(message)


@pytest.fixture
def server():
    server = FrameServer()
    yield server
    server.close()


@pytest.fixture
def osc_peer():
    """A bare UDP socket on loopback with a deadline."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(DEADLINE_S)
        yield peer


@pytest.fixture
def picture():
    return make_picture()
