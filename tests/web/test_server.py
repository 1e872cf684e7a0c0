"""The port itself: taken ports, ends, metrics."""

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


def test_it_ends_within_a_second_though_clients_stay(open_desk):
    desk = open_desk()
    with desk.connect() as one, desk.connect("/frames") as other:
        begun = time.monotonic()
        desk.web.close()
        assert time.monotonic() - begun < 1.0
        for ws in (one, other):
            with pytest.raises(ConnectionClosedOK, match="1001"):
                ws.recv(timeout=10)
    with socket.create_server(("127.0.0.1", desk.port)):
        pass


def test_its_address_is_told_as_a_browser_takes_it():
    for bind, expected in (("127.0.0.1", "http://127.0.0.1:{}/"), ("0.0.0.0", "http://127.0.0.1:{}/")):
        web = Web(bind, 0, counters=Counters())
        assert web.url == expected.format(web.port)
        web.close()


def test_metrics_are_what_prometheus_reads(desk, controller):
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
    with socket.create_connection(("127.0.0.1", desk.port), timeout=10) as line:
        line.sendall(f"{request_line}\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.0 400")
    assert not [record for record in caplog.records if record.exc_info]
