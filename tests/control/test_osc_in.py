"""One socket under fire: bursts, garbage, a taken port."""

import socket
import struct
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bandwalk.control.osc_in import OscIn
from bandwalk.errors import WireError
from bandwalk.records import Counters

NEXT_YEAR = struct.pack(">II", 2**32 - 1, 0)


def test_a_burst_of_5000_loses_no_last_value(server, peer, build, wait_until):
    addresses = [f"/walk/{band}/{name}" for band in ("low", "mid", "high") for name in ("gain", "max_step", "fall")]
    packets = [build(addresses[i % 9], (i % 997) / 997) for i in range(5000 - 9)]
    packets += [build(address, i / 16) for i, address in enumerate(addresses)]
    for packet in packets:
        peer.send_raw(packet)
    wanted = {address: i / 16 for i, address in enumerate(addresses)}
    wait_until(lambda: wanted.items() <= server.store.values.items(), "the last values")
    assert server.counters.counts == {}


def test_it_says_what_buffer_the_kernel_granted(server):
    plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    assert server.osc_in.receive_buffer >= plain.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    plain.close()


def test_what_the_kernel_drops_is_counted(server, peer, build, wait_until):
    counters = Counters()
    ear = OscIn("127.0.0.1", 0, counters=counters)
    ear._sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.server = ("127.0.0.1", ear.port)
    for _ in range(200):
        peer.send_raw(build("/style/psi", 0.5))
    ear.start(lambda piece: None)
    # the count comes with the next datagram after the loss
    wait_until(lambda: peer.send_raw(build("/ping", 1)) or counters.counts.get("osc_kernel_dropped", 0) > 100, "drops")
    ear.close()


def test_a_slow_command_does_not_stop_the_reader(peer, build, wait_until):
    release, seen = threading.Event(), []
    ear = OscIn("127.0.0.1", 0, counters=Counters())

    def slow(piece):
        release.wait(30)
        seen.append(piece)

    ear.start(slow)
    peer.server = ("127.0.0.1", ear.port)
    peer.send("/model/load", "x")
    for i in range(3000):
        peer.send("/style/seed", i)
    release.set()
    wait_until(
        lambda: any(getattr(c, "value", None) == 2999 for p in seen for c in p.changes.values()), "the last value"
    )
    ear.close()


def test_a_fault_in_one_message_does_not_end_control(peer, wait_until, caplog):
    counters, seen = Counters(), []
    ear = OscIn("127.0.0.1", 0, counters=counters)

    def faulty(run):
        if run.changes["/style/seed"].value == 1:
            raise ZeroDivisionError
        seen.append(run)

    ear.start(faulty)
    peer.server = ("127.0.0.1", ear.port)
    peer.send("/style/seed", 1)
    wait_until(lambda: counters.counts.get("osc_failed") == 1, "the fault")
    peer.send("/style/seed", 2)
    wait_until(lambda: seen, "the message after it")
    assert "ZeroDivisionError" in caplog.text
    ear.close()


def test_a_fault_while_reading_ends_nothing_and_fills_no_log(server, peer, wait_until, caplog, monkeypatch):
    good = server.osc_in._inbox.put

    def faulty(packet, source):
        if packet.startswith(b"/bad"):
            raise ZeroDivisionError
        good(packet, source)

    monkeypatch.setattr(server.osc_in._inbox, "put", faulty)
    for _ in range(20):
        peer.send("/bad")
    assert peer.settle() == []
    assert server.counters.counts == {"osc_failed": 20}
    assert len(caplog.records) <= 2


@pytest.mark.parametrize("bind", ["localhost", "127.0.0.1", "0.0.0.0"])
def test_both_loopbacks_are_served_and_each_answers_from_itself(build, parse, bind):
    ear = OscIn(bind, 0, counters=Counters())
    ear.start(lambda run: ear.send(build("/got"), run.request.controller))
    for family, ip in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.settimeout(30)
            sock.connect((ip, ear.port))  # takes nothing that comes from elsewhere
            sock.send(build("/ping", 1))
            assert parse(sock.recv(100)) == [("/got", [])]
    ear.close()


def test_all_addresses_of_both_families_are_one_bind(build, parse):
    seen = []
    ear = OscIn("::", 0, counters=Counters())
    ear.start(lambda run: seen.append(run.request.controller[0]) or ear.send(build("/got"), run.request.controller))
    for family, ip in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.settimeout(30)
            sock.connect((ip, ear.port))
            sock.send(build("/ping", 1))
            assert parse(sock.recv(100)) == [("/got", [])]
    assert seen == ["::ffff:127.0.0.1", "::1"]
    ear.close()


def test_a_taken_port_is_one_clear_line(server):
    with pytest.raises(WireError, match=rf"--port-base = {server.port}: port {server.port}/udp on 127.0.0.1 is taken"):
        OscIn("127.0.0.1", server.port, counters=Counters())


@pytest.mark.parametrize("bind", ["192.0.2.1", "no such host", "a" * 300])
def test_an_address_of_another_machine_is_one_clear_line(bind):
    with pytest.raises(WireError, match="--bind = ") as refusal:
        OscIn(bind, 0, counters=Counters())
    assert "\n" not in str(refusal.value)


def test_its_port_is_free_again_when_it_is_closed(server):
    server.osc_in.close()
    OscIn("127.0.0.1", server.port, counters=Counters()).close()


def test_it_listens_on_ipv6_too(build, parse):
    counters, seen = Counters(), []
    try:
        ear = OscIn("::1", 0, counters=counters)
    except WireError:
        assert not socket.has_ipv6 or not _has_ipv6_loopback()
        return
    ear.start(lambda run: seen.append(run) or ear.send(build("/got"), run.request.controller))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.settimeout(30)
        sock.sendto(build("/ping", 1), ("::1", ear.port))
        assert parse(sock.recv(100)) == [("/got", [])]
    assert seen[0].request.controller[0] == "::1"
    ear.close()


def _has_ipv6_loopback():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("::1", 0))
        except OSError:
            return False
        return True


def test_a_bundle_dated_next_year_is_applied_now(server, peer, build):
    message = build("/style/psi", 0.25)
    peer.send_raw(b"#bundle\0" + NEXT_YEAR + struct.pack(">i", len(message)) + message)
    assert peer.settle() == []
    assert server.store.values["/style/psi"] == 0.25


def test_a_64_kb_packet_changes_nothing_and_stops_nothing(server, peer):
    before = server.store.snapshot()
    for packet in (b"/" * 65507, bytes(65504), b"#bundle\0" * 8188, b"/style/psi\0\0," + b"f" * 65487 + b"\0" * 4):
        peer.send_raw(packet)
    peer.settle()
    assert server.store.snapshot() is before


@pytest.mark.alone
@pytest.mark.parametrize(
    ("address", "count"), [("/*/*/*", 3000), ("/*/*/*", 8), ("/style/psi", 2000), ("/nothing", 256)]
)
def test_twenty_packets_made_to_cost_most_leave_a_ping_answered_soon(server, peer, build, address, count):
    message = build(address, 1.0)
    packet = b"#bundle\0" + NEXT_YEAR + count * (struct.pack(">i", len(message)) + message)
    for _ in range(20):
        peer.send_raw(packet)
    began = time.monotonic()
    peer.settle()
    assert time.monotonic() - began < 4.0  # a second on a usual machine


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=120), st.binary(max_size=100).map(lambda b: b"/style/psi\0\0" + b)))
def test_random_bytes_change_nothing_and_stop_nothing(server, peer, packet):
    before = server.store.snapshot()
    peer.send_raw(packet)
    peer.settle()
    after = server.store.snapshot()
    assert all(after[address] == before[address] for address in before if address != "/style/psi")
    assert 0 <= after["/style/psi"] <= 1.5
