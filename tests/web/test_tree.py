"""The tree over HTTP: every row of the table at its address, in the proposal's words."""

import json

import pytest
from rows import EACH

from bandwalk.params import ROWS
from bandwalk.params.commands import COMMANDS
from bandwalk.params.row import UNIT_NAMES
from bandwalk.params.signals import SIGNALS
from bandwalk.show.web_calls import UDP_ONLY

WITHOUT_A_NAME = {"", "z", "px", "bars"}
UNIT_VOCABULARY = {
    *("distance.m", "distance.pixels", "angle.degree", "angle.radian", "gain.linear", "gain.midigain", "gain.db"),
    *("gain.db-raw", "time.second", "time.bark", "time.bpm", "time.cents", "time.hz", "time.mel", "time.midinote"),
    *("time.ms", "time.speed", "speed.m/s", "speed.mph", "speed.km/h"),
}


def test_every_parameter_is_a_node_with_its_value_range_and_unit(desk):
    for row in EACH:
        node = desk.ask(row.address)
        value = desk.store.values[row.address]
        assert node["FULL_PATH"] == row.address
        assert node["TYPE"] == {"b": "T" if value else "F"}.get(row.type, row.type)
        assert node["VALUE"] == [value]
        assert node["ACCESS"] == 3
        assert (node["DESCRIPTION"], node["TITLE"]) == (row.doc, row.title)
        assert node["TAGS"] == ["look" if row.in_look else "setup"]
        assert "CONTENTS" not in node
        if row.type in "fi":
            assert node["RANGE"] == [{"MIN": row.lo, "MAX": row.hi}]
            assert node["CLIPMODE"] == ["both"]
            assert row.unit in WITHOUT_A_NAME or node["UNIT"] == [UNIT_NAMES[row.unit]]
        elif row.choices:
            assert node["RANGE"] == [{"VALS": list(row.choices)}]
        else:
            assert "RANGE" not in node


def test_units_are_the_proposals_own_words():
    assert set(UNIT_NAMES.values()) <= UNIT_VOCABULARY


def test_features_and_frames_can_be_read_and_not_set(desk, controller):
    for row in SIGNALS:
        node = desk.ask(row.address)
        assert (node["ACCESS"], node["TYPE"]) == (1, row.type)
    assert desk.ask("/feature/low/change")["RANGE"] == [{"MIN": -1.0, "MAX": 1.0}]
    assert desk.ask("/feature/low/rms")["RANGE"] == [{"MIN": 0.0}]
    controller.send("/feature/low/level", 0.5)
    assert [address for address, _ in controller.settle()] == ["/error"]


def test_commands_can_be_sent_and_not_read(desk):
    for command in COMMANDS:
        if command.address not in UDP_ONLY:
            node = desk.ask(command.address)
            assert node["ACCESS"] == 2
            assert node["TYPE"] == command.args.replace("[", "").replace("]", "") or node["TYPE"] == "I"
            assert desk.get(f"{command.address}?VALUE")[0] == 204


def test_the_root_holds_every_node_once(desk):
    def leaves(node):
        for name, child in node["CONTENTS"].items():
            assert child["FULL_PATH"] == f"{node['FULL_PATH'].rstrip('/')}/{name}"
            yield from leaves(child) if "CONTENTS" in child else [child["FULL_PATH"]]

    found = list(leaves(desk.ask("/")))
    expected = {x.address for x in (*ROWS, *SIGNALS, *COMMANDS)} - set(UDP_ONLY)
    assert len(found) == len(expected)
    assert set(found) == expected


def test_a_container_shows_its_part_of_the_tree(desk):
    node = desk.ask("/walk/low")
    assert node == desk.ask("/")["CONTENTS"]["walk"]["CONTENTS"]["low"] == desk.ask("/walk/low/")
    assert node["ACCESS"] == 0
    assert {"kind", "max_step", "bump"} <= set(node["CONTENTS"])


@pytest.mark.parametrize(
    ("attribute", "content"),
    [
        ("VALUE", [1.0]),
        ("TYPE", "f"),
        ("RANGE", [{"MIN": 0.0, "MAX": 1.5}]),
        ("ACCESS", 3),
        ("FULL_PATH", "/style/psi"),
        ("DESCRIPTION", "How different the pictures may be. 0: always the average one; 1: as the model learned."),
        ("CLIPMODE", ["both"]),
        ("TITLE", "variety"),
    ],
)
def test_one_attribute_can_be_asked_for(desk, attribute, content):
    assert desk.ask(f"/style/psi?{attribute}") == {attribute: content}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/style/psi?UNIT", 204),
        ("/style/psi?CONTENTS", 204),
        ("/walk?VALUE", 204),
        ("/walk/low/kind?CLIPMODE", 204),
        ("/style/psi?COLOUR", 400),
        ("/style/psi?VALUE&TYPE", 400),
        ("/style/psi?value", 400),
        ("/style", 200),
        ("/style/nothing", 404),
        ("/style/psi/deeper", 404),
        ("/panel/../../params.py", 404),
        ("/panel/%2e%2e%2fpage.py", 404),
        ("/..%2f..%2fetc/passwd", 404),
    ],
)
def test_what_is_not_there_is_told_by_its_status(desk, path, status):
    assert desk.get(path)[0] == status


def test_a_value_just_set_is_the_value_shown(desk):
    desk.store.set("/master/freeze", True, clamp=False)
    node = desk.ask("/master/freeze")
    assert (node["TYPE"], node["VALUE"]) == ("T", [True])


def test_host_info_tells_where_osc_and_websockets_are(desk):
    for path in ("/?HOST_INFO", "/?HOST_INFO=", "/style/psi?HOST_INFO"):
        info = desk.ask(path)
        assert info["NAME"] == "bandwalk"
        assert (info["OSC_IP"], info["OSC_PORT"], info["OSC_TRANSPORT"]) == ("127.0.0.1", desk.osc_in.port, "UDP")
        assert (info["WS_IP"], info["WS_PORT"]) == ("127.0.0.1", desk.port)
        on = {name for name, there in info["EXTENSIONS"].items() if there}
        assert on == {
            *("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "CLIPMODE", "TAGS"),
            *("LISTEN", "PATH_CHANGED"),
        }


def test_only_reading_is_offered(desk):
    assert desk.get("/style/psi", method="HEAD")[0] == 200
    for method in ("POST", "PUT", "DELETE"):
        assert desk.get("/style/psi", method=method)[0] == 405


def test_a_browser_gets_the_panel_at_the_root_and_json_below(desk):
    accept = "text/html,application/xhtml+xml,*/*;q=0.8"
    status, headers, body = desk.get("/", Accept=accept)
    assert (status, headers.get_content_type()) == (200, "text/html")
    assert body.startswith(b"<!doctype html>")
    assert json.loads(desk.get("/style", Accept=accept)[2])["FULL_PATH"] == "/style"
    assert json.loads(desk.get("/?VALUE", Accept=accept)[2] or "{}") == {}


def test_no_address_of_the_table_stands_where_the_server_has_something_else():
    tops = {x.address.split("/")[1] for x in (*ROWS, *SIGNALS, *COMMANDS)}
    assert not tops & {"panel", "frames", "metrics"}
