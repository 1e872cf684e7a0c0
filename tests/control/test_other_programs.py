"""OSC with programs that were not written here: liblo's oscsend and oscdump (C), and npm's osc (JavaScript)."""

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path

import numpy as np
import pytest
from heard import BUNDLES, DUMPED, STEP, TIME
from server import free_port_base
from signals import rock

from bandwalk.analysis import Analyzer
from bandwalk.control.route import parse_route
from bandwalk.osc import encode, encode_bundle
from bandwalk.params import defaults
from bandwalk.params.signals import FEATURES
from bandwalk.pipeline.stage_values import ear
from bandwalk.records import Block

HERE = Path(__file__).parent
DEADLINE_S = 60

FRAME = ["/frame/seq i 7", "/frame/age_ms f 12.500000"]


def is_taken(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def oscsend(port, address, tags="", *values):
    """Send by liblo; it ends when the packet is on its way."""
    command = ["oscsend", "127.0.0.1", str(port), address, tags, *map(str, values)]
    subprocess.run(command, check=True, timeout=DEADLINE_S)


@pytest.fixture
def oscdump(wait_until):
    """liblo's oscdump on a free port: gives the port and a way to read its lines."""
    for _ in range(8):  # another process of the tests may take the port first
        port = free_port_base()
        process = subprocess.Popen(["oscdump", "-L", str(port)], stdout=subprocess.PIPE, text=True)
        wait_until(lambda p=process, n=port: p.poll() is not None or is_taken(n), "oscdump to listen")
        try:
            process.wait(0.1)  # liblo ends at once if the port was taken by then
        except subprocess.TimeoutExpired:
            break
        process.stdout.close()

    def read(n):
        """Return the next n lines without their time tags."""
        return [process.stdout.readline().rstrip().partition(" ")[2] for _ in range(n)]

    yield port, read
    process.terminate()
    process.wait(DEADLINE_S)
    process.stdout.close()


def test_oscdump_prints_our_features_and_frames_exactly(oscdump, open_out):
    port, read = oscdump
    out = open_out([("127.0.0.1", port)])
    out.send_features(STEP)
    out.send_frame(7, 12.5)
    lines = read(len(DUMPED) + BUNDLES - 1 + len(FRAME))
    assert lines.count(TIME) == BUNDLES
    assert [line for line in lines if line != TIME] == [line for line in DUMPED if line != TIME] + FRAME


def test_oscdump_hears_each_signal_of_the_table_as_its_type_within_its_range(oscdump, open_out):
    """Music, then silence; steps are sent a few at a time, so that the socket's buffer loses none."""
    port, read = oscdump
    out = open_out([("127.0.0.1", port)])
    y = np.concatenate([rock(5).y, np.zeros(40_000)]).astype(np.float32)
    features = Analyzer(ear(defaults()), step_rate=100.0).process(Block(y, len(y), 0.0))[::5]
    seen = {row.address: [] for row in FEATURES}
    for step in features:
        out.send_features(step)
        for line in read(len(FEATURES) + BUNDLES - 1):
            address, tag, number = line.split()
            seen[address].append((tag, float(number)))
    for row in FEATURES:
        tags, numbers = map(set, zip(*seen[row.address], strict=True))
        assert tags == {row.type}, row.address
        assert row.lo <= min(numbers) <= max(numbers) <= row.hi, row.address
        if row.type == "i":
            assert numbers <= {0.0, 1.0}, row.address


ROUTED = """\
/composition/layers/1/video/opacity f 0.062500
/composition/columns/1/connect i 1
/composition/speed f 0.250000
""".splitlines()
ROUTES = [
    "low/level=/composition/layers/1/video/opacity:0..1:square@127.0.0.1:{port}",
    "high/onset=/composition/columns/1/connect@127.0.0.1:{port}",
    "low/change=/composition/speed:0..1@127.0.0.1:{port}",
]


@pytest.fixture
def send_along_routes(open_out):
    def send(port):
        open_out(routes=[parse_route(text.format(port=port)) for text in ROUTES]).send_features(STEP)

    return send


def test_oscdump_prints_what_is_sent_along_routes_as_plain_messages(oscdump, send_along_routes):
    port, read = oscdump
    send_along_routes(port)
    assert read(len(ROUTED)) == ROUTED


def test_osc_js_reads_what_is_sent_along_routes(osc_js, send_along_routes):
    send_along_routes(osc_js.port)
    heard = [osc_js.read() for _ in ROUTED]
    told = [(m["address"], m["args"][0]["type"], m["args"][0]["value"]) for m in heard]
    assert told == [(address, tag, float(value)) for address, tag, value in map(str.split, ROUTED)]


def test_oscdump_prints_answers_errors_and_echoes_at_its_declared_port(server, peer, oscdump):
    port, read = oscdump
    peer.send("/subscribe", port)
    for message in (["/walk/low/kind"], ["/master/freeze"], ["/ping", -5]):
        peer.send(*message)
    assert read(3) == ['/walk/low/kind s "random"', "/master/freeze i 0", "/pong i -5"]
    assert [line.rpartition(" ")[0] for line in read(2)] == ["/clock/s i", "/clock/us i"]
    peer.send("/style/psi", 9.0)
    assert read(2) == ["/style/psi f 1.500000", '/error ss "/style/psi" "/style/psi = 9.0: clamped to 1.5"']
    server.store.set("/walk/low/kind", "hold", clamp=False)
    assert read(1) == ['/walk/low/kind s "hold"']


def test_oscdump_reads_bundles_in_bundles_at_once(peer, oscdump):
    port, read = oscdump
    peer.server = ("127.0.0.1", port)
    peer.send_raw(encode_bundle([encode("/a", True, "x"), encode_bundle([encode("/b")])]))
    assert sorted(read(2)) == ['/a is 1 "x"', "/b"]


@pytest.mark.parametrize(
    ("address", "tags", "values", "set_to"),
    [
        ("/style/psi", "f", ["0.5"], 0.5),
        ("/style/psi", "i", ["1"], 1.0),
        ("/style/psi", "h", ["0"], 0.0),
        ("/style/psi", "d", ["0.125"], 0.125),
        ("/style/seed", "f", ["42"], 42),
        ("/style/seed", "i", ["42"], 42),
        ("/walk/low/enabled", "F", [], False),
        ("/master/freeze", "T", [], True),
        ("/master/freeze", "f", ["1"], True),
        ("/walk/low/kind", "s", ["orbit"], "orbit"),
        ("/walk/*/[g]ain", "f", ["2.5"], 2.5),
    ],
)
def test_oscsend_sets_a_value_of_each_type(server, peer, address, tags, values, set_to):
    oscsend(server.port, address, tags, *values)
    peer.settle()
    address = address.replace("*", "high").replace("[g]", "g")
    assert server.store.values[address] == set_to


@pytest.mark.parametrize(
    ("tags", "values"),
    [("N", []), ("I", []), ("c", ["A"]), ("m", ["00903c40"]), ("S", ["sym"]), ("s", ["0.5"]), ("cf", ["A", "0.5"])],
)
def test_oscsend_of_another_type_is_refused(server, peer, tags, values):
    oscsend(server.port, "/style/psi", tags, *values)
    peer.settle()
    assert server.store.values["/style/psi"] == 1.0
    assert server.counters.counts == {"osc_errors": 1}


def test_a_shell_script_subscribes_and_hears_the_changes_of_others(server, peer, oscdump):
    port, read = oscdump
    oscsend(server.port, "/subscribe", "i", port)
    peer.settle()
    oscsend(server.port, "/walk/mid/gain", "f", 2)
    assert read(1) == ["/walk/mid/gain f 2.000000"]
    oscsend(server.port, "/unsubscribe", "i", port)
    peer.settle()
    assert server.subscribers.targets() == []


@pytest.fixture(scope="session")
def npm_osc():
    """The folder from which node finds npm's osc; fetched once, as package-lock.json says."""
    if not (HERE / "node_modules" / "osc").is_dir():
        flags = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
        subprocess.run([shutil.which("npm"), "ci", *flags], cwd=HERE, check=True, timeout=250)
    return HERE


@pytest.fixture
def osc_js(npm_osc, server):
    """npm's osc in node, told line by line what to send; what it receives comes back line by line."""
    process = subprocess.Popen(
        ["node", "osc_peer.js", str(server.port)],
        cwd=npm_osc,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )

    class Node:
        port = json.loads(process.stdout.readline())

        def send(self, packet):
            process.stdin.write(json.dumps(packet) + "\n")

        def read(self):
            return json.loads(process.stdout.readline())

        def ask(self, packet):
            """Send, and return what came before the answer to a /ping."""
            self.send(packet)
            self.send({"address": "/ping", "args": [{"type": "i", "value": 1}]})
            heard = []
            while (message := self.read()).get("packets", [message])[0]["address"] != "/pong":
                heard.append(message)
            return heard

    yield Node()
    process.stdin.close()
    process.wait(DEADLINE_S)
    process.stdout.close()


MODULE = HERE.parents[1] / "clients" / "tablet" / "open-stage-control.js"


@pytest.fixture
def stage_control(npm_osc, server):
    """Open Stage Control as far as its module sees it, and a page that opens when it is told to."""
    command = ["node", "stage_control.js", str(MODULE), str(server.port)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    with subprocess.Popen(command, cwd=npm_osc, **pipes) as process:
        assert json.loads(process.stdout.readline()) > 0

        def order(word):
            process.stdin.write(word + "\n")
            return json.loads(process.stdout.readline())

        yield order
        process.stdin.close()
        process.wait(DEADLINE_S)


def shows(order, server):
    """Whether the page shows every parameter as it is."""
    page = order("read") or {}
    return all(
        page.get(address) == (pytest.approx(value) if isinstance(value, float) else value)
        for address, value in server.store.values.items()
    )


def pass_time(server, order, seconds):
    """Let the clock run and the program renew its subscription."""
    for i in range(round(seconds * 4)):
        server.clock.advance(0.25)
        server.turn()
        if i % 16 == 0:
            order("tick")


def test_a_page_that_opens_late_or_reloads_and_a_second_one_show_what_is(server, stage_control, wait_until):
    wait_until(server.subscribers.alive, "the module to subscribe")
    server.turn()  # nobody sees this
    for value in (0.25, 0.75):
        server.store.set("/style/psi", value, clamp=False)
        server.clock.advance(1.0)
        before = server.subscribers.alive()
        stage_control("open")
        wait_until(lambda before=before: server.subscribers.alive() != before, "a new subscription")
        # it ends a subscription and begins one, and either of them is seen first
        wait_until(lambda: server.turn() or shows(stage_control, server), "the page to show what is")


def test_a_gap_in_the_network_and_lost_packets_leave_no_wrong_fader(server, stage_control, wait_until):
    stage_control("open")
    wait_until(server.subscribers.alive, "the module to subscribe")
    pass_time(server, stage_control, 2)
    wait_until(lambda: shows(stage_control, server), "the page to show what is")
    stage_control("deaf")
    server.store.set_many({"/style/psi": 0.125, "/walk/low/kind": "orbit", "/master/freeze": True})
    pass_time(server, stage_control, 1)
    assert not shows(stage_control, server)
    stage_control("hear")
    pass_time(server, stage_control, 6)
    wait_until(lambda: shows(stage_control, server), "the page to show what was missed")
    stage_control("lossy")
    for step in range(40):
        server.store.set_many({f"/walk/{band}/gain": step / 10 for band in ("low", "mid", "high")})
        pass_time(server, stage_control, 0.25)
    pass_time(server, stage_control, 11)
    wait_until(lambda: shows(stage_control, server), "the page to show what is in spite of the losses")


def message(address, *args):
    """Return a message as osc.js writes it: args are (type tag, value)."""
    return {"address": address, "args": [{"type": tag, "value": value} for tag, value in args]}


def test_osc_js_reads_our_features_as_bundles(server, osc_js):
    osc_js.ask(message("/subscribe", ("i", osc_js.port)))
    server.osc_out.send_features(STEP)
    bundles = [osc_js.read() for _ in range(BUNDLES)]
    assert all(bundle["timeTag"]["raw"] == [0, 1] for bundle in bundles)
    lines = [
        re.sub(r"^(\S+) f (.*)$", lambda m: f"{m[1]} f {float(m[2]):.6f}", f"{m['address']} {a['type']} {a['value']}")
        for bundle in bundles
        for m in bundle["packets"]
        for a in m["args"]
    ]
    assert lines.count(TIME) == BUNDLES
    assert [line for line in lines if line != TIME] == [line for line in DUMPED if line != TIME]


def test_osc_js_sets_asks_and_is_told(server, osc_js):
    assert osc_js.ask(message("/style/psi", ("f", 0.7))) == []
    assert server.store.values["/style/psi"] == 0.7
    (told,) = osc_js.ask(message("/style/psi"))
    assert (told["address"], told["args"][0]["type"]) == ("/style/psi", "f")
    assert told["args"][0]["value"] == pytest.approx(0.7)
    assert osc_js.ask(message("/nothing", ("T", True))) == [
        message("/error", ("s", "/nothing"), ("s", "/nothing: unknown, expected an address of the table"))
    ]


def test_a_bundle_of_osc_js_dated_next_year_is_applied_together_and_now(server, osc_js):
    inner = {"timeTag": {"raw": [4294967295, 0]}, "packets": [message("/style/seed", ("i", 9))]}
    packets = [message("/style/psi", ("d", 0.25)), message("/walk/*/gain", ("f", 2)), inner]
    assert osc_js.ask({"timeTag": {"inSeconds": 365 * 86400}, "packets": packets}) == []
    values = server.store.values
    assert (values["/style/psi"], values["/walk/mid/gain"], values["/style/seed"]) == (0.25, 2.0, 9)


def test_what_osc_js_sends_beyond_our_types_is_refused(server, osc_js):
    for args in (
        [("b", [1, 2, 3])],
        [("c", "A"), ("f", 0.5)],
        [("r", {"r": 1, "g": 2, "b": 3, "a": 1}), ("f", 0.5)],
        [("t", {"raw": [1, 2]})],
        [("m", [0, 144, 60, 64])],
        [("I", None)],
    ):
        server.clock.advance(1.0)
        (report,) = osc_js.ask(message("/style/psi", *args))
        assert report["address"] == "/error", args
        assert server.store.values["/style/psi"] == 1.0, args
