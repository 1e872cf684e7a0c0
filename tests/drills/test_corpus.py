"""Each input of the corpus is read, or refused in words, and costs little: the seeds, and what once failed."""

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "checks" / "fuzz"))
from targets import CORPUS, TARGETS, Desk, try_one

from bandwalk.osc import encode

INPUTS = sorted(path.relative_to(CORPUS) for path in CORPUS.rglob("*") if path.is_file())
SLOWER = 10
"""A machine may be so many times slower than the one for which the limit is."""


def test_every_target_has_seeds_and_every_input_a_target():
    assert {path.parts[0] for path in INPUTS} == {name for name, target in TARGETS.items() if not target.seeds}


@pytest.mark.parametrize("path", INPUTS, ids=str)
def test_it_is_read_or_refused_and_costs_little(path):
    target, data = TARGETS[path.parts[0]], (CORPUS / path).read_bytes()
    times = []
    for _ in range(3):
        begun = time.thread_time()
        try_one(target, data)
        times.append(time.thread_time() - begun)
    assert min(times) < SLOWER * target.limit_s


def test_what_is_read_has_an_effect():
    """A target that reads nothing would find nothing."""
    desk = Desk()
    desk.take(encode("/style/psi", 0.25))
    assert desk.store.values["/style/psi"] == 0.25
    packet = encode("/style/psi", 0.75)
    head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:9003\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    key = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    desk.receive(head + key, bytes([0x82, 0x80 | len(packet)]) + bytes(4) + packet)
    assert desk.store.values["/style/psi"] == 0.75
