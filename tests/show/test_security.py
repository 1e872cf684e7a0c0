"""Who may reach a show: networks, keys, TLS; and that secrets stay secret. SECURITY.md names these tests."""

import contextlib
import http.client
import json
import re
import socket
import ssl
import stat
import subprocess
import urllib.request
import warnings
from pathlib import Path

import pytest
import zmq
from pythonosc.osc_message_builder import OscMessageBuilder
from server import Osc, Server, run_cli
from waiting import wait_until

from bandwalk.control import OscIn, OscTcp
from bandwalk.errors import ParameterError
from bandwalk.output.publish import Publisher
from bandwalk.params.settings import Settings
from bandwalk.records import Counters
from bandwalk.show.reach import open_reach
from bandwalk.show.web_calls import calls_for_web
from bandwalk.web import Readings, Web
from bandwalk.web.tls import open_tls
from bandwalk.wire import Peers
from bandwalk_client.receiver import Receiver

ROOT = Path(__file__).parents[2]
DEADLINE_S = 30.0
GUEST = "127.0.0.2"
JPEG = b"\xff\xd8\xff\xd9"
TOKEN = "correct-horse-battery"


def only_host(ip):
    """Everybody but the guest may."""
    return ip != GUEST


def message(address, *args):
    builder = OscMessageBuilder(address)
    for arg in args:
        builder.add_arg(arg)
    return builder.build().dgram


def test_networks_are_read_and_this_machine_is_always_in():
    peers = Peers(["10.0.0.0/24", "192.168.1.7", "fd00::/8"], "--allow")
    inside = ("10.0.0.9", "192.168.1.7", "fd00::1", "127.0.0.1", "::1", "::ffff:10.0.0.9")
    outside = ("10.0.1.9", "192.168.1.8", "fe80::1%eth0", "::ffff:10.0.1.1", "no address")
    assert all(peers.admits(ip) for ip in inside)
    assert not any(peers.admits(ip) for ip in outside)
    assert Peers([], "--allow").admits("10.0.0.1")
    with pytest.raises(ParameterError, match=r"--allow = 10\.0\.0\.300: expected an IP address or a network"):
        Peers(["10.0.0.300"], "--allow")


def test_osc_of_others_is_not_read_by_udp():
    counters, taken = Counters(), []
    osc_in = OscIn("127.0.0.1", 0, counters=counters, may=only_host)
    osc_in.start(taken.append)
    with contextlib.closing(osc_in), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as guest:
        guest.bind((GUEST, 0))
        guest.sendto(message("/style/psi", 0.3), ("127.0.0.1", osc_in.port))
        wait_until(lambda: counters.counts.get("osc_barred") == 1, "the guest's datagram")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as host:
            host.sendto(message("/style/psi", 0.7), ("127.0.0.1", osc_in.port))
            wait_until(lambda: taken, "the host's datagram")
        assert [change.value for piece in taken for change in piece.changes.values()] == [pytest.approx(0.7)]


def _is_closed(sock):
    try:
        return sock.recv(1) == b""
    except ConnectionError:
        return True


def test_others_are_not_served_by_osc_over_tcp_and_http():
    counters = Counters()
    osc_tcp = OscTcp("127.0.0.1", 0, take=lambda packet, controller: None, counters=counters, may=only_host)
    osc_tcp.start()
    web = Web("127.0.0.1", 0, counters=counters, may=only_host)
    osc_in = OscIn("127.0.0.1", 0, counters=counters)
    web.start(_calls(osc_in))
    with contextlib.closing(osc_tcp), contextlib.closing(web), contextlib.closing(osc_in):
        for port, cause in ((osc_tcp.port, "osc_barred"), (web.port, "web_barred")):
            with socket.create_connection(("127.0.0.1", port), DEADLINE_S, source_address=(GUEST, 0)) as guest:
                assert _is_closed(guest)
            assert counters.counts[cause] == 1
        with urllib.request.urlopen(f"http://127.0.0.1:{web.port}/health", timeout=DEADLINE_S) as answer:
            assert answer.status == 200


def _calls(osc_in):
    from bandwalk.control import Store
    from bandwalk.params import defaults

    return calls_for_web(Store(defaults()), osc_in, readings=lambda: Readings(0.0, 0, 0.0, (), {}))


class Subscriber:
    """A raw subscriber from an address, with the keys of a folder or none."""

    def __init__(self, context, port, *, source="127.0.0.1", keys=None):
        self._socket = context.socket(zmq.SUB)
        if keys:
            for option, key in keys.items():
                setattr(self._socket, option, key)
        self._socket.subscribe(b"")
        self._socket.connect(f"tcp://{source}:0;127.0.0.1:{port}")

    def gets(self, ms=0):
        return bool(self._socket.poll(ms)) and self._socket.recv() == JPEG


@pytest.fixture
def context():
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


def test_frames_go_only_to_the_allowed(context):
    counters = Counters()
    with contextlib.closing(Publisher("127.0.0.1", 0, counters=counters, may=only_host)) as publisher:
        guest = Subscriber(context, publisher.port, source=GUEST)
        host = Subscriber(context, publisher.port)

        def is_served():
            publisher.send(JPEG)
            return host.gets() and counters.counts.get("frames_barred")

        wait_until(is_served, "a frame for the host")
        assert publisher.dead() == []
        for _ in range(20):
            publisher.send(JPEG)
            assert host.gets(30_000)
        assert not guest.gets()


def test_the_gate_refuses_by_itself_whom_the_limit_would_let_in(context, monkeypatch):
    monkeypatch.setattr("bandwalk.output.subscriber_limit.SubscriberLimit._judge", lambda self, fd: None)
    counters = Counters()
    with contextlib.closing(Publisher("127.0.0.1", 0, counters=counters, may=only_host)) as publisher:
        guest, host = Subscriber(context, publisher.port, source=GUEST), Subscriber(context, publisher.port)

        def is_served():
            publisher.send(JPEG)
            return host.gets() and counters.counts.get("frames_barred")

        wait_until(is_served, "a frame for the host")
        assert not guest.gets()


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("curve") / "keys"
    done = run_cli("keys", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_keys_are_written_so_that_only_the_owner_reads_them(keys):
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()}
    assert files == dict.fromkeys(("server.public", "server.secret", "client.public", "client.secret"), 0o600)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    again = run_cli("keys", keys)
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_encrypted_frames_go_only_to_clients_with_a_known_key(context, keys):
    counters = Counters()
    public, secret = zmq.curve_keypair()
    server_key = (keys / "server.public").read_bytes().strip()
    stranger = {"curve_serverkey": server_key, "curve_publickey": public, "curve_secretkey": secret}
    with contextlib.closing(Publisher("127.0.0.1", 0, counters=counters, curve=keys)) as publisher:
        plain, unknown = Subscriber(context, publisher.port), Subscriber(context, publisher.port, keys=stranger)
        with Receiver(f"127.0.0.1:{publisher.port}", curve=str(keys)) as receiver:

            def is_served():
                publisher.send(JPEG)
                return receiver.receive(0.0) and counters.counts.get("frames_barred")

            wait_until(is_served, "a frame for the client with the key")
        assert not plain.gets()
        assert not unknown.gets()


@pytest.mark.parametrize("text", ["", "short", "x" * 41])
def test_what_is_no_key_is_one_clear_line_that_does_not_quote_it(tmp_path, text, keys):
    for path in keys.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "client.public").write_text(text)
    with pytest.raises(ParameterError, match=r"--curve: .*client.public: expected keys of 40 letters") as caught:
        Publisher("127.0.0.1", 0, counters=Counters(), curve=tmp_path)
    assert not text or text not in str(caught.value).replace(str(tmp_path), "")
    (tmp_path / "client.public").unlink()
    with pytest.raises(ParameterError, match="No such file"):
        Receiver("127.0.0.1", curve=str(tmp_path))


def _make_certificate(folder, name):
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    more = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"]
    subprocess.run([*command, *more, "-out", str(cert), "-keyout", str(key)], check=True, capture_output=True)
    return cert, key


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return _make_certificate(tmp_path_factory.mktemp("tls"), "one")


def test_https_is_served_by_tls_1_2_at_least_and_a_stuck_handshake_stops_nobody(pair, context):
    web = Web("127.0.0.1", 0, counters=Counters(), tls=open_tls(*map(str, pair)))
    osc_in = OscIn("127.0.0.1", 0, counters=Counters())
    web.start(_calls(osc_in))
    trusting = ssl.create_default_context(cafile=str(pair[0]))
    assert web.url.startswith("https://")
    with contextlib.closing(web), contextlib.closing(osc_in), contextlib.ExitStack() as stack:
        for _ in range(120):  # more than one peer has places: they shake no hands
            stack.enter_context(socket.create_connection(("127.0.0.1", web.port), DEADLINE_S))
        client = http.client.HTTPSConnection("127.0.0.1", web.port, timeout=DEADLINE_S, context=trusting)
        client.request("GET", "/health")
        answer = client.getresponse()
        assert (answer.status, json.loads(answer.read())["status"]) == (200, "ok")
        assert client.sock.version() in ("TLSv1.2", "TLSv1.3")
        client.close()
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with (
            socket.create_connection(("127.0.0.1", web.port), DEADLINE_S) as raw,
            pytest.raises((ssl.SSLError, OSError)),
        ):
            old.wrap_socket(raw)


def test_a_bad_or_mismatched_pair_is_one_clear_line(pair, tmp_path):
    cert, key = map(str, pair)
    _, other_key = _make_certificate(tmp_path, "two")
    locked = tmp_path / "locked.key"
    command = ["openssl", "ec", "-in", key, "-aes128", "-passout", "pass:secret12", "-out", str(locked)]
    subprocess.run(command, check=True, capture_output=True)
    text = tmp_path / "text"
    text.write_text("hello")
    for args, expected in (
        (
            (cert, str(other_key)),
            r"--cert = .*, --key = .*: key values mismatch; expected a certificate and its own key",
        ),
        ((str(text), key), r"--cert = .*: expected|--cert = .*; expected a certificate"),
        ((cert, str(tmp_path / "none")), r"--key = .*none: No such file"),
        (("", key), r"--key = .*: no certificate, expected --cert, too"),
        ((cert, str(locked)), "the key is encrypted"),
    ):
        with pytest.raises(ParameterError, match=expected):
            open_tls(*args)


def _lines(**given):
    return [line for _, line in open_reach(Settings.of(given).network).lines()]


def test_the_start_says_who_can_reach_what(monkeypatch, pair, tmp_path):
    monkeypatch.delenv("BANDWALK_TOKEN", raising=False)
    assert _lines() == []
    line, warning = _lines(bind="0.0.0.0")
    assert line == (
        "--bind 0.0.0.0: everybody in this network can reach OSC 9000/udp and 9000/tcp without a token, "
        "frames 9002/tcp without a key, HTTP 9003/tcp without a token"
    )
    assert "everybody on this network can steer" in warning
    token = tmp_path / "token"
    token.write_text(TOKEN)
    given = {"bind": "0.0.0.0", "allow": ("10.0.0.0/24",), "token_file": str(token), "curve": "keys"}
    line, warning = _lines(**given)
    assert "10.0.0.0/24 can reach" in line
    assert line.endswith("frames 9002/tcp with a key of --curve, HTTP 9003/tcp with the token")
    assert "unencrypted" in warning
    (line,) = _lines(**given, cert=str(pair[0]), key=str(pair[1]))
    assert line.endswith("HTTPS 9003/tcp with the token")


def test_secrets_are_never_logged_nor_told(keys, pair):
    env = {"BANDWALK_TOKEN": TOKEN}
    args = ("demo", "--size", "64x64", "--threads", "1", "--curve", keys, "--cert", pair[0], "--key", pair[1])
    with_keys = [(path.read_text().strip()) for path in keys.glob("*.secret")]
    secrets = [TOKEN, *with_keys, re.sub(r"-----[^-]+-----|\s", "", pair[1].read_text())[:40]]
    with Server(*args, env=env) as show:
        told = []
        osc = Osc(show)
        osc.send("/stats")
        osc.until_any(lambda address, *args: bool(told.append(f"{address} {args}")) or address == "/stats/late")
        osc.close()
        trusting = ssl.create_default_context(cafile=str(pair[0]))
        for path in ("/", "/?HOST_INFO", "/health", "/metrics"):
            client = http.client.HTTPSConnection("127.0.0.1", show.base + 3, timeout=60, context=trusting)
            client.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
            told.append(client.getresponse().read().decode())
            client.close()
        environ = Path(f"/proc/{show.process.pid}/cmdline").read_bytes().decode(errors="replace")
        with Receiver(f"127.0.0.1:{show.base + 2}", curve=str(keys)) as receiver:
            assert receiver.receive(60.0) is not None
        everything = "\n".join([*told, *show.log, environ])
    assert "/stats/late" in everything
    assert [secret for secret in secrets if secret in everything] == []


def test_security_md_names_tests_that_exist():
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page)
    assert len(named) > 20
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), (file, name)
    for line in re.findall(r"^\| .*$", page.partition("## Promises")[2].partition("\n## ")[0], re.MULTILINE)[2:]:
        assert "::test_" in line, f"no test holds this promise: {line}"
