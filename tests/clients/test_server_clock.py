"""The clock of a server on another machine: compared by /ping, and used for the ages of frames."""

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import DEADLINE_S
from namespaces import CLIENT, SERVER, Machines

from bandwalk_client import Receiver
from bandwalk_client.endpoint import parse_endpoint
from bandwalk_client.server_clock import KEPT, Comparisons, ServerClock, clock_of, compare

HERE = Path(__file__).parent


def test_the_server_reads_its_clock_halfway():
    one = compare(100.0, 3700.02, 100.04)
    assert (one.offset_s, one.round_trip_s) == pytest.approx((3600.0, 0.04))


def test_the_fastest_answer_counts():
    answers = Comparisons()
    assert answers.best is None
    for late in (0.03, 0.002, 0.05):  # on the way back only
        answers.add(compare(100.0, 105.001, 100.002 + late))
    assert answers.best.offset_s == pytest.approx(5.0, abs=0.0011)


def test_old_answers_are_forgotten_for_clocks_drift():
    answers = Comparisons()
    answers.add(compare(0.0, 5.0, 0.0))
    for k in range(KEPT):
        answers.add(compare(k, k + 5.001, k + 0.002))
    assert answers.best.offset_s == pytest.approx(5.0)
    assert answers.best.round_trip_s == pytest.approx(0.002)


@pytest.mark.parametrize("step", [-7.0, 0.5])
def test_a_clock_that_is_set_is_known_with_the_next_answer(step):
    answers = Comparisons()
    answers.add(compare(0.0, 5.001, 0.002))
    answers.add(compare(1.0, 6.0 + step, 1.02))
    assert answers.best.offset_s == pytest.approx(5.0 + step, abs=0.011)


def test_an_answer_across_a_clock_that_was_set_back_says_nothing():
    answers = Comparisons()
    answers.add(compare(100.0, 100.0, 40.0))
    assert answers.best is None


def message(address, number):
    text = address.encode() + b"\0" * (4 - len(address) % 4)
    return text + b",i\0\0" + struct.pack(">i", number)


class AheadServer:
    """Answers /ping as the protocol says, with a clock that is ahead."""

    def __init__(self, ahead_s):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.ahead_s = ahead_s
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self):
        while True:
            packet, sender = self._socket.recvfrom(100)
            if not packet:
                return
            assert packet[:12] == b"/ping\0\0\0,i\0\0"
            us = round((time.time() + self.ahead_s) * 1e6)
            parts = [
                message("/pong", *struct.unpack(">i", packet[12:])),
                message("/clock/s", us // 10**6),
                message("/clock/us", us % 10**6),
            ]
            sized = b"".join(struct.pack(">i", len(part)) + part for part in parts)
            self._socket.sendto(message("/pong", 3), sender)  # an old server's answer: no time in it
            self._socket.sendto(b"#bundle\0" + bytes(7) + b"\1" + sized, sender)

    def close(self):
        self._socket.sendto(b"", ("127.0.0.1", self.port))


def wait_for(condition):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def ahead():
    with contextlib.closing(AheadServer(3600.0)) as ahead:
        yield ahead


def test_a_server_an_hour_ahead_sends_frames_of_the_right_age(ahead, server):
    with ServerClock("127.0.0.1", ahead.port) as clock, Receiver(server.endpoint, clock=clock) as receiver:
        wait_for(lambda: clock.best is not None)
        assert clock.best.offset_s == pytest.approx(3600.0, abs=0.05 + clock.best.round_trip_s)
        server.wait_for_subscriber()
        taken = []

        def is_taken():
            server.send(1, age_s=-3600.0 + 0.05)  # on a busy machine one comes too old
            taken.append(receiver.receive(1.0))
            return taken[-1]

        wait_for(is_taken)
        assert taken[-1].age_ms > 45
        stale = receiver.stale
        server.send(2, age_s=-3600.0 + 0.5)
        assert receiver.receive(0.3) is None  # half a second old
        wait_for(lambda: receiver.receive(0.0) is None and receiver.stale > stale)


def test_a_server_that_does_not_answer_costs_nothing(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with ServerClock("127.0.0.1", silent.getsockname()[1]) as clock:
            assert silent.recv(100)[:5] == b"/ping"
            assert clock.best is None


def test_on_this_machine_nobody_is_asked():
    with clock_of(parse_endpoint("localhost:9002")) as clock:
        assert clock is None
    with clock_of(parse_endpoint("no-such-host.invalid")) as clock:
        assert clock is None


def test_across_a_cable_the_real_server_tells_its_time():
    code = (
        "import sys, json, time\n"
        "from bandwalk_client.server_clock import ServerClock\n"
        "with ServerClock(sys.argv[1], int(sys.argv[2])) as clock:\n"
        "    while clock.best is None: time.sleep(0.01)\n"
        "print(json.dumps([clock.best.offset_s, clock.best.round_trip_s]))\n"
    )
    with contextlib.closing(Machines()) as machines:
        command = [*machines.enter(machines.server), sys.executable, "network_server.py", SERVER, CLIENT]
        folder = HERE.parent / "control"
        env = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{HERE.parent}"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=folder, env=env, **pipes) as running:
            port = running.stdout.readline().strip()
            asked = [*machines.enter(machines.client), sys.executable, "-c", code, SERVER, port]
            done = subprocess.run(asked, capture_output=True, text=True, timeout=DEADLINE_S, check=True)
            running.stdin.close()
    offset_s, round_trip_s = json.loads(done.stdout)
    print(f"offset {offset_s * 1e3:.3f} ms, round trip {round_trip_s * 1e3:.3f} ms")
    assert abs(offset_s) <= round_trip_s / 2  # both machines have one clock here
