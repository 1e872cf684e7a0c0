"""The receiver: always returns the newest frame, never an old one."""

import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import simplejpeg
import zmq

from bandwalk.errors import ParameterError, WireError
from bandwalk.wire import CLIENT, PUBLIC, SECRET, SERVER, parse_segment, read_keys
from bandwalk_client.age import AgeMeter
from bandwalk_client.endpoint import DEFAULT_HOST, parse_endpoint
from bandwalk_client.server_clock import ServerClock

logger = logging.getLogger(__name__)

MAX_MESSAGE = 64 * 2**20
"""Most bytes of a frame."""

MAX_SIDE = 8192
"""Longest side of a picture that is decoded, pixels: a small file can declare a very large picture."""

HEARTBEAT_MS, HEARTBEAT_TIMEOUT_MS = 1000, 5000
RECONNECT_MS, RECONNECT_MAX_MS = 100, 1000

_MAX_POLL_S = 3600.0  # ZeroMQ counts milliseconds in 32 bits; longer waits are repeated


@dataclass(frozen=True, slots=True)
class Received:
    """A received frame.

    jpeg:   one complete JPEG file.
    meta:   its description (protocol.md, Frames); empty for a JPEG file without the segment.
    age_ms: time since it was published, from its timestamp; None without one (:class:`~bandwalk_client.age.AgeMeter`).
    """

    jpeg: bytes
    meta: dict[str, Any]
    age_ms: float | None

    def rgb(self) -> np.ndarray:
        """Return the picture [H, W, 3] uint8.

        Raises:
            WireError: the file is broken, or its sides are longer than MAX_SIDE.
        """
        width, height = size_of(self.jpeg)
        if max(height, width) > MAX_SIDE:
            raise WireError(f"decoding a frame: {width}x{height}; expected at most {MAX_SIDE} pixels a side")
        try:
            rgb: np.ndarray = simplejpeg.decode_jpeg(self.jpeg, "RGB")
        except ValueError as e:
            raise _undecodable(self.jpeg, e) from e
        return rgb


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Return the (width, height) in a JPEG file's header.

    Raises:
        WireError: the file is broken.
    """
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(jpeg)
    except ValueError as e:
        raise _undecodable(jpeg, e) from e
    return width, height


def _undecodable(jpeg: bytes, e: ValueError) -> WireError:
    return WireError(f"decoding a frame of {len(jpeg)} bytes: {e}; expected a JPEG file")


class Receiver:
    """Receives the newest frame from a server, which may start later or restart.

    A slow reader is fine: newer frames replace those that it does not take. For one thread at a time.

    Args:
        endpoint:   "HOST", "HOST:PORT" or "tcp://HOST:PORT".
        clock:      knows how the server's clock differs; None: ages are learned (:class:`AgeMeter`).
        max_age_ms: older frames are dropped: after a process was suspended, its kernel still has old frames. None:
                    no frame is dropped.
        curve:      folder with a client's keys (``bandwalk keys``); empty: the server asks for none.

    Attributes:
        received: frames that were returned.
        dropped:  published frames that did not arrive, counted by the gaps in seq.
        stale:    frames that were too old.
        broken:   messages that are not JPEG files, or have an invalid description.

    Raises:
        ParameterError: the endpoint is invalid, or a key cannot be read.
    """

    def __init__(
        self,
        endpoint: str = DEFAULT_HOST,
        *,
        clock: ServerClock | None = None,
        max_age_ms: float | None = 200.0,
        curve: str = "",
    ) -> None:
        self.endpoint = parse_endpoint(endpoint)
        self._clock = clock
        self.received = self.dropped = self.stale = self.broken = 0
        self._limit_ms = math.inf if max_age_ms is None else max_age_ms
        limit_s = None if max_age_ms is None else max_age_ms / 1000
        self._ages = AgeMeter(limit_s, same_clock=self.endpoint.is_loopback)
        self._seq: int | None = None
        keys = read_client_keys(Path(curve)) if curve else {}
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        for option, value in (
            (zmq.CONFLATE, 1),  # with RCVHWM 1 a reader that slept would get dozens of old frames
            (zmq.MAXMSGSIZE, MAX_MESSAGE),
            (zmq.LINGER, 0),
            (zmq.HEARTBEAT_IVL, HEARTBEAT_MS),
            (zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS),
            (zmq.RECONNECT_IVL, RECONNECT_MS),
            (zmq.RECONNECT_IVL_MAX, RECONNECT_MAX_MS),
            (zmq.IPV6, int(self.endpoint.is_ipv6)),
        ):
            self._socket.setsockopt(option, value)
        for key_option, key in keys.items():
            self._socket.setsockopt(key_option, key)
        self._socket.subscribe(b"")
        self._socket.connect(str(self.endpoint))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect."""
        self._context.destroy(linger=0)

    def receive(self, timeout_s: float) -> Received | None:
        """Wait for a frame that was not returned before; None after timeout_s without one.

        Raises:
            ParameterError: timeout_s is NaN.
        """
        if math.isnan(timeout_s):
            raise ParameterError("timeout = nan: expected seconds")
        deadline = time.monotonic() + timeout_s
        while True:
            left_s = deadline - time.monotonic()
            wait_s = min(max(left_s, 0.0), _MAX_POLL_S)
            is_there = self._socket.poll(math.ceil(wait_s * 1000))
            received = self._take() if is_there else None
            if received is not None or left_s <= 0 or (not is_there and left_s <= wait_s):
                return received

    def _take(self) -> Received | None:
        """Return the waiting message if it is a frame and not too old."""
        jpeg = self._socket.recv(zmq.NOBLOCK)
        try:
            meta = parse_segment(jpeg) or {}
        except WireError as e:
            self.broken += 1
            logger.debug("%s: %s", self.endpoint, e)
            return None
        self._count_gap(meta.get("seq"))
        sent = _to_finite(meta.get("t_publish"))
        age_ms = None if sent is None else 1000 * self._ages.age_s(sent, time.time(), self._offset_s())
        if age_ms is not None and age_ms > self._limit_ms:
            self.stale += 1
            return None
        self.received += 1
        return Received(jpeg, meta, age_ms)

    def _offset_s(self) -> float | None:
        best = self._clock.best if self._clock is not None else None
        return best.offset_s if best is not None else None

    @property
    def is_age_exact(self) -> bool:
        """Whether ages are right to milliseconds: there is one clock, or the server has told its time."""
        return self.endpoint.is_loopback or self._offset_s() is not None

    def _count_gap(self, seq: object) -> None:
        """Count the frames missing before this one; if seq falls, the server was restarted."""
        if not isinstance(seq, int):
            return
        if self._seq is not None and seq > self._seq:
            self.dropped += seq - self._seq - 1
        self._seq = seq


def read_client_keys(folder: Path) -> dict[int, bytes]:
    """Return the socket's options that hold the keys of a client and the public key of its server.

    Raises:
        ParameterError: a file cannot be read, or has no key in it.
    """
    files = {
        zmq.CURVE_SERVERKEY: SERVER + PUBLIC,
        zmq.CURVE_PUBLICKEY: CLIENT + PUBLIC,
        zmq.CURVE_SECRETKEY: CLIENT + SECRET,
    }
    return {option: read_keys(folder / name)[0] for option, name in files.items()}


def _to_finite(value: object) -> float | None:
    """Return a number from the network as a float; None if it is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # JSON allows integers of any length
        return None
    return number if math.isfinite(number) else None
