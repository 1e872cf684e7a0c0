"""What a show writes to its terminal, by a thread of its own: a terminal that takes no text stops nobody.

Ctrl-S, a stuck ssh, a selection in a Windows console: then a write waits until that ends. So what the show's
threads write is kept here, bounded, the oldest lines lost first, and one thread alone waits for the terminal. It
writes past Python's own streams, whose locks others would meet.
"""

import io
import logging
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast

from bandwalk.records import Counters

MAX_LINES = 1000
"""Lines that wait for the terminal."""

MAX_LINE = 4096
"""Letters of a line; the rest is cut off."""

CLOSE_S = 0.2
"""How long the end of a show waits for the last lines to be written."""

_CLEAR, _UP = "\r\x1b[K", "\x1b[A"  # to the line's start, and clear it; a line up


class Terminal(io.TextIOBase):
    """A text stream that never waits, and status lines under what was written.

    Args:
        fd:       that is written to.
        counters: gets ``log_lost``: lines that the terminal did not take.
    """

    def __init__(self, fd: int, counters: Counters) -> None:
        self._fd = fd
        self._counters = counters
        self._begun = ""  # a line that has no end yet
        self._lines: deque[str] = deque()
        self._lost = 0
        self._status, self._shown = "", ""
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="terminal", daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """Return what is written to: a child may write there itself."""
        return self._fd

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return os.isatty(self._fd)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Keep a text until it is written; from any thread, without waiting."""
        with self._changed:
            *lines, self._begun = (self._begun + text).split("\n")
            self._begun = self._begun[:MAX_LINE]
            self._lines.extend(line[:MAX_LINE] for line in lines)
            too_many = max(0, len(self._lines) - MAX_LINES)
            for _ in range(too_many):
                self._lines.popleft()
            self._lost += too_many
            self._changed.notify()
        if too_many:
            self._counters.add("log_lost", too_many)
        return len(text)

    def show(self, status: str) -> None:
        """Let this text stand under all lines, in place of the one before; empty: none."""
        with self._changed:
            self._status = status
            self._changed.notify()

    def finish(self, timeout_s: float = CLOSE_S) -> None:
        """Write what there is, if the terminal takes it within that time; for good."""
        with self._changed:
            if self._begun:
                self._lines.append(self._begun)
                self._begun = ""
            self._status = ""
            self._is_closing = True
            self._changed.notify()
        self._thread.join(timeout_s)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work)
                if not (self._lines or self._status != self._shown):
                    return
                text = self._next_text()
            self._put(text)

    def _has_work(self) -> bool:
        return bool(self._lines) or self._status != self._shown or self._is_closing

    def _next_text(self) -> str:
        """Return what is to be written now: some lines, each whole, and the status line under them."""
        clear = _CLEAR + (_UP + _CLEAR) * self._shown.count("\n") if self._shown else ""
        lost = [f"({self._lost} lines were lost: the terminal took none)"] if self._lost else []
        lines = [*lost, *self._lines]
        self._lines.clear()
        self._lost = 0
        self._shown = self._status
        return clear + "".join(f"{line}\n" for line in lines) + self._shown

    def _put(self, text: str) -> None:
        data = text.encode(errors="backslashreplace")
        with suppress(OSError):  # the terminal is gone: the show goes on without
            while data:
                data = data[self._write_some(data) :]

    def _write_some(self, data: bytes) -> int:
        """Wait until the terminal takes some bytes, and return how many."""
        try:
            return os.write(self._fd, data)
        except BlockingIOError:  # another program has set it so
            select.select([], [self._fd], [])
            return 0


@contextmanager
def terminal_beside(counters: Counters) -> Iterator[Terminal]:
    """Let all that is logged or printed to stderr go by a thread of its own, until the body ends."""
    before = sys.stderr
    terminal = Terminal(2, counters)
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is before
    ]
    _redirect(handlers, cast(TextIO, terminal))
    try:
        yield terminal
    finally:
        _redirect(handlers, before)
        terminal.finish()


def _redirect(handlers: list["logging.StreamHandler[TextIO]"], stream: TextIO) -> None:
    sys.stderr = stream
    for handler in handlers:
        handler.stream = stream  # setStream would flush the old one, which may wait
