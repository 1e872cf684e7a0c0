"""Custom parameters from the OSCQuery tree of a real server, and what goes both ways when they change."""

import contextlib
import json
import struct
import urllib.request

import pytest
from pythonosc.osc_message import OscMessage
from server import Osc, Server, free_port_base

from bandwalk.params import ROWS
from bandwalk.params.commands import COMMANDS
from bandwalk.params.row import INT32

SHOWN = [row for row in ROWS if not row.address.startswith("/route/")]
BUTTONS = [command for command in COMMANDS if not command.args]


@pytest.fixture(scope="module")
def server():
    with Server("demo", "--size", "64x64", "--threads", "1") as server:
        yield server


@pytest.fixture(scope="module")
def tree(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.base + 3}/", timeout=30) as answer:
        return json.load(answer)


@pytest.fixture
def sent():
    """What the patch sends to the server."""
    return []


@pytest.fixture
def made(td, build, tree, sent):
    """The component of a patch to which a server's tree has come; what it sends is noted."""
    comp = build(port_base=free_port_base())
    link = comp.op("link").module
    link.stop()
    link.send = sent.append
    link._trees.put(tree)
    td.frame(comp)
    td.frame(comp)
    sent.clear()
    yield comp
    comp.op("every_frame").module.onExit()


def make(comp, tree):
    return comp.op("parameters").module.make(comp, tree, comp.op("osc").module)


def hear(comp, packet):
    for address, values in comp.op("osc").module.decode(packet):
        comp.op("link").module._inbox.put((address, values))


def par_of(comp, address):
    return getattr(comp.par, comp.op("parameters").module.name_of(address))


def test_every_live_parameter_is_there_with_its_type_and_range(td, build, tree):
    comp = build()
    make(comp, tree)
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


def test_it_listens_to_each_parameter(made):
    addresses = set(made.op("parameters").module.addresses())
    assert {row.address for row in SHOWN} <= addresses
    assert not any(address.startswith("/route/") for address in addresses)


def test_nothing_is_sent_until_something_is_changed(td, made, sent):
    for _ in range(3):
        td.frame(made)
    assert sent == []


@pytest.mark.parametrize(
    ("address", "value", "values"),
    [
        ("/style/psi", 0.25, [0.25]),
        ("/style/psi", 99.0, [1.5]),
        ("/out/quality", 50, [50]),
        ("/master/freeze", True, [1]),
        ("/walk/low/kind", "orbit", ["orbit"]),
        ("/mix/high/layers", "3-9", ["3-9"]),
    ],
)
def test_a_changed_parameter_is_sent_once_as_the_osc_message_that_python_osc_reads(
    td, made, sent, address, value, values
):
    par_of(made, address).val = value
    td.frame(made)
    td.frame(made)
    (packet,) = sent
    message = OscMessage(packet)
    assert (message.address, message.params) == (address, values)


def test_a_pulse_is_a_command(td, made, sent):
    made.op("parameter_changed").module.onPulse(par_of(made, "/walk/low/bump"))
    (packet,) = sent
    assert (OscMessage(packet).address, OscMessage(packet).params) == ("/walk/low/bump", [])


def test_what_the_server_tells_is_shown_and_not_sent_back(td, made, sent):
    hear(made, b"/style/psi\0\0,f\0\0" + struct.pack(">f", 0.7))
    hear(made, bytearray(b"/master/freeze\0\0,T\0\0"))
    hear(made, b"/walk/low/kind\0\0,s\0\0hold\0\0\0\0")
    for broken in (
        b"",
        b"/style/psi",
        b"/style/psi\0\0,f\0\0",
        b"/style/psi\0\0,b\0\0\0\0\0\0",
        b"/x\0\0,f\0\0" + bytes(4),
    ):
        hear(made, broken)
    for _ in range(2):
        td.frame(made)
    assert par_of(made, "/style/psi").eval() == pytest.approx(0.7)
    assert par_of(made, "/master/freeze").eval() is True
    assert par_of(made, "/walk/low/kind").eval() == "hold"
    assert sent == []


def test_a_server_that_comes_back_finds_the_same_parameters_with_its_values(td, made, tree):
    kept = par_of(made, "/style/psi")
    kept.val = 0.1
    td.frame(made)
    own = made.appendCustomPage("Mine").appendFloat("Styleown")[0]
    make(made, tree)
    assert par_of(made, "/style/psi") is kept
    assert kept.eval() == 1.0
    tree = json.loads(json.dumps(tree))
    del tree["CONTENTS"]["style"]["CONTENTS"]["noise"]
    del tree["CONTENTS"]["beat"]
    tree["CONTENTS"]["style"]["CONTENTS"]["psi"]["RANGE"] = [{"MIN": 0.5, "MAX": 2.0}]
    make(made, tree)
    assert par_of(made, "/style/psi") is kept
    assert (kept.min, kept.max) == (0.5, 2.0)
    assert made.par.Styleown is own
    for gone in ("/style/noise", "/beat/bpm"):
        with pytest.raises(AttributeError):
            par_of(made, gone)
    pages = [page.name for page in made.customPages]
    assert "Beat" not in pages
    assert "Mine" in pages


def test_what_an_expression_drives_stays_and_is_sent_to_a_server_that_comes_back(td, made, sent, tree):
    par = par_of(made, "/style/psi")
    par.mode, par.expr = type(par.mode).EXPRESSION, lambda: 0.25
    hear(made, b"/style/psi\0\0,f\0\0" + struct.pack(">f", 0.7))
    td.frame(made)
    assert par.eval() == 0.25
    (packet,) = make(made, tree)
    assert OscMessage(packet).params == [0.25]
    assert make(made, tree) == [packet]
    assert sent == []


def test_a_server_without_token_or_certificate_is_steered_at_once(build, until, server):
    comp = build(port_base=server.base)
    until(comp, lambda: comp.par.Status.eval() == "connected" and len(comp.customPages) > 3)
    par_of(comp, "/style/psi").val = 0.25
    with contextlib.closing(Osc(server)) as osc:
        until(comp, lambda: told(osc, "/style/psi") == 0.25)
        osc.send("/style/psi", 1.0)
    until(comp, lambda: par_of(comp, "/style/psi").eval() == 1.0)
    comp.op("every_frame").module.onExit()


def told(osc, address):
    osc.send(address)
    return osc.until(address)[0]
