"""Frames over the WebSocket: the bytes as published, the newest only, and no client holds another up."""

import asyncio

import pytest
from websockets.exceptions import ConnectionClosedError

from bandwalk.web.outbox import MAX_WAITING, Outbox

FRAME = b"\xff\xd8" + bytes(50_000)


def frame(n):
    return FRAME + n.to_bytes(4, "big") + b"\xff\xd9"


def show(desk, n):
    desk.web.show(frame(n), n, 0.0)


@pytest.fixture
def watched(desk, wait_until):
    def until(count=1):
        wait_until(lambda: len(desk.web._hub.watchers) == count, f"{count} watchers")

    return until


def test_a_frame_comes_as_it_was_published_in_one_binary_message_not_compressed(desk, watched):
    with desk.connect("/frames", compression="deflate") as ws:
        watched()
        assert not ws.response.headers.get("Sec-WebSocket-Extensions")
        show(desk, 7)
        assert ws.recv(timeout=30) == frame(7)


def test_who_watches_is_known(desk, watched, wait_until):
    wait_until(lambda: not desk.web.watched, "the watcher before to be forgotten")
    with desk.connect("/frames"):
        wait_until(lambda: desk.web.watched, "the watcher to be known")
    wait_until(lambda: not desk.web.watched, "the watcher to be forgotten")


def test_a_controller_alone_does_not_watch(desk, controller, wait_until):
    wait_until(lambda: not desk.web.watched, "the watcher before to be forgotten")
    controller.settle()
    assert not desk.web.watched


def test_a_stalled_client_sees_the_newest_and_holds_nobody_up(desk, watched):
    with desk.connect("/frames", max_queue=1) as stalled, desk.connect("/frames") as lively:
        watched(2)
        for n in range(400):  # 20 MB: more than the kernel holds for a connection
            show(desk, n)
            assert int.from_bytes(lively.recv(timeout=30)[-6:-2], "big") <= n
        seen = []
        while not seen or seen[-1] < 399:
            seen.append(int.from_bytes(stalled.recv(timeout=30)[-6:-2], "big"))
        assert seen == sorted(set(seen))
        assert len(seen) < 300
    assert desk.counters.counts["web_frames_dropped"] > 0


def test_a_client_that_talks_too_much_is_cut_off(desk):
    with desk.connect("/frames") as ws:
        ws.send(bytes(2000))
        with pytest.raises(ConnectionClosedError, match="1009"):
            ws.recv(timeout=30)


def test_of_each_address_the_newest_waits_in_the_order_of_the_changes():
    async def fill():
        outbox = Outbox()
        for packet, address in ((b"1", "/a"), (b"2", "/b"), (b"3", ""), (b"4", "/a")):
            assert not outbox.put(packet, address)
        return await outbox.take()

    assert asyncio.run(fill()) == [b"2", b"3", b"4"]


def test_too_many_answers_lose_the_oldest():
    async def fill():
        outbox = Outbox()
        lost = [outbox.put(str(n).encode()) for n in range(MAX_WAITING + 3)]
        return sum(lost), await outbox.take()

    lost, packets = asyncio.run(fill())
    assert lost == 3
    assert packets == [str(n).encode() for n in range(3, MAX_WAITING + 3)]
