"""A real show as a supervisor sees it: /health, /metrics, stalls, exit status, the service manager's socket."""

import contextlib
import json
import os
import re
import signal
import socket
import sys
import threading
import urllib.error
import urllib.request

import pytest
from server import Osc, Server, free_port_base

from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.stop_signals import Stop
from bandwalk.records import Counters
from bandwalk.show.guard import EXIT_BROKEN, BrokenShowError
from bandwalk.show.serve import serve
from bandwalk.show.show import Show
from bandwalk.show.terminal import Terminal

SMALL = ("demo", "--size", "64x64", "--threads", "1")


@pytest.fixture(scope="module")
def manager(tmp_path_factory):
    """The service manager's end of NOTIFY_SOCKET."""
    path = tmp_path_factory.mktemp("notify") / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))
        sock.settimeout(60)
        yield sock, str(path)


@pytest.fixture(scope="module")
def show(manager):
    env = {"NOTIFY_SOCKET": manager[1], "WATCHDOG_USEC": "600000"}
    with Server(*SMALL, "--log", "json", env=env) as running:
        yield running


def get(show, path):
    """(status, body) of a path of the web port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{show.base + 3}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def test_a_show_that_is_well_says_so_to_whoever_asks(show, manager):
    sock, _ = manager
    assert sock.recv(4096).startswith(b"READY=1")
    status, body = get(show, "/health")
    while status != 200:  # the first picture may be long in coming
        status, body = get(show, "/health")
    said = json.loads(body)
    assert (said["status"], said["reason"]) == ("ok", "")
    while not sock.recv(4096).startswith(b"WATCHDOG=1"):  # sent while it is well
        pass
    lines = get(show, "/metrics")[1].splitlines()
    assert "bandwalk_restarts_total 0" in lines
    stages = {match[1] for line in lines if (match := re.match(r'bandwalk_stalls_total\{stage="(\w+)"\} \d+', line))}
    assert stages == {"hear", "draw", "encode", "send", "control"}
    values = dict(line.split() for line in lines if line.startswith("process_"))
    assert float(values["process_resident_memory_bytes"]) > 1e7
    assert int(values["process_open_fds"]) > 10


def test_a_show_that_was_held_counts_its_stall(show):
    osc = Osc(show)
    osc.send("/stats")
    (before,) = osc.until("/stats/stalls/hear")
    pid = show.process.pid
    os.kill(pid, signal.SIGSTOP)
    threading.Event().wait(0.6)  # the time of the stall itself
    os.kill(pid, signal.SIGCONT)
    after = before
    while after == before:
        osc.send("/stats")
        (after,) = osc.until("/stats/stalls/hear")
    osc.close()


def test_every_line_of_its_log_is_a_json_object(show):
    lines = [json.loads(line) for line in show.log]
    assert any(line["message"].startswith("serving demo") for line in lines)
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_ends_twice_ends_the_show_with_the_status_that_supervisors_know(monkeypatch, caplog):
    def breaks(self):
        raise SystemExit("broken")

    monkeypatch.setattr(Show, "_hear_block", breaks)
    hangs = threading.Event()
    monkeypatch.setattr("bandwalk.show.serve.end_anyway", hangs.set)
    start = resolve({"size": "64x64", "threads": "1", "preset": "", "port_base": str(free_port_base())}, "demo")
    counters, stop = Counters(), Stop()
    interval = sys.getswitchinterval()
    with open(os.devnull, "wb") as nowhere, pytest.raises(BrokenShowError, match="hear thread has ended twice") as end:
        serve(start, stop, Terminal(nowhere.fileno(), counters), counters, show=False)
    sys.setswitchinterval(interval)
    assert end.value.exit_status == EXIT_BROKEN
    assert hangs.is_set()
    assert "the hear thread has ended; it was started again" in caplog.text


def test_the_end_is_told_to_the_service_manager(show, manager):
    sock, _ = manager
    timeout_s = sock.gettimeout()
    sock.setblocking(False)
    with contextlib.suppress(BlockingIOError):  # a full socket takes no more, and the show does not wait
        while sock.recv(4096):
            pass
    sock.settimeout(timeout_s)
    with contextlib.suppress(ProcessLookupError):
        os.kill(show.process.pid, signal.SIGTERM)
    while sock.recv(4096) != b"STOPPING=1":
        pass
