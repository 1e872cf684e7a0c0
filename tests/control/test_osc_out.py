import socket
from dataclasses import replace

import pytest
from heard import BUNDLES, STEP, sent

from bandwalk.control import targets
from bandwalk.control.route import parse_route
from bandwalk.control.state_packets import MAX_BUNDLE
from bandwalk.errors import ParameterError
from bandwalk.params.signals import FEATURES
from bandwalk.records import Counters

NO_HIT = replace(STEP, onset=(False,) * 3, level=(0.0,) * 3)


def hear(peer):
    """Return the messages of a step as a peer gets them, {address: [number]}."""
    return {address: pytest.approx(args) for _ in range(BUNDLES) for address, args in peer.receive()}


def test_a_step_goes_to_targets_and_subscribers_in_small_bundles_each_with_its_time(open_server, open_peer, parse):
    target = open_peer(1)
    server = open_server(targets=(target.address,))
    subscriber = open_peer(server.port)
    subscriber.ask("/subscribe", subscriber.port)
    server.osc_out.send_features(STEP)
    packets = [target.socket.recv(65536) for _ in range(BUNDLES)]
    assert [subscriber.socket.recv(65536) for _ in range(BUNDLES)] == packets
    assert max(map(len, packets)) <= MAX_BUNDLE == 1400
    bundles = [[address for address, _ in parse(packet)] for packet in packets]
    assert all(addresses.count("/feature/time") == 1 for addresses in bundles)
    told = [address for addresses in bundles for address in addresses if address != "/feature/time"]
    assert told == [row.address for row in FEATURES if row.address != "/feature/time"]


def test_each_number_of_a_step_is_sent_at_its_address(open_server, open_peer):
    target = open_peer(1)
    server = open_server(targets=(target.address,))
    subscriber = open_peer(server.port)
    subscriber.ask("/subscribe", subscriber.port)
    server.osc_out.send_features(STEP)
    assert [hear(target), hear(subscriber)] == [sent()] * 2


def test_onsets_are_sent_as_whole_numbers(open_server, open_peer):
    target = open_peer(1)
    open_server(targets=(target.address,)).osc_out.send_features(STEP)
    packet = target.socket.recv(65536)
    assert packet[packet.index(b"/feature/low/onset") :][20:28] == b",i\0\0\0\0\0\1"


def test_who_is_both_target_and_subscriber_gets_it_once(open_server, open_peer):
    target = open_peer(1)
    server = open_server(targets=(target.address,))
    target.server = ("127.0.0.1", server.port)
    target.ask("/subscribe", target.port)
    server.osc_out.send_features(STEP)
    server.osc_out.send_frame(2**31 + 5, 12.5)
    assert [hear(target), target.receive()] == [sent(), [("/frame/seq", [5]), ("/frame/age_ms", [12.5])]]


def test_a_change_is_told_to_all_other_subscribers_and_to_no_target(open_server, open_peer):
    target = open_peer(1)
    server = open_server(targets=(target.address,))
    target.server = ("127.0.0.1", server.port)
    one, two = open_peer(server.port), open_peer(server.port)
    one.ask("/subscribe", one.port)
    two.ask("/subscribe", two.port)
    assert one.ask("/walk/low/kind", "orbit") == []
    assert two.settle() == [("/walk/low/kind", ["orbit"])]
    assert target.settle() == []
    one.ask("/walk/low/kind", "orbit")
    assert two.settle() == []


def test_a_change_by_nobody_on_osc_is_told_to_all(server, peer):
    peer.ask("/subscribe", peer.port)
    server.store.set("/master/freeze", True, clamp=True, controller="the panel")
    assert peer.settle() == [("/master/freeze", [1])]


def test_a_clamped_change_is_told_as_it_was_applied(server, open_peer):
    one, two = open_peer(), open_peer()
    two.ask("/subscribe", two.port)
    one.ask("/style/psi", 9.0)
    assert two.settle() == [("/style/psi", [1.5])]


def test_a_subscriber_that_did_not_renew_hears_no_more(server, peer):
    peer.ask("/subscribe", peer.port)
    server.osc_out.send_features(STEP)
    assert {address: pytest.approx(args) for address, args in peer.settle()} == sent()
    server.clock.advance(10.0)
    server.osc_out.send_features(STEP)
    server.store.set("/style/psi", 0.5, clamp=True)
    assert peer.settle() == []


def test_a_tablet_whose_script_knows_floats_only_subscribes_and_is_answered_at_its_port(server, open_peer):
    tablet, ear = open_peer(), open_peer()
    tablet.send("/subscribe", float(ear.port))
    tablet.send("/style/psi")
    assert ear.receive() == [("/style/psi", [1.0])]
    server.osc_out.send_features(STEP)
    assert hear(ear) == sent()


def test_names_are_looked_up_once_at_the_start(open_peer, open_out, monkeypatch):
    target = open_peer(1)
    out = open_out([("localhost", target.port)])
    monkeypatch.setattr(socket, "getaddrinfo", None)
    out.send_features(STEP)
    assert hear(target) == sent()


def test_a_target_that_nobody_listens_at_stops_nothing(free_port, open_out):
    counters = Counters()
    out = open_out([("127.0.0.1", free_port)], counters)
    for _ in range(100):
        out.send_features(STEP)
    out.close()
    out.send_features(STEP)
    assert counters.counts == {"osc_out_failed": BUNDLES}


def test_a_target_that_is_not_known_yet_stops_nothing_and_gets_its_features_when_it_is(
    open_peer, wait_until, monkeypatch, caplog
):
    peer, counters = open_peer(1), Counters()
    monkeypatch.setattr(targets, "AGAIN_S", 0.01)
    network = {}

    def look_up(name):
        if name not in network:
            raise socket.gaierror("no such host")
        return network[name]

    monkeypatch.setattr(targets, "_look_up", look_up)
    names = targets.Targets([("stage.lan", peer.port, "--osc-to"), ("127.0.0.1", peer.port, "--osc-to")])
    assert names.resolve([("stage.lan", peer.port)]) == []
    assert names.resolve([("127.0.0.1", peer.port)]) == [peer.address]
    network["stage.lan"] = "127.0.0.1"
    wait_until(lambda: names.resolve([("stage.lan", peer.port)]) == [peer.address], "the name to be known")
    names.close()
    assert [record.message for record in caplog.records] == [
        "--osc-to = stage.lan: host not found; it gets nothing until it is found"
    ]
    assert counters.counts == {}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "0.0.0.0"])
def test_the_servers_own_port_is_no_target(open_out, host):
    with pytest.raises(ParameterError, match=f"--osc-to = {host}:9000: this server's own port"):
        open_out([("127.0.0.1", 9001), (host, 9000)], own_port=9000)
    open_out([(host, 9001), ("192.0.2.7", 9000)], own_port=9000)


def test_routes_leave_beside_the_bundles_as_plain_messages_to_their_own_target_or_to_all(open_peer, open_out):
    ours, theirs = open_peer(1), open_peer(1)
    routes = [
        parse_route(f"mid/level=/composition/layers/1/video/opacity:0..4@127.0.0.1:{theirs.port}"),
        parse_route("low/onset=/hit"),
    ]
    out = open_out([ours.address], routes=routes)
    out.send_features(STEP)
    assert theirs.socket.recv(65536).startswith(b"/composition/layers/1/video/opacity\0,f")
    assert [hear(ours), ours.receive()] == [sent(), [("/hit", [1])]]
    out.send_features(NO_HIT)
    assert theirs.receive() == [("/composition/layers/1/video/opacity", [0.0])]
    assert [hear(ours)["/feature/low/onset"], ours.receive()] == [[0], [("/hit", [0])]]
