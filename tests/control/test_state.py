"""What a subscriber is owed of the state, and how often it is sent to; the clock is the test's."""

import socket
from dataclasses import replace

import pytest
from heard import BUNDLES

from bandwalk.control.state_packets import MAX_BUNDLE, to_bundles
from bandwalk.control.subscription import OWN_S, PART_S
from bandwalk.osc import encode
from bandwalk.params import LIVE, rows_of
from bandwalk.records import Features

STEP = Features(
    step=0,
    t_audio=0.0,
    t_capture=0.0,
    rms=(0.0,) * 3,
    level=(0.0,) * 3,
    change=(0.0,) * 3,
    onset=(False,) * 3,
    rms_full=0.0,
)


def values_of(messages):
    return {address: args[0] for address, args in messages}


def connect(server, family=socket.AF_INET, ip="127.0.0.1"):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.settimeout(30)
    sock.connect((ip, server.port))
    return sock


@pytest.mark.parametrize(("family", "ip"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_connected_socket_gets_state_features_and_echoes(server, peer, parse, family, ip):
    """As go-osc and libossia open it: such a socket takes what comes from the port it sent to, and nothing else."""
    with connect(server, family, ip) as sock:
        sock.send(encode("/subscribe"))
        sock.send(encode("/ping", 1))
        assert parse(sock.recv(65536))[0] == ("/pong", [1])
        server.turn()
        state = []
        while len(state) < len(LIVE):
            packet = sock.recv(65536)
            assert packet.startswith(b"#bundle\0")
            assert len(packet) < MAX_BUNDLE
            state += parse(packet)
        assert values_of(state).keys() == LIVE.keys()
        server.osc_out.send_features(STEP)
        heard = [pair for _ in range(BUNDLES) for pair in parse(sock.recv(65536))]
        assert ("/feature/low/level", [0.0]) in heard
        peer.ask("/walk/low/kind", "orbit")
        assert parse(sock.recv(65536)) == [("/walk/low/kind", ["orbit"])]


def test_the_whole_state_is_told_once_to_a_new_subscription_and_not_to_one_that_is_renewed(server, peer):
    server.store.set("/style/psi", 0.25, clamp=False)
    peer.ask("/subscribe", peer.port)
    server.turn()
    told = peer.settle()
    assert values_of(told)["/style/psi"] == 0.25
    assert len(told) == len(LIVE)
    peer.ask("/subscribe", peer.port)
    server.turn()
    assert peer.settle() == []
    server.clock.advance(10.0)
    peer.ask("/subscribe", peer.port)
    server.turn()
    assert len(peer.settle()) == len(LIVE)


def test_asking_over_and_over_calls_the_whole_state_once_a_second(server, peer):
    told = []
    for _ in range(20):
        peer.ask("/unsubscribe", peer.port)
        peer.ask("/subscribe", peer.port)
        server.turn()
        told += peer.settle()
    assert len(told) == len(LIVE)
    server.clock.advance(1.0)
    server.turn()
    assert len(peer.settle()) == len(LIVE)


def test_a_controller_that_began_anew_at_the_same_port_gets_the_state_again(server, open_peer):
    old, new, ear = open_peer(), open_peer(), open_peer()
    for one in (old, new):
        one.send("/subscribe", ear.port)
        ear.settle(through=one)
        server.clock.advance(1.0)
        server.turn()
        assert len(ear.settle(through=one)) == len(LIVE)


def test_the_state_of_a_model_with_many_directions_comes_too(server, peer):
    server.store.bring(rows_of([f"pca-{i}" for i in range(64)]))
    peer.ask("/subscribe", peer.port)
    server.turn()
    assert "/direction/pca-63/amount" in values_of(peer.settle())


@pytest.mark.parametrize("refresh_s", [1.0, 3.0, 5.0])
def test_the_state_comes_round_again_in_the_time_asked_for_in_small_parts(server, peer, refresh_s):
    peer.ask("/subscribe", peer.port, 0.0, int(refresh_s))
    server.turn()
    peer.settle()
    seen, most = [], 0
    for _ in range(round(refresh_s / PART_S)):
        server.clock.advance(PART_S)
        server.turn()
        part = peer.settle()
        most = max(most, sum(len(encode(address, *args)) + 4 for address, args in part))
        seen += [address for address, _ in part]
    assert set(seen) == set(LIVE)
    assert len(seen) < 1.3 * len(LIVE)
    assert most < 8000 * PART_S / refresh_s + 200


def test_what_a_client_has_just_set_itself_is_left_out_of_its_turn_for_a_while(server, peer):
    peer.ask("/subscribe", peer.port, 0.0, 1)
    server.turn()
    peer.settle()
    peer.ask("/style/psi", 0.5)

    def hear(seconds):
        heard = []
        for _ in range(round(seconds / PART_S)):
            server.clock.advance(PART_S)
            server.turn()
            heard += peer.settle()
        return [args for address, args in heard if address == "/style/psi"]

    assert hear(OWN_S - PART_S) == []
    assert hear(1.0 + PART_S) == [[0.5]]


def test_at_a_limited_rate_the_newest_step_comes_and_no_onset_is_lost(server, open_peer):
    slow, all_of_it = open_peer(), open_peer()
    slow.ask("/subscribe", slow.port, 20.0)
    all_of_it.ask("/subscribe", all_of_it.port)
    for step in range(100):
        onset = (step == 33, step in (51, 52), False)
        server.osc_out.send_features(replace(STEP, t_audio=step / 100, onset=onset))
        server.osc_out.send_frame(step, 0.0)
        server.clock.advance(0.01)
    slow_heard, heard = slow.settle(), all_of_it.settle()
    times = [args[0] for address, args in slow_heard if address == "/feature/time"]
    assert len(times) == 20 * BUNDLES
    assert sum(args[0] for address, args in slow_heard if address == "/feature/low/onset") == 1
    assert sum(args[0] for address, args in slow_heard if address == "/feature/mid/onset") == 1
    assert len([1 for address, _ in slow_heard if address == "/frame/seq"]) == 20
    assert len([1 for address, _ in heard if address == "/feature/time"]) == 100 * BUNDLES
    assert sum(args[0] for address, args in heard if address == "/feature/mid/onset") == 2


def test_at_a_limited_rate_the_newest_of_the_changes_comes(server, open_peer):
    slow, hand = open_peer(), open_peer()
    slow.ask("/subscribe", slow.port, 10.0)
    server.turn()
    slow.settle()
    for i in range(100):
        hand.ask("/style/psi", i / 100)
        hand.ask("/walk/low/gain", i / 20)
        server.clock.advance(0.01)
        server.turn()
    server.clock.advance(0.1)
    server.turn()
    heard = slow.settle()
    assert 10 <= len([1 for address, _ in heard if address == "/style/psi"]) <= 12
    assert values_of(heard)["/style/psi"] == pytest.approx(0.99)
    assert values_of(heard)["/walk/low/gain"] == pytest.approx(4.95)


def test_two_surfaces_that_send_back_what_they_are_told_come_to_rest(server, open_peer, caplog):
    """Each resends what it hears in steps of its own: without an end, two values chase each other."""
    surfaces = {open_peer(): 127, open_peer(): 100}  # {who: steps of its fader}
    for surface in surfaces:
        surface.ask("/subscribe", surface.port)
    server.turn()
    for surface in surfaces:
        surface.settle()
    next(iter(surfaces)).ask("/style/psi", 64 / 127)
    told = 0
    for _ in range(500):
        for surface, steps in surfaces.items():
            heard = [args[0] for address, args in surface.settle() if address == "/style/psi"]
            told += len(heard)
            for value in heard:
                surface.ask("/style/psi", round(value * steps) / steps)
        server.clock.advance(0.01)
        server.turn()
    assert told < 30
    assert [r.message for r in caplog.records if "back and forth" in r.message] == [
        "/style/psi goes back and forth between controllers: echoed once a second until it is stable"
    ]


def test_one_hand_on_a_fader_is_echoed_each_time(server, open_peer):
    hand, other = open_peer(), open_peer()
    other.ask("/subscribe", other.port)
    for i in range(200):
        hand.ask("/style/psi", i / 200)
    assert len(other.settle()) == 200


def test_bundles_hold_every_value_in_order_and_stay_small():
    values = {f"/a/{i}": "x" * (i % 300) for i in range(400)} | {"/long": "y" * 3000}
    packets = list(to_bundles(values, values))
    assert all(len(packet) < MAX_BUNDLE for packet in packets[:-1])
    assert len(packets[-1]) > 3000
    assert list(to_bundles(values, ())) == []
