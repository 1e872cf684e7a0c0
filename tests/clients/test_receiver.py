"""The receiver against a server made of nothing but pyzmq."""

import struct
import threading
import time

import numpy as np
import pytest

from bandwalk.errors import ParameterError, WireError
from bandwalk_client import Received, Receiver


@pytest.fixture
def receiver(server):
    with Receiver(server.endpoint, max_age_ms=20_000) as receiver:  # a busy machine makes frames old
        server.wait_for_subscriber()
        yield receiver


def receive_until(receiver, is_so):
    """Receive until something is so; return the last of what was handed out."""
    deadline = time.monotonic() + 30.0
    while not is_so():
        assert time.monotonic() < deadline
        received = receiver.receive(0.1)
    return received


def receive_seq(receiver, seq, timeout_s=30.0):
    """Receive until the frame with this seq comes; return it."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        received = receiver.receive(deadline - time.monotonic())
        if received is not None and received.meta.get("seq") == seq:
            return received
    raise AssertionError(f"frame {seq} did not come")


def test_a_frame_comes_with_its_description_its_age_and_its_picture(server, receiver, picture):
    server.send(7, age_s=0.05, model="builtin")
    received = receiver.receive(30.0)
    assert received.meta["seq"] == 7
    assert received.meta["model"] == "builtin"
    assert 50 <= received.age_ms < 5000
    assert np.abs(received.rgb().astype(int) - picture).mean() < 2
    assert (receiver.received, receiver.dropped, receiver.stale, receiver.broken) == (1, 0, 0, 0)


def test_nothing_comes_twice_and_a_timeout_is_kept(server, receiver):
    server.send(1)
    assert receiver.receive(30.0) is not None
    began = time.monotonic()
    assert receiver.receive(0.1) is None
    assert time.monotonic() - began >= 0.1
    assert receiver.receive(0.0) is None


def test_a_slow_reader_gets_the_newest_frame_and_knows_what_it_missed(server, receiver):
    server.send(0)
    receive_seq(receiver, 0)
    for seq in range(1, 51):
        server.send(seq)
    receive_seq(receiver, 50)
    assert receiver.received + receiver.dropped == 51


def test_gaps_in_seq_are_counted(server, receiver):
    for seq in (3, 4, 9):
        server.send(seq)
        receive_seq(receiver, seq)
    assert receiver.dropped == 4


def test_frames_older_than_the_limit_are_not_handed_out(server, receiver):
    server.send(1, age_s=60.0)
    assert receive_until(receiver, lambda: receiver.stale == 1) is None
    server.send(2)
    assert receiver.receive(30.0).meta["seq"] == 2
    assert receiver.dropped == 0


def test_without_a_limit_old_frames_are_handed_out_with_their_age(server):
    with Receiver(server.endpoint, max_age_ms=None) as receiver:
        server.wait_for_subscriber()
        server.send(1, age_s=60.0)
        assert receiver.receive(30.0).age_ms == pytest.approx(60_000, abs=10_000)


def test_a_server_that_starts_again_is_found_and_is_no_drop(server, receiver):
    server.send(100)
    receive_seq(receiver, 100)
    server.stop()
    server.start()
    server.wait_for_subscriber(meanwhile=lambda: receiver.receive(0.01))
    server.send(0)
    receive_seq(receiver, 0)
    server.send(1)
    receive_seq(receiver, 1)
    assert receiver.dropped == 0


def test_a_server_may_come_later(server):
    server.stop()
    with Receiver(server.endpoint, max_age_ms=20_000) as receiver:
        assert receiver.receive(0.1) is None
        server.start()
        server.wait_for_subscriber()
        server.send(1)
        assert receiver.receive(30.0).meta["seq"] == 1


def test_a_plain_jpeg_file_is_a_frame_that_says_nothing_of_itself(server, receiver):
    server.send(1)
    jpeg = receiver.receive(30.0).jpeg
    end_of_segment = 4 + struct.unpack(">H", jpeg[4:6])[0]
    server.send_raw(jpeg[:2] + jpeg[end_of_segment:])
    plain = receiver.receive(30.0)
    assert (plain.meta, plain.age_ms) == ({}, None)
    assert np.array_equal(plain.rgb(), Received(jpeg, {}, None).rgb())


@pytest.mark.parametrize(
    "message", [b"", b"hello", b"\xff\xd8\xff\xe9\xff\xff", b"\xff\xd8\xff\xe9\x00\x0cbandwalk\0\x07"]
)
def test_a_message_that_is_no_frame_is_counted_and_passed_over(server, receiver, message):
    server.send_raw(message)
    assert receive_until(receiver, lambda: receiver.broken == 1) is None
    server.send(1)
    assert receiver.receive(30.0).meta["seq"] == 1


@pytest.mark.parametrize("value", [None, "now", True, float("nan"), float("inf"), 10**400, [1], {}])
def test_a_stamp_or_a_seq_that_is_no_number_is_no_stamp(server, receiver, value):
    server.send(1, t_publish=value)
    assert receiver.receive(30.0).age_ms is None
    server.send(2, seq=value)
    assert receiver.receive(30.0) is not None


def test_a_picture_that_is_broken_or_far_too_large_is_refused_when_decoded(server, receiver):
    server.send(1)
    jpeg = receiver.receive(30.0).jpeg
    sof = jpeg.index(b"\xff\xc0")
    huge = jpeg[: sof + 5] + struct.pack(">HH", 65_000, 65_000) + jpeg[sof + 9 :]
    with pytest.raises(WireError, match="65000x65000; expected at most 8192 pixels a side"):
        Received(huge, {}, None).rgb()
    with pytest.raises(WireError, match="expected a JPEG file"):
        Received(jpeg[: len(jpeg) // 2], {}, None).rgb()
    with pytest.raises(WireError, match="expected a JPEG file"):
        Received(b"", {}, None).rgb()


def test_a_wait_ends_when_a_frame_comes(server, receiver):
    timer = threading.Timer(0.1, server.send, (1,))
    timer.start()
    began = time.monotonic()
    assert receiver.receive(30.0) is not None
    assert time.monotonic() - began < 25.0
    timer.join()


def test_a_name_that_is_no_endpoint_is_refused():
    with pytest.raises(ParameterError, match="endpoint = 'a b'"):
        Receiver("a b")
