"""A terminal that takes no text: a real one (a pty) that nobody reads."""

import contextlib
import fcntl
import logging
import os
import pty
import re
import signal
import struct
import sys
import termios
import threading
import time

import pytest
from frames import meta_of, pixels_of
from server import Frames, Osc, _warm, free_port_base, is_open
from warm import Forked

from bandwalk.records import Counters
from bandwalk.show.terminal import CLOSE_S, MAX_LINE, MAX_LINES, Terminal, terminal_beside

DEADLINE_S = 60.0


class Pty:
    """A terminal of 200 columns, and what was read from it."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
        self.name = os.ttyname(self.slave)

    def freeze(self):
        """Fill it until it takes no more, as after Ctrl-S; what it took moves on inside for a while."""
        refused = 0
        with open(self.name, "wb", 0, opener=self._without_waiting) as door:
            while refused < 10:
                refused = 0 if door.write(b".") else refused + 1
                time.sleep(0.01 if refused else 0.0)

    @staticmethod
    def _without_waiting(path, flags):
        return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)

    def read_until(self, text):
        """Read until a text was written; return all."""
        seen, end = b"", time.monotonic() + DEADLINE_S
        os.set_blocking(self.master, False)
        while text not in seen:
            assert time.monotonic() < end, seen
            with contextlib.suppress(BlockingIOError):
                seen += os.read(self.master, 65536)
            time.sleep(0.002)
        return seen

    def close(self):
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def tty():
    made = Pty()
    yield made
    made.close()


def test_a_show_on_a_terminal_that_takes_no_text_is_steered_and_ends(tty):
    tty.freeze()
    base = tty.base = free_port_base()
    command = ["--debug", "serve", "demo", "--size", "64x64", "--threads", "1", "--port-base", str(base)]
    env = {**os.environ, "TERM": "xterm"}
    process = Forked(_warm(), command, env=env, stdout=os.devnull, stderr=tty.name)
    try:
        with Frames(tty, repeats=True) as frames:
            frames.until(lambda m: meta_of(m)["seq"] > 30, DEADLINE_S)  # the status line was to be written
            osc = Osc(tty, subscribe=False)
            osc.send("/master/fade", 0.0)
            frames.next()
            osc.send("/master/blackout", 1)
            frames.until(lambda m: pixels_of(m).max() < 8)  # it never came; how soon it does is in test_emergency
            for _ in range(3):
                osc.send("/nothing/there", 1)  # is reported, and logged
                osc.until("/error")
            osc.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0  # it never ended; how soon it does is in test_stopping
    finally:
        process.kill()
    assert not is_open(base)


def test_the_status_line_stays_under_what_is_logged(tty):
    terminal = Terminal(tty.slave, Counters())
    terminal.show("30 fps")
    tty.read_until(b"30 fps")
    terminal.write("one\ntwo\n")
    assert b"\r\x1b[Kone\r\ntwo\r\n30 fps" in tty.read_until(b"two\r\n30 fps")
    terminal.finish()
    assert tty.read_until(b"\x1b[K").endswith(b"\r\x1b[K")


@pytest.fixture
def pipe():
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


def fill(writer):
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writer, b"." * 512):
            pass
    os.set_blocking(writer, True)


def test_lines_that_nobody_takes_are_bounded_counted_and_told_of(pipe):
    reader, writer = pipe
    fill(writer)
    counters = Counters()
    terminal = Terminal(writer, counters)
    begun = time.monotonic()
    for n in range(3 * MAX_LINES):
        terminal.write(f"line {n}\n")
    terminal.write("x" * 10 * MAX_LINE)
    assert time.monotonic() - begun < 5.0  # it never ended
    lost = counters.counts["log_lost"]
    assert MAX_LINES <= lost <= 2 * MAX_LINES
    finishing = time.monotonic()
    terminal.finish()
    assert time.monotonic() - finishing < 2 * CLOSE_S + 5.0
    text = b""
    while f"line {3 * MAX_LINES - 1}\n".encode() not in text:
        text += os.read(reader, 65536)
    assert sum(map(int, re.findall(rb"\((\d+) lines were lost: the terminal took none\)\n", text))) == lost


def test_what_is_logged_and_printed_goes_through_it_and_comes_out_at_the_end(capfd):
    logger, handler = logging.getLogger("bandwalk.test"), logging.StreamHandler(sys.stderr)
    logging.getLogger().addHandler(handler)
    try:
        with terminal_beside(Counters()):
            logger.warning("logged")
            print("printed", file=sys.stderr)
            thread = threading.Thread(target=lambda: print("in a thread", file=sys.stderr))
            thread.start()
            thread.join()
    finally:
        logging.getLogger().removeHandler(handler)
    assert capfd.readouterr().err == "logged\nprinted\nin a thread\n"


def test_a_terminal_that_is_gone_stops_nothing():
    reader, writer = os.pipe()
    os.close(reader)
    terminal = Terminal(writer, Counters())
    terminal.write("nobody reads this\n")
    terminal.finish(DEADLINE_S)
    assert not terminal._thread.is_alive()
    os.close(writer)
