"""Custom parameters from the OSCQuery tree of a real server, and what goes both ways when they change."""

import contextlib
import json
import struct
import time
import urllib.request

import pytest
from pythonosc.osc_message import OscMessage
from server import Server
from websockets.sync.client import connect

from bandwalk.params import ROWS
from bandwalk.params.commands import COMMANDS
from bandwalk.params.row import INT32

DEADLINE_S = 60.0
SHOWN = [row for row in ROWS if not row.address.startswith("/route/")]
BUTTONS = [command for command in COMMANDS if not command.args]


@pytest.fixture(scope="module")
def server():
    with Server("demo", "--size", "128", "--threads", "1") as server:
        yield server


@pytest.fixture(scope="module")
def tree(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.base + 3}/", timeout=30) as answer:
        return json.load(answer)


@pytest.fixture
def made(td, build, server):
    """The component of a patch whose control socket has just been connected, and whose tree has come."""
    comp = build(port_base=server.base)
    control = comp.op("control")
    control.par.callbacks.eval().module.onConnect(control)
    deadline = time.monotonic() + DEADLINE_S
    while len(comp.customPages) == 1:
        assert time.monotonic() < deadline, "no tree came"
        td.frame(comp)
        time.sleep(0.01)
    td.frame(comp)
    control.sent.clear()
    yield comp
    comp.op("every_frame").module.onExit()


def par_of(comp, address):
    return getattr(comp.par, comp.op("parameters").module.name_of(address))


def test_every_live_parameter_is_there_with_its_type_and_range(td, build, tree):
    comp = build()
    comp.op("parameters").module.make(comp, tree)
    for row in SHOWN:
        par = par_of(comp, row.address)
        assert par.style == {"f": "Float", "i": "Int", "b": "Toggle", "s": "Menu" if row.choices else "Str"}[row.type]
        if row.type in "fi":
            assert (par.min, par.max, par.clampMin, par.clampMax) == (row.lo, row.hi, True, True)
            assert par.normMax == (999 if row.hi == INT32 else row.hi)
        if row.choices:
            assert par.menuNames == list(row.choices)


def test_every_button_is_a_pulse_and_no_two_names_are_one(made):
    for command in BUTTONS:
        assert par_of(made, command.address).style == "Pulse"
    names = [par.name for page in made.customPages for par in page.pars]
    assert len(names) == len(set(names))
    assert next(page.name for page in made.customPages) == "Connection"


def test_it_listens_to_each_parameter(td, made):
    made.op("parameters").module.listen(made.op("control"))
    asked = [json.loads(text) for text in made.op("control").sent]
    addresses = {message["DATA"] for message in asked}
    assert {row.address for row in SHOWN} <= addresses
    assert not any(address.startswith("/route/") for address in addresses)
    assert {message["COMMAND"] for message in asked} == {"LISTEN"}


def test_nothing_is_sent_until_something_is_changed(td, made):
    for _ in range(3):
        td.frame(made)
    assert made.op("control").sent == []


@pytest.mark.parametrize(
    ("address", "value", "sent"),
    [
        ("/style/psi", 0.25, [0.25]),
        ("/style/psi", 99.0, [1.5]),
        ("/out/quality", 50, [50]),
        ("/master/freeze", True, [1]),
        ("/walk/low/kind", "orbit", ["orbit"]),
        ("/mix/high/layers", "3-9", ["3-9"]),
    ],
)
def test_a_changed_parameter_is_sent_once_as_the_osc_message_that_python_osc_reads(td, made, address, value, sent):
    par_of(made, address).val = value
    td.frame(made)
    td.frame(made)
    (packet,) = made.op("control").sent
    message = OscMessage(packet)
    assert (message.address, message.params) == (address, sent)


def test_a_pulse_is_a_command(td, made):
    made.op("parameter_changed").module.onPulse(par_of(made, "/walk/low/bump"))
    (packet,) = made.op("control").sent
    assert (OscMessage(packet).address, OscMessage(packet).params) == ("/walk/low/bump", [])


def test_what_the_server_tells_is_shown_and_not_sent_back(td, made):
    control = made.op("control")
    heard = control.par.callbacks.eval().module.onReceiveBinary
    heard(control, b"/style/psi\0\0,f\0\0" + struct.pack(">f", 0.7))
    heard(control, bytearray(b"/master/freeze\0\0,i\0\0\0\0\0\1"))
    heard(control, b"/walk/low/kind\0\0,s\0\0hold\0\0\0\0")
    for broken in (
        b"",
        b"/style/psi",
        b"/style/psi\0\0,f\0\0",
        b"/style/psi\0\0,b\0\0\0\0\0\0",
        b"/x\0\0,f\0\0" + bytes(4),
    ):
        heard(control, broken)
    td.frame(made)
    assert par_of(made, "/style/psi").eval() == pytest.approx(0.7)
    assert par_of(made, "/master/freeze").eval() is True
    assert par_of(made, "/walk/low/kind").eval() == "hold"
    assert control.sent == []


def test_a_server_that_comes_back_finds_the_same_parameters_with_its_values(td, made, tree):
    kept = par_of(made, "/style/psi")
    kept.val = 0.1
    td.frame(made)
    made.op("parameters").module.make(made, tree)
    assert par_of(made, "/style/psi") is kept
    assert kept.eval() == 1.0
    tree = json.loads(json.dumps(tree))
    del tree["CONTENTS"]["style"]["CONTENTS"]["noise"]
    made.op("parameters").module.make(made, tree)
    assert par_of(made, "/style/psi") is not kept
    with pytest.raises(AttributeError):
        par_of(made, "/style/noise")


def test_a_real_server_takes_the_packets_and_tells_its_changes_in_a_form_that_is_heard(td, made, server):
    url, wanted = f"ws://127.0.0.1:{server.base + 3}/", {"/style/noise": 0.5, "/walk/mid/kind": "orbit"}
    for address, value in wanted.items():
        par_of(made, address).val = value
    td.frame(made)
    decode, told = made.op("osc").module.decode, {}
    deadline = time.monotonic() + DEADLINE_S
    with connect(url) as socket, connect(url) as other:
        for address in wanted:
            other.send(json.dumps({"COMMAND": "LISTEN", "DATA": address}))
        while told != wanted:
            assert time.monotonic() < deadline, told
            socket.send(made.op("osc").module.encode("/style/noise", "f", 0.9))  # else a repetition changes nothing
            socket.send(made.op("osc").module.encode("/walk/mid/kind", "s", "hold"))
            for packet in made.op("control").sent:
                socket.send(packet)
            with contextlib.suppress(TimeoutError):
                message = other.recv(timeout=0.2)
                told.update(decode(message) if isinstance(message, bytes) else [])
