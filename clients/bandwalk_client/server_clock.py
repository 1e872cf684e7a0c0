"""The clock of a server on another machine, compared with the clock of this one."""

import logging
import select
import threading
import time
from collections import deque
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Self

from bandwalk.errors import WireError
from bandwalk_client.control import Control
from bandwalk_client.endpoint import Endpoint

logger = logging.getLogger(__name__)

KEPT = 16
"""Answers that count; the fastest of them is the most exact."""

FIRST, FIRST_S, ASK_S = 4, 0.05, 1.0
"""So many questions are asked soon after each other, then one after each ASK_S."""

SET_S = 0.005
"""Two answers contradict each other by more than their round trips and this: a clock was set in between."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question and its answer.

    offset_s:     the server's clock less this machine's, right to half of the round trip.
    round_trip_s: from the question to its answer.
    """

    offset_s: float
    round_trip_s: float


def compare(sent: float, server: float, received: float) -> Comparison:
    """Return what an answer says: the server read its clock halfway, as far as anybody knows.

        offset = server - (sent + received) / 2

    Args:
        sent, received: unix seconds of this machine's clock.
        server:         unix seconds of the server's clock.
    """
    return Comparison(server - (sent + received) / 2, received - sent)


class Comparisons:
    """The best of the last answers."""

    def __init__(self) -> None:
        self._kept: deque[Comparison] = deque(maxlen=KEPT)

    def add(self, new: Comparison) -> None:
        """Take one more answer; forget those before if a clock was set."""
        best = self.best
        if new.round_trip_s < 0:  # this machine's clock was set in between
            return
        if best is not None:
            apart = abs(new.offset_s - best.offset_s)
            if apart > (new.round_trip_s + best.round_trip_s) / 2 + SET_S:
                self._kept.clear()
        self._kept.append(new)

    @property
    def best(self) -> Comparison | None:
        """The answer with the shortest round trip; None before any."""
        return min(self._kept, key=lambda one: one.round_trip_s, default=None)


class ServerClock:
    """Asks a server for its time again and again, on a thread; a server that does not answer is asked on.

    Beyond loopback a server answers only addresses of its ``--osc-allow``.

    Args:
        host: name or address of the server.
        port: its OSC control port.

    Raises:
        WireError: the host has no address.
    """

    def __init__(self, host: str, port: int) -> None:
        self.best: Comparison | None = None
        """How the clocks differ; None: the server has not answered yet."""
        self._control = Control(host, port)
        self._comparisons = Comparisons()
        self._sent: dict[int, float] = {}
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="server-clock", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Ask no more."""
        self._closed.set()
        self._thread.join()
        self._control.close()

    def _work(self) -> None:
        number = 0
        while not self._closed.is_set():
            number += 1
            self._ask(number)
            self._listen(FIRST_S if number < FIRST else ASK_S)

    def _ask(self, number: int) -> None:
        self._sent = {n: t for n, t in self._sent.items() if n > number - KEPT} | {number: time.time()}
        try:
            self._control.set("/ping", number)
        except WireError as e:
            logger.debug("%s", e)

    def _listen(self, seconds: float) -> None:
        """Take answers for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self._closed.is_set():
            if not select.select([self._control], [], [], min(left, FIRST_S))[0]:
                continue
            received = time.time()
            try:
                self._take(self._control.answers(), received)
            except (TypeError, ValueError) as e:  # no such answer comes from a server of ours
                logger.debug("an answer to /ping: %s", e)

    def _take(self, answers: list[tuple[str, list[object]]], received: float) -> None:
        """Compare the clocks where all three messages of an answer came."""
        for (pong, number), (s_address, s), (us_address, us) in zip(answers, answers[1:], answers[2:], strict=False):
            if (pong, s_address, us_address) != ("/pong", "/clock/s", "/clock/us"):
                continue
            sent = self._sent.pop(int(str(number[0])), None)
            if sent is not None:
                self._comparisons.add(compare(sent, int(str(s[0])) + int(str(us[0])) / 1e6, received))
                self.best = self._comparisons.best


def clock_of(server: Endpoint) -> AbstractContextManager[ServerClock | None]:
    """Return the clock of the server with this frame port; None where it runs on this machine, or has no address."""
    if server.is_loopback:
        return nullcontext()
    try:
        return ServerClock(server.host, max(server.osc_port, 1))
    except WireError as e:
        logger.debug("%s", e)  # frames are still waited for: its name may be known later
        return nullcontext()
