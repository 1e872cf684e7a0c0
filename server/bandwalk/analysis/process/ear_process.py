"""One process that hears: how it is begun, asked and ended."""

import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bandwalk.analysis.process.messages import FAILED, READY, Channel
from bandwalk.errors import WorkError
from bandwalk.machine import python_command

logger = logging.getLogger(__name__)

START_S = 60.0
"""Longest time from its beginning until it is ready."""

ANSWER_TURNS, TURN_S = 20, 0.1
"""It hangs after so many turns without an answer. Time counts only while somebody looks: a program that was held and
goes on (Ctrl-Z) has waited for one turn."""


class EarLostError(Exception):
    """The process has ended, or does not answer."""


class EarProcess:
    """A process that hears for this one, from its beginning to :meth:`close`; it ends with this one in any case.

    Raises:
        OSError: it cannot be begun.
    """

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self._is_ready = False
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours)
        command = python_command("-m", "bandwalk.analysis.process.child", str(theirs.fileno()))
        nothing = subprocess.DEVNULL
        try:
            with theirs, _no_stop_signals():
                self._process = subprocess.Popen(
                    command, pass_fds=[theirs.fileno()], stdin=nothing, stdout=nothing, stderr=nothing
                )
        except OSError:
            self._channel.close()
            raise

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def is_ready(self, wait_s: float = 0.0) -> bool:
        """Return whether it has begun to listen, within this time.

        Raises:
            EarLostError: it never will.
        """
        if not self._is_ready:
            self._is_ready = self._receive(wait_s) == READY
            if not self._is_ready and time.monotonic() - self.begun > START_S:
                raise EarLostError(f"was not ready within {START_S:.0f} s")
        return self._is_ready

    def wait(self) -> None:
        """Wait until it is ready. If it never will be, the next call of :meth:`ask` raises that."""
        with suppress(EarLostError):
            while not self.is_ready(TURN_S):
                pass

    def tell(self, message: bytes) -> None:
        """Send what has no answer.

        Raises:
            EarLostError: it is gone.
        """
        try:
            self._channel.send(message, ANSWER_TURNS * TURN_S)
        except OSError as e:
            raise self._lost() from e

    def ask(self, message: bytes) -> bytes:
        """Send a message and return the answer.

        Raises:
            EarLostError: it is gone, or does not answer.
            WorkError:    it could not do it; it goes on.
        """
        self.tell(message)
        for _ in range(ANSWER_TURNS):
            answer = self._receive(TURN_S)
            if answer is not None:
                if answer[:1] == FAILED:
                    raise WorkError(f"the analysis failed: {answer[1:].decode()}")
                return answer
        raise EarLostError(f"gave no answer for {ANSWER_TURNS * TURN_S:.0f} s")

    def close(self) -> None:
        """End it; it holds nothing that must be saved."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def _receive(self, wait_s: float) -> bytes | None:
        try:
            return self._channel.receive(wait_s)
        except (EOFError, OSError) as e:
            raise self._lost() from e

    def _lost(self) -> EarLostError:
        try:
            status = self._process.wait(TURN_S)
        except subprocess.TimeoutExpired:
            return EarLostError("listens no longer")
        return EarLostError(f"was ended by signal {-status}" if status < 0 else f"ended with status {status}")


_prepared: list["EarProcess"] = []  # none or one


def prepare_ear() -> None:
    """Begin the process that the next :func:`begin_ear` returns: it gets ready while this one imports what draws."""
    ear = begin_ear()
    if ear is not None:
        _prepared.append(ear)


def begin_ear() -> EarProcess | None:
    """Begin a process that hears; None: this system has none to offer, and the show hears in its own."""
    if _prepared:
        return _prepared.pop()
    if sys.platform == "win32":  # no socket is handed on there
        return None
    try:
        return EarProcess()
    except OSError as e:
        logger.warning("the sound is heard in the show's own process: another could not be begun: %s", e.strerror or e)
        return None


@contextmanager
def _no_stop_signals() -> Iterator[None]:
    """Let a process that is begun here hear no signal that stops the show: it ends with the show.

    What is blocked here is blocked there, from its first instruction on.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
