"""The port itself: taken ports, ends, metrics."""

import json
import re
import socket
import time

import pytest
from websockets.exceptions import ConnectionClosedOK

from bandwalk.errors import WireError
from bandwalk.records import Counters
from bandwalk.web import Web


def test_a_taken_port_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        expected = rf"--port-base = {port - 3}: port {port}/tcp on 127.0.0.1 is taken; expected a free one"
        with pytest.raises(WireError, match=re.escape(expected)):
            Web("127.0.0.1", port, counters=Counters())


@pytest.mark.parametrize("bind", ["192.0.2.1", "no such host"])
def test_another_machines_address_is_one_clear_line(bind):
    with pytest.raises(WireError, match=r"--bind = .*expected an address of this machine"):
        Web(bind, 0, counters=Counters())


def test_a_server_that_was_never_started_closes_and_frees_its_port():
    web = Web("127.0.0.1", 0, counters=Counters())
    web.show(b"", 0, 0.0)
    web.echo("/style/psi", 1.0, None)
    web.close()
    Web("127.0.0.1", web.port, counters=Counters()).close()


def test_it_ends_though_clients_stay(open_desk):
    desk = open_desk()
    with desk.connect() as one, desk.connect("/frames") as other:
        begun = time.monotonic()
        desk.web.close()
        assert time.monotonic() - begun < 10.0
        for ws in (one, other):
            with pytest.raises(ConnectionClosedOK, match="1001"):
                ws.recv(timeout=30)
    with socket.create_server(("127.0.0.1", desk.port)):
        pass


def test_its_address_is_told_as_a_browser_takes_it():
    for bind, expected in (("127.0.0.1", "http://127.0.0.1:{}/"), ("0.0.0.0", "http://127.0.0.1:{}/")):
        web = Web(bind, 0, counters=Counters())
        assert web.url == expected.format(web.port)
        web.close()


def test_metrics_are_what_prometheus_reads(desk, controller, wait_until):
    controller.settle()
    wait_until(lambda: len(desk.web._hub.clients) == 1 and not desk.web.watched, "the clients before to be forgotten")
    status, headers, body = desk.get("/metrics")
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = body.decode().splitlines()
    name = r"[a-z_]+(\{[a-z]+=\"[a-z0-9_.]+\"(,[a-z]+=\"[a-z0-9_.]+\")*\})?"
    for line in lines:
        assert re.fullmatch(rf"# HELP [a-z_]+ .+|# TYPE [a-z_]+ (gauge|counter)|{name} [-+0-9.e]+", line), line
    assert {
        "bandwalk_fps 29.97",
        "bandwalk_frames_total 1234",
        "bandwalk_frame_age_seconds 0.0375",
        'bandwalk_stage_seconds{stage="synth",quantile="0.99"} 0.02225',
        'bandwalk_faults_total{cause="late"} 2',
        'bandwalk_web_clients{kind="control"} 1',
        'bandwalk_web_clients{kind="frames"} 0',
    } <= set(lines)


@pytest.mark.parametrize("request_line", [f"GET /{'a' * 20000} HTTP/1.1", "\x01\x02 nonsense", "GET"])
def test_what_is_no_request_is_refused_without_a_traceback_in_the_log(desk, caplog, request_line):
    with socket.create_connection(("127.0.0.1", desk.port), timeout=30) as line:
        line.sendall(f"{request_line}\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.0 400")
    assert not [record for record in caplog.records if record.exc_info]


def test_localhost_is_reached_by_either_address(open_desk):
    desk = open_desk()
    for address in ("127.0.0.1", "::1"):
        with socket.create_connection((address, desk.port), timeout=30) as line:
            line.sendall(b"GET /?HOST_INFO HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n\r\n" % desk.port)
            info = json.loads(read_all(line).partition(b"\r\n\r\n")[2])
            assert (info["WS_IP"], info["OSC_IP"], info["WS_PORT"]) == (address, address, desk.port)


def test_the_other_loopbacks_port_is_not_taken_from_anybody():
    with socket.socket(socket.AF_INET6) as taken:
        taken.bind(("::1", 0))
        taken.listen()
        with pytest.raises(WireError, match="is taken"):
            Web("127.0.0.1", taken.getsockname()[1], counters=Counters())


def test_all_addresses_of_ipv6_are_all_of_ipv4_too(open_desk):
    desk = open_desk(bind="::")
    status, _, _ = desk.get("/", Accept="text/html")
    assert status == 200
    info = desk.ask("/?HOST_INFO")
    assert (info["WS_IP"], info["OSC_IP"]) == ("127.0.0.1", "127.0.0.1")


@pytest.mark.parametrize(
    ("host", "ip", "port"),
    [("192.168.1.6:8080", "192.168.1.6", 8080), ("localhost:8080", None, 8080), ("127.0.0.1", "127.0.0.1", None)],
)
def test_who_comes_by_a_forwarded_port_is_told_that_port(open_desk, host, ip, port):
    desk = open_desk(bind="0.0.0.0")
    info = json.loads(desk.get("/?HOST_INFO", Host=host)[2])
    assert (info.get("WS_IP"), info["WS_PORT"]) == (ip, port or desk.port)
    assert info["OSC_PORT"] == desk.osc_in.port


def read_all(line):
    data = b""
    while part := line.recv(65536):
        data += part
    return data
