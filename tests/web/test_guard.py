"""No web page from elsewhere drives the show: Host and Origin are looked at before anything else."""

import asyncio
import contextlib
import select
import socket
import time

import pytest
from websockets.exceptions import InvalidStatus

from bandwalk.errors import ParameterError
from bandwalk.records import Counters
from bandwalk.units import parse_origin
from bandwalk.web.acceptor import MAX_CONNECTIONS, MAX_OF_PEER, Acceptor
from bandwalk.web.hosts import Hosts

TOOL = "http://tool.example:8080"


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST", "[::1]:{port}", "127.0.0.1"])
def test_names_of_this_machine_are_answered(desk, host):
    assert desk.get("/style/psi", Host=host.format(port=desk.port))[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:9003", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "", "[::1"],
)
def test_a_rebound_name_is_refused_for_all_that_there_is(desk, host):
    for path in ("/", "/style/psi", "/metrics", "/panel/panel.html", "/frames", "/?HOST_INFO"):
        status, _, body = desk.get(path, Host=host)
        assert status == 403
        assert body.startswith(b"Host ")
        assert b"expected" in body


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://evil.example:9003", "null", "file://", "http://[::1", ""]
)
@pytest.mark.parametrize("path", ["/", "/frames"])
def test_a_page_from_elsewhere_opens_no_websocket(desk, origin, path):
    with pytest.raises(InvalidStatus) as refused, desk.connect(path, additional_headers={"Origin": origin}):
        pass
    assert refused.value.response.status_code == 403


def test_a_page_of_this_server_or_of_this_machine_opens_one(desk):
    for origin in (f"http://127.0.0.1:{desk.port}", "http://localhost:8080", f"http://localhost:{desk.port}"):
        with desk.connect(origin=origin) as ws:
            ws.send(b"/ping\0\0\0,i\0\0\0\0\0\7")
            assert ws.recv(timeout=30)


def test_a_page_from_elsewhere_reads_nothing(desk):
    status, headers, _ = desk.get("/style/psi", Origin="http://evil.example")
    assert status == 403
    assert "Access-Control-Allow-Origin" not in headers


def test_a_page_that_may_read_is_told_so(desk):
    status, headers, _ = desk.get("/style/psi", Origin="http://localhost:8080")
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == "http://localhost:8080"
    assert "Origin" in headers["Vary"]
    status, headers, _ = desk.get("/style/psi", method="OPTIONS", Origin="http://localhost:8080")
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, "http://localhost:8080")


def test_an_origin_of_the_list_may_steer_and_no_other(open_desk):
    desk = open_desk(allow_origins=(TOOL,))
    with desk.connect(origin=TOOL) as ws:
        ws.send(b"/ping\0\0\0,i\0\0\0\0\0\7")
        assert ws.recv(timeout=30)
    for origin in ("http://tool.example", "https://tool.example:8080", "http://tool.example:80801"):
        with pytest.raises(InvalidStatus), desk.connect(origin=origin):
            pass


def test_on_a_network_the_address_reached_and_the_own_name_are_answered_and_no_other():
    guard = Hosts("0.0.0.0")
    assert guard.is_host("192.168.1.5:9003", "192.168.1.5")
    assert not guard.is_host("192.168.1.6:9003", "192.168.1.5")
    assert not guard.is_host("evil.example:9003", "192.168.1.5")
    assert guard.is_origin("http://192.168.1.5:9003", "192.168.1.5:9003")
    assert not guard.is_origin("http://192.168.1.5:8000", "192.168.1.5:9003")
    assert not guard.is_origin("http://evil.example:9003", "192.168.1.5:9003")


def test_an_address_in_front_of_a_forwarded_port_is_answered_and_a_name_is_not():
    """A container's host, a router: another machine's address, and another port than ours."""
    guard = Hosts("0.0.0.0", 9003)
    for host in ("192.168.1.6:8080", "192.168.1.6", "[2001:db8::6]:8080", "localhost:8080"):
        assert guard.is_host(host, "172.17.0.2")
        assert guard.is_origin(f"http://{host}", host)
    assert not guard.is_host("192.168.1.6:9003", "172.17.0.2")
    assert not guard.is_host("evil.example:8080", "172.17.0.2")
    assert not guard.is_origin("http://evil.example:8080", "192.168.1.6:8080")
    assert not Hosts("127.0.0.1", 9003).is_host("192.168.1.6:8080", "127.0.0.1")


def test_names_that_the_operator_gives_are_answered_beside_what_is_known(open_desk):
    desk = open_desk(hosts=("box.lan", "Box.Fritz.Box"))
    for host in ("box.lan", f"BOX.LAN:{desk.port}", f"box.fritz.box.:{desk.port}", f"127.0.0.1:{desk.port}"):
        assert desk.get("/style/psi", Host=host)[0] == 200
        assert desk.get("/style/psi", Host=host, Origin=f"http://{host}")[0] == 200
    for host in ("box.lan.evil.example", "fritz.box"):
        status, _, body = desk.get("/style/psi", Host=host)
        assert (status, b"--host" in body) == (403, True)


def test_a_page_without_an_origin_may_steer_where_the_operator_says_so(open_desk):
    desk = open_desk(allow_origins=("null",))
    with desk.connect(origin="null") as ws:
        ws.send(b"/ping\0\0\0,i\0\0\0\0\0\7")
        assert ws.recv(timeout=30)
    assert desk.get("/", Origin="null")[1]["Access-Control-Allow-Origin"] == "null"
    with pytest.raises(InvalidStatus), desk.connect(origin="http://evil.example"):
        pass


@pytest.mark.parametrize("name", ["Host", "Origin", "Expect", "Upgrade", "Connection"])
def test_bytes_that_are_no_text_are_refused_and_counted(desk, caplog, name):
    kept = "" if name == "Host" else "Host: 127.0.0.1\r\n"
    answer = send_raw(desk, f"GET /style/psi HTTP/1.1\r\n{kept}{name}: ".encode() + b"\xff\xfe\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert desk.counters.counts["web_malformed"] == 1
    assert not caplog.records


@pytest.mark.parametrize(
    "line", ["OPTIONS *", "CONNECT 127.0.0.1:80", "POST /", "PUT /\xff", "GET http://\xff/", "BREW /"]
)
def test_no_request_line_gets_a_500(desk, caplog, line):
    head = f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: \xff\r\nContent-Length: 0\r\n\r\n"
    assert 200 <= int(send_raw(desk, head.encode("latin-1")).split(b" ")[1]) < 500
    assert not caplog.records


@pytest.mark.parametrize(
    "header", [f"Sec-WebSocket-{field}" for field in ("Version: \xff", "Key: \xff", "Key: \xc3\xa4", "Key: a")]
)
def test_a_handshake_that_is_none_is_refused_without_a_traceback(desk, caplog, header):
    names = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} | dict(
        [header.split(": ")]
    )
    fields = "".join(f"{name}: {value}\r\n" for name, value in names.items())
    for path in ("/", "/frames"):
        asked = "Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head = f"GET {path} HTTP/1.1\r\n{asked}{fields}\r\n"
        assert send_raw(desk, head.encode("latin-1")).startswith(b"HTTP/1.1 400 ")
    assert not caplog.records


def test_an_offer_of_a_protocol_that_is_unknown_fills_no_log(desk, caplog):
    with desk.connect(subprotocols=["unknown"]) as ws:
        ws.send(b"/ping\0\0\0,i\0\0\0\0\0\7")
        assert ws.recv(timeout=30)
    assert not caplog.records


def send_raw(desk, data):
    with socket.create_connection(("127.0.0.1", desk.port), timeout=30) as line:
        line.sendall(data)
        return line.recv(4096)


def test_the_name_that_was_bound_is_answered():
    assert Hosts("stage.local").is_host("stage.local:9003", "10.0.0.5")


@pytest.mark.parametrize("text", ["http://a.local", "https://a.local:8080", "http://127.0.0.1:1", "http://[::1]:80"])
def test_an_origin_is_read(text):
    assert parse_origin(text) == text


@pytest.mark.parametrize("text", ["", "a.local", "http://", "http://a.local/", "http://a b", "*", "nulls", "ftp://a"])
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(ParameterError, match="expected an origin"):
        parse_origin(text)


def test_nothing_but_the_page_runs_in_the_page(desk):
    for path in ("/", "/panel/panel.html"):
        _, headers, _ = desk.get(path, Accept="text/html")
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_more_connections_than_there_may_be_are_hung_up_and_then_there_is_room_again(open_desk, wait_until):
    desk = open_desk()
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(socket.create_connection(("127.0.0.1", desk.port), 10)) for _ in range(300)]
        wait_until(lambda: select.select(socks, [], [], 0.1)[0], "a connection hung up")
        assert all(sock.recv(1) == b"" for sock in select.select(socks, [], [], 0)[0])

    def is_answered():
        with contextlib.suppress(OSError):
            return desk.ask("/style/psi?VALUE")

    wait_until(is_answered, "room again")


def test_a_whole_backlog_at_once_finds_the_same_limit(open_desk, wait_until):
    desk = open_desk()
    with contextlib.ExitStack() as stack:
        for peer in ("127.0.0.2", "127.0.0.3"):
            socks = [stack.enter_context(_connect(desk, peer)) for _ in range(MAX_OF_PEER + 20)]
            wait_until(lambda socks=socks: _count_open(socks) == MAX_OF_PEER, "as many as one peer may have")
        socks = [stack.enter_context(_connect(desk, f"127.0.1.{n}")) for n in range(200)]
        lost = 2 * 20 + 2 * MAX_OF_PEER + 200 - MAX_CONNECTIONS
        wait_until(lambda: desk.counters.counts["web_refused"] == lost, "room for all of them")
        assert _count_open(socks) == 200


def test_connections_that_say_nothing_shut_nobody_out(open_desk):
    desk = open_desk()
    with contextlib.ExitStack() as stack:
        for n in range(MAX_CONNECTIONS):
            sock = stack.enter_context(_connect(desk, "127.0.0.1"))
            with contextlib.suppress(OSError):  # it may have had to give way already
                sock.sendall(b"GET / HTTP/1.1\r\nHost: 127" if n % 2 else b"")
        for _ in range(3):
            begun = time.monotonic()
            assert desk.ask("/style/psi?VALUE")
            assert time.monotonic() - begun < 8.0  # not when the silent ones are given up


@pytest.mark.parametrize("before", [MAX_OF_PEER, MAX_OF_PEER + 20, MAX_CONNECTIONS])
def test_a_client_that_comes_after_a_backlog_of_silent_ones_is_served(before):
    """All of them wait in the system's queue, since the server was busy, and are accepted one right after another."""

    async def check(listening):
        loop = asyncio.get_running_loop()
        with contextlib.ExitStack() as stack:
            address = listening.getsockname()
            silent = [stack.enter_context(socket.create_connection(address, 30)) for _ in range(before)]
            last = stack.enter_context(socket.create_connection(address, 30))
            last.sendall(b"x")
            last.setblocking(False)
            acceptor = Acceptor([listening], Echo, counters=Counters())
            acceptor.open()
            assert await asyncio.wait_for(loop.sock_recv(last, 1), 30) == b"x"
            assert _count_open(silent) < MAX_OF_PEER
            acceptor.close()

    with socket.create_server(("127.0.0.1", 0), backlog=MAX_CONNECTIONS + 8) as listening:
        asyncio.run(check(listening))


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


def _connect(desk, peer):
    return socket.create_connection(("127.0.0.1", desk.port), 30, source_address=(peer, 0))


def _count_open(socks):
    return len(socks) - len(select.select(socks, [], [], 0)[0])
