"""The gate of the frame socket: who is not allowed gets no frame (ZeroMQ's authentication, ZAP).

ZeroMQ asks an own socket of this process about each new connection, before it sends anything there. The gate answers by
the address, and with CURVE also by the client's public key. Source of the exchange: RFC 27/ZAP of zeromq.org.
"""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Collection

import zmq
import zmq.utils.z85

from bandwalk.records import Counters

_ASKED_AT = "inproc://zeromq.zap.01"
_VERSION = b"1.0"
_FRAMES = 6
"""Parts of a question before the credentials: version, number, domain, address, identity, mechanism."""

_REPORT_S = 10.0
_JOIN_S = 0.5
_numbers = itertools.count()

logger = logging.getLogger(__name__)


class FrameGate:
    """Answers ZeroMQ's questions on a thread of its own, until :meth:`close`.

    Args:
        context:  of the frame socket.
        may:      returns whether an address may have frames.
        clients:  public keys that may have frames, 40 letters each; None: no key is needed.
        counters: gets ``frames_barred``.
    """

    NAME = "frame-gate"

    def __init__(
        self,
        context: "zmq.Context[zmq.Socket[bytes]]",
        *,
        may: Callable[[str], bool],
        clients: Collection[bytes] | None,
        counters: Counters,
    ) -> None:
        self._may = may
        self._clients = clients
        self._counters = counters
        self._reported = -_REPORT_S
        self._questions = context.socket(zmq.REP)
        self._questions.bind(_ASKED_AT)
        at = f"inproc://frame-gate-{next(_numbers)}"
        self._woken, self._wake = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
        self._woken.bind(at)
        self._wake.connect(at)
        self._thread = threading.Thread(target=self._answer_all, name=self.NAME, daemon=True)
        self._thread.start()

    def dead(self) -> list[str]:
        """Return the name of its thread if it has ended before :meth:`close`."""
        return [] if self._thread.is_alive() else [self.NAME]

    def close(self) -> None:
        """End the thread; call it before the context is closed."""
        self._wake.send(b"")
        self._thread.join(_JOIN_S)

    def _answer_all(self) -> None:
        poller = zmq.Poller()
        for sock in (self._questions, self._woken):
            poller.register(sock, zmq.POLLIN)
        try:
            while self._woken not in dict(poller.poll()):
                question = self._questions.recv_multipart()
                self._questions.send_multipart(self._answer(question))
        finally:
            self._questions.close(linger=0)
            self._woken.close(linger=0)

    def _answer(self, question: list[bytes]) -> list[bytes]:
        """Return the answer to one question: 200 lets the client in, 400 does not."""
        number = question[1] if len(question) > 1 else b""
        is_in = len(question) >= _FRAMES and question[0] == _VERSION and self._is_in(*question[3 : _FRAMES + 1])
        status = (b"200", b"OK") if is_in else (b"400", b"not allowed")
        return [_VERSION, number, *status, b"", b""]

    def _is_in(self, address: bytes, identity: bytes, mechanism: bytes, key: bytes = b"") -> bool:
        name = address.decode(errors="replace")
        has_key = self._clients is None or (mechanism == b"CURVE" and zmq.utils.z85.encode(key) in self._clients)
        if self._may(name) and has_key:
            return True
        self._counters.add("frames_barred")
        now = time.monotonic()
        if now - self._reported >= _REPORT_S:
            self._reported = now
            logger.warning("frames: %s is not allowed%s", name, "" if has_key else ": its key is not known")
        return False
