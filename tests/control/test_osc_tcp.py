"""OSC by TCP: liblo's programs, both framings, and clients that mean no good."""

import contextlib
import socket
import struct
import subprocess

import pytest

from bandwalk.control import OscTcp
from bandwalk.control.framing import Sized, Slip
from bandwalk.control.osc_tcp import MAX_CONNECTIONS, MAX_OF_PEER, MAX_WAITING
from bandwalk.errors import WireError
from bandwalk.osc import encode
from bandwalk.params import LIVE
from bandwalk.records import Counters

DEADLINE_S = 30.0


@pytest.fixture
def tcp(server):
    tcp = OscTcp("127.0.0.1", 0, take=server.osc_in.take, counters=server.counters)
    tcp.start()
    yield tcp
    tcp.close()


class Client:
    """A controller by TCP."""

    def __init__(self, port, framing, ip="127.0.0.1"):
        self.sock = socket.create_connection((ip, port), DEADLINE_S)
        self.framing = framing()
        self.heard = []

    def send(self, address, *args):
        self.sock.sendall(self.framing.wrap(encode(address, *args)))

    def receive(self):
        while not self.heard:
            data = self.sock.recv(65536)
            assert data, "hung up"
            self.heard += self.framing.feed(data)
        return self.heard.pop(0)

    def settle(self, parse):
        self.send("/ping", 7)
        heard = []
        while ("/pong", [7]) not in (messages := parse(self.receive())):
            heard += messages
        return heard


@pytest.fixture
def connect(tcp):
    with contextlib.ExitStack() as stack:

        def open_one(framing=Slip, ip="127.0.0.1"):
            client = Client(tcp.port, framing, ip)
            stack.enter_context(client.sock)
            return client

        yield open_one


@pytest.mark.parametrize("framing", [Slip, Sized])
@pytest.mark.parametrize("ip", ["127.0.0.1", "::1"])
def test_values_answers_and_errors_in_both_framings_on_both_loopbacks(server, connect, parse, framing, ip):
    client = connect(framing, ip)
    client.send("/style/psi", 0.5)
    client.send("/style/psi")
    assert parse(client.receive()) == [("/style/psi", [0.5])]
    assert client.settle(parse) == []
    client.send("/nothing")
    assert parse(client.receive())[0][0] == "/error"
    assert server.store.values["/style/psi"] == 0.5


def test_a_subscription_comes_on_the_connection_state_first(server, connect, parse, peer):
    client = connect()
    client.send("/subscribe")
    assert client.settle(parse) == []
    server.turn()
    state = []
    while len(state) < len(LIVE):
        state += parse(client.receive())
    peer.ask("/style/psi", 0.25)
    assert parse(client.receive()) == [("/style/psi", [0.25])]
    client.send("/style/psi", 0.75)
    assert client.settle(parse) == []


def test_who_sets_by_udp_and_listens_by_tcp_is_one_controller(server, connect, parse, peer):
    client = connect()
    client.send("/subscribe", peer.port)
    client.settle(parse)
    peer.ask("/style/psi", 0.25)
    assert client.settle(parse) == []


def test_liblos_oscsend_speaks_tcp(server, tcp, wait_until):
    target = f"osc.tcp://127.0.0.1:{tcp.port}/"
    subprocess.run(["oscsend", target, "/style/psi", "f", "0.5"], check=True, timeout=60)
    wait_until(lambda: server.store.values["/style/psi"] == 0.5, "the value")


def test_what_is_neither_framing_is_hung_up_and_counted(server, tcp, connect, parse):
    with socket.create_connection(("127.0.0.1", tcp.port), DEADLINE_S) as browser:
        browser.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert browser.recv(100) == b""
    with socket.create_connection(("127.0.0.1", tcp.port), DEADLINE_S) as liar:
        liar.sendall(struct.pack(">I", 0x00FFFFFF))
        assert liar.recv(100) == b""
    assert server.counters.counts["osc_malformed"] == 2
    assert connect().settle(parse) == []


def test_a_malformed_packet_in_a_sound_stream_is_refused_and_the_line_goes_on(connect, parse):
    client = connect()
    client.sock.sendall(Slip().wrap(b"garbage!"))
    assert parse(client.receive())[0][0] == "/error"
    assert client.settle(parse) == []


def test_connections_are_bounded_and_then_there_is_room_again(server, tcp, wait_until, parse):
    def open_from(ip):
        return socket.create_connection(("127.0.0.1", tcp.port), DEADLINE_S, source_address=(ip, 0))

    with contextlib.ExitStack() as stack:
        for _ in range(MAX_OF_PEER):
            stack.enter_context(open_from("127.0.0.1"))
        assert stack.enter_context(open_from("127.0.0.1")).recv(1) == b""
        for n in range(MAX_CONNECTIONS - MAX_OF_PEER):
            stack.enter_context(open_from(f"127.0.1.{n + 1}"))
        assert stack.enter_context(open_from("127.0.2.1")).recv(1) == b""
        wait_until(lambda: server.counters.counts.get("osc_refused") == 2, "two to be refused")
    wait_until(lambda: not tcp._streams, "the others to be gone")
    client = Client(tcp.port, Slip)
    assert client.settle(parse) == []
    client.sock.close()


def test_a_client_that_does_not_read_costs_little_and_keeps_the_newest(server, tcp, connect, parse):
    client = connect()
    client.send("/subscribe")
    assert client.settle(parse) == []
    (stream,) = tcp._streams.values()
    filler = encode("/filler", "x" * 60_000)
    for _ in range(1000):
        stream.answer(filler)
        if server.counters.counts.get("osc_out_dropped", 0) > 5:
            break
    assert stream._size <= MAX_WAITING
    server.osc_out.send_frame(7, 0.0)
    while (packet := client.receive()) == filler:
        pass
    assert dict(parse(packet))["/frame/seq"] == [7]


def test_it_closes_while_clients_are_connected_and_frees_the_port(connect, tcp, server):
    for _ in range(3):
        connect()
    tcp.close()
    OscTcp("127.0.0.1", tcp.port, take=server.osc_in.take, counters=Counters()).close()


def test_a_taken_port_is_one_clear_line(tcp):
    with pytest.raises(WireError, match=f"port {tcp.port}/tcp on 127.0.0.1 is taken"):
        OscTcp("127.0.0.1", tcp.port, take=lambda packet, line: None, counters=Counters())
