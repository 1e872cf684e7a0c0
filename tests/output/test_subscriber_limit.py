"""The frame socket's gate: places in all and for each peer, no matter who connects and how often."""

import contextlib
import resource
import socket
import time

import pytest
import zmq

from bandwalk.machine import raise_descriptors
from bandwalk.output import subscriber_limit
from bandwalk.output.publish import Publisher
from bandwalk.records import Counters

DEADLINE_S = 30.0


@pytest.fixture
def publisher():
    publisher = Publisher("127.0.0.1", 0, counters=Counters())
    yield publisher
    publisher.close()


class Crowd:
    """Many subscribers of one process."""

    def __init__(self, port):
        self._port = port
        self.context = zmq.Context()
        self.context.set(zmq.MAX_SOCKETS, 2000)

    def join(self, count, peer="127.0.0.1"):
        return [self._join(peer) for _ in range(count)]

    def _join(self, peer):
        sock = self.context.socket(zmq.SUB)
        sock.setsockopt(zmq.SUBSCRIBE, b"")
        sock.connect(f"tcp://{peer}:0;127.0.0.1:{self._port}")
        return sock


@pytest.fixture
def crowd(publisher):
    crowd = Crowd(publisher.port)
    yield crowd
    crowd.context.destroy(linger=0)


def settle(publisher, socks, expected):
    """Publish until a frame comes to so many subscribers."""
    poller = zmq.Poller()
    for sock in socks:
        poller.register(sock, zmq.POLLIN)
    seen, n, end = set(), 0, time.monotonic() + DEADLINE_S
    while len(seen) != expected:
        assert time.monotonic() < end, f"{len(seen)} got a frame, expected {expected}"
        n, seen = n + 1, set()
        publisher.send(b"%d" % n)
        while ready := poller.poll(100):
            seen |= {sock for sock, _ in ready if sock.recv() == b"%d" % n}


@pytest.mark.alone  # on a busy machine many slip in, again and again
def test_one_peer_has_only_so_many_places_and_others_still_come_in(publisher, crowd):
    many = crowd.join(200)
    settle(publisher, many, subscriber_limit.MAX_OF_PEER)
    settle(publisher, crowd.join(1, "127.0.0.2"), 1)
    assert publisher._counters.counts["frames_refused"] >= 200 - subscriber_limit.MAX_OF_PEER


@pytest.mark.alone
def test_there_are_only_so_many_places_in_all(publisher, crowd):
    socks = [sock for n in range(3) for sock in crowd.join(60, f"127.0.1.{n}")]
    settle(publisher, socks, subscriber_limit.MAX_SUBSCRIBERS)


def test_a_place_is_free_again_when_its_subscriber_leaves(publisher, crowd, monkeypatch):
    monkeypatch.setattr(subscriber_limit, "HOLD_S", 0.2)
    first, second = crowd.join(subscriber_limit.MAX_OF_PEER), crowd.join(5)
    settle(publisher, first + second, subscriber_limit.MAX_OF_PEER)
    for sock in first:
        sock.close(linger=0)
    settle(publisher, second, 5)


def test_where_descriptors_are_short_connections_too_many_are_closed_at_once(monkeypatch):
    monkeypatch.setattr(subscriber_limit, "HOLD_S", 120.0)
    publisher = Publisher("127.0.0.1", 0, counters=Counters(), n_max=10)
    with contextlib.ExitStack() as stack:
        stack.callback(publisher.close)
        socks = [
            stack.enter_context(socket.create_connection(("127.0.0.1", publisher.port), 30))
            for _ in range(subscriber_limit.MAX_OF_PEER + 20)
        ]
        begun = time.monotonic()
        for sock in socks[subscriber_limit.MAX_OF_PEER + 10 :]:
            while sock.recv(100):
                pass
        assert time.monotonic() - begun < 60.0


@pytest.mark.alone
def test_it_closes_at_once_with_a_crowd_outside(publisher, crowd, monkeypatch):
    monkeypatch.setattr(subscriber_limit, "HOLD_S", 120.0)
    settle(publisher, crowd.join(200), subscriber_limit.MAX_OF_PEER)
    begun = time.monotonic()
    publisher.close()
    assert time.monotonic() - begun < 30.0


def test_the_process_may_open_more_than_it_began_with():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, before[1]))
        expected = min(8192, before[1])
        assert raise_descriptors() == (1024, expected)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (expected, before[1])
        assert raise_descriptors() == (expected, expected)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
