"""Clients that ask too often: they are answered later, lose nothing, and keep nobody waiting."""

import pytest
from web.conftest import build, connect, wait_until

from bandwalk.web import acceptor, sockets
from bandwalk.web.pacing import MAX_PEERS, Paces, Pacing


def test_so_many_at_once_and_then_so_many_a_second():
    now = [100.0]
    pacing = Pacing((10.0, 5), lambda: now[0])
    assert [pacing.delay_s() for _ in range(5)] == [0.0] * 5
    assert [pacing.delay_s() for _ in range(2)] == pytest.approx([0.1, 0.2])
    now[0] += 0.4
    assert pacing.delay_s() == 0.0
    now[0] += 1000.0
    assert [pacing.delay_s() > 0 for _ in range(6)] == [False] * 5 + [True]


def test_peers_are_counted_apart_and_not_without_end():
    paces = Paces((1.0, 1))
    first = paces.of("10.0.0.1")
    assert paces.of("10.0.0.1") is first
    for n in range(MAX_PEERS + 1):
        paces.of(f"10.0.1.{n}")
    assert paces.of("10.0.0.1") is not first


def test_a_websocket_that_floods_is_read_later_and_its_last_value_comes(open_desk, monkeypatch, caplog):
    monkeypatch.setattr(sockets, "MESSAGES", (25.0, 10))
    desk = open_desk()
    with connect(f"ws://127.0.0.1:{desk.port}/") as flood, connect(f"ws://127.0.0.1:{desk.port}/") as other:
        for n in range(40):
            flood.send(build("/style/psi", n / 100.0))
        other.send(build("/style/seed", 77))
        wait_until(lambda: desk.store.snapshot()["/style/seed"] == 77, "the other client's value")
        wait_until(lambda: desk.store.snapshot()["/style/psi"] == pytest.approx(0.39), "the last value")
    assert desk.counters.counts["web_slowed"] >= 1
    assert len([r for r in caplog.records if "WebSocket" in r.getMessage() and "over 25" in r.getMessage()]) == 1


def test_requests_that_flood_are_all_answered_later(open_desk, monkeypatch, caplog):
    monkeypatch.setattr(acceptor, "REQUESTS", (400.0, 5))
    desk = open_desk()
    assert [desk.get("/style/psi")[0] for _ in range(40)] == [200] * 40
    counted = desk.counters.counts.get("web_slowed", 0)
    told = [r for r in caplog.records if "requests a second" in r.getMessage()]
    assert len(told) == (counted > 0)
