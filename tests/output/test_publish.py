"""The frame socket, met by real subscribers on loopback."""

import contextlib
import os
import socket
import time
from pathlib import Path

import pytest
import zmq

from bandwalk.errors import WireError
from bandwalk.output.publish import MAX_TOPICS, Publisher
from bandwalk.records import Counters
from bandwalk.wire import insert_segment

JPEG = b"\xff\xd8\xff\xdb\x00\x04\x00\x00" + bytes(60_000) + b"\xff\xd9"
DEADLINE_S = 30.0


def frame(seq):
    return insert_segment(JPEG, {"seq": seq})


def wait_for(condition, what):
    """Return the first true value of condition(); fail after the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.002)
    raise AssertionError(f"not within {DEADLINE_S} s: {what}")


def wait_for_all(publisher, *subscribers):
    """Wait until each of them gets what is sent; nothing of it is left."""
    for subscriber in subscribers:
        wait_for(lambda s=subscriber: (publisher.send(frame(0)), s.poll(10))[1], "a subscriber came")
    for subscriber in subscribers:
        while subscriber.poll(100):
            subscriber.recv()


@pytest.fixture
def counters():
    return Counters()


@pytest.fixture
def publisher(counters):
    with contextlib.closing(Publisher("127.0.0.1", 0, counters=counters)) as publisher:
        yield publisher


@pytest.fixture
def subscribe(publisher):
    """A function that makes a raw ZeroMQ subscriber: bandwalk's own receiver has no part in these tests."""
    with zmq.Context() as context:
        kept = []  # a socket that nobody holds is closed

        def make(*, topic=b"", **options):
            subscriber = context.socket(zmq.SUB)
            subscriber.linger = 0
            for name, value in options.items():
                setattr(subscriber, name, value)
            subscriber.subscribe(topic)
            subscriber.connect(publisher.endpoint)
            kept.append(subscriber)
            return subscriber

        yield make
        context.destroy(linger=0)


def test_a_frame_arrives_as_one_part_byte_for_byte(publisher, subscribe):
    subscriber = subscribe()
    wait_for(lambda: publisher.watched, "the subscriber came")
    publisher.send(frame(1))
    assert subscriber.poll(30_000)
    assert subscriber.recv_multipart() == [frame(1)]


def test_watched_follows_the_first_that_comes_and_the_last_that_leaves(publisher, subscribe):
    assert not publisher.watched
    first, second = subscribe(), subscribe()
    wait_for(lambda: publisher.watched, "a subscriber came")
    wait_for_all(publisher, first, second)
    first.close()
    publisher.send(frame(1))
    assert second.poll(30_000)
    assert publisher.watched
    second.close()
    wait_for(lambda: not publisher.watched, "the last subscriber left")


@pytest.mark.parametrize("options", [{"conflate": 1}, {"rcvhwm": 1}])
def test_raw_subscribers_of_both_kinds_get_frames(publisher, subscribe, options):
    subscriber = subscribe(**options)
    wait_for(lambda: publisher.watched, "the subscriber came")
    for seq in range(5):
        publisher.send(frame(seq))
    assert subscriber.poll(30_000)
    assert subscriber.recv() in [frame(seq) for seq in range(5)]


def test_a_conflating_subscriber_that_slept_wakes_to_the_newest_frame(publisher, subscribe):
    sleeper, awake = subscribe(conflate=1), subscribe()
    wait_for_all(publisher, sleeper, awake)
    for seq in range(200):  # the one that is awake paces the publisher
        publisher.send(frame(seq))
        assert awake.poll(30_000)
        assert awake.recv() == frame(seq)
    wait_for(lambda: sleeper.poll(0) and sleeper.recv() == frame(199), "the newest frame")


def test_sending_to_a_subscriber_that_never_reads_neither_waits_nor_grows(publisher, subscribe):
    subscribe(rcvhwm=1)
    wait_for(lambda: publisher.watched, "the subscriber came")
    statm = Path("/proc/self/statm")
    for seq in range(300):  # fill the kernel's buffers first
        publisher.send(frame(seq))
    before, began = int(statm.read_text().split()[1]), time.monotonic()
    for seq in range(300, 3000):
        publisher.send(frame(seq))
    grown = (int(statm.read_text().split()[1]) - before) * os.sysconf("SC_PAGE_SIZE")
    assert grown < 8e6  # of 162 MB sent
    assert time.monotonic() - began < 60.0  # it would wait without end


def test_a_client_that_subscribes_to_very_many_topics_is_cut_off_and_others_are_not(publisher, subscribe, counters):
    healthy, greedy = subscribe(), subscribe(sndhwm=0)
    wait_for_all(publisher, healthy)
    for i in range(20_000):
        greedy.subscribe(b"topic %d" % i)

    def is_cut_off():
        publisher.send(frame(0))
        return counters.counts.get("expelled")

    wait_for(is_cut_off, "the greedy client was cut off")
    greedy.close()
    while healthy.poll(0):
        healthy.recv()
    publisher.send(frame(1))
    assert healthy.poll(30_000)
    healthy.close()
    wait_for(lambda: not publisher.watched, "all topics are forgotten")


def test_a_client_that_keeps_changing_its_mind_is_heard_without_end(publisher, subscribe, counters):
    fickle = subscribe(topic=b"\xff\xd8")
    wait_for(lambda: publisher.watched, "the subscriber came")
    for i in range(5 * MAX_TOPICS):
        fickle.subscribe(b"topic %d" % i)
        fickle.unsubscribe(b"topic %d" % i)
        publisher.send(frame(i))
    assert fickle.poll(30_000)
    assert "expelled" not in counters.counts


def test_a_subscription_that_is_too_long_ends_its_connection_only(publisher, subscribe):
    healthy, rude = subscribe(), subscribe(topic=b"")
    wait_for_all(publisher, healthy, rude)
    rude.subscribe(bytes(5_000))
    for _ in range(20):
        publisher.send(frame(1))
        assert healthy.poll(30_000)
        healthy.recv()
    healthy.close()
    wait_for(lambda: not publisher.watched, "the rude one is out, too")


def test_bytes_that_are_no_zeromq_end_their_connection_only(publisher, subscribe):
    healthy = subscribe()
    wait_for(lambda: publisher.watched, "the subscriber came")
    with socket.create_connection(("127.0.0.1", publisher.port), timeout=30) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
        publisher.send(frame(1))
        assert healthy.poll(30_000)


def test_a_taken_port_is_one_line_that_names_the_flag(publisher, counters):
    port = publisher.port
    expected = f"--port-base = {port - 2}: port {port}/tcp on 127.0.0.1 is taken; expected a free one"
    with pytest.raises(WireError) as caught:
        Publisher("127.0.0.1", port, counters=counters)
    assert str(caught.value) == expected


@pytest.mark.parametrize("bind", ["192.0.2.1", "no such host", "x" * 80])
def test_an_address_of_another_machine_is_one_line_that_names_the_flag(bind, counters):
    with pytest.raises(WireError, match=f"--bind = {bind}: .*expected an address of this machine"):
        Publisher(bind, 0, counters=counters)


def test_a_name_and_an_ipv6_address_can_be_bound(counters):
    for bind, shown in (("localhost", "tcp://127.0.0.1:"), ("::1", "tcp://[::1]:")):
        with contextlib.closing(Publisher(bind, 0, counters=counters)) as publisher:
            assert publisher.endpoint == f"{shown}{publisher.port}"


def test_a_closed_publisher_frees_its_port(counters):
    first = Publisher("127.0.0.1", 0, counters=counters)
    first.send(frame(1))
    first.close()
    Publisher("127.0.0.1", first.port, counters=counters).close()
