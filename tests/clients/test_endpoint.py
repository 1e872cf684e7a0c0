"""The notations of a server's place."""

import pytest

from bandwalk.errors import ParameterError
from bandwalk_client.endpoint import parse_endpoint


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "tcp://127.0.0.1:9002"),
        ("192.168.1.20", "tcp://192.168.1.20:9002"),
        ("stage-left.local", "tcp://stage-left.local:9002"),
        ("10.0.0.2:9102", "tcp://10.0.0.2:9102"),
        (":9102", "tcp://127.0.0.1:9102"),
        ("tcp://10.0.0.2:9102", "tcp://10.0.0.2:9102"),
        ("tcp://10.0.0.2", "tcp://10.0.0.2:9002"),
        (" localhost ", "tcp://localhost:9002"),
        ("[::1]", "tcp://[::1]:9002"),
        ("tcp://[fe80::1]:9102", "tcp://[fe80::1]:9102"),
    ],
)
def test_every_notation_names_a_frame_port(text, shown):
    assert str(parse_endpoint(text)) == shown


@pytest.mark.parametrize(
    "text",
    ["host:", "host:0", "host:65536", "host:x", "a b", "ipc:///tmp/x", "udp://host:1", "::1", "host/path", "x\ny"],
)
def test_anything_else_is_refused_with_what_is_expected(text):
    with pytest.raises(ParameterError, match="expected HOST, HOST:PORT or tcp://HOST:PORT"):
        parse_endpoint(text)


def test_the_osc_port_stands_in_the_same_block():
    assert parse_endpoint("host").osc_port == 9000
    assert parse_endpoint("host:9102").osc_port == 9100


def test_this_machine_is_known_by_its_names():
    assert all(parse_endpoint(text).is_loopback for text in ("", "localhost", "127.0.0.2", "[::1]"))
    assert not any(parse_endpoint(text).is_loopback for text in ("10.0.0.2", "stage", "[fe80::1]"))
