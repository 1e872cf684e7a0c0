"""The session for Open Stage Control, and its module in node."""

import json
import subprocess

import pytest
from rows import LIVE

from bandwalk.layout import stage_control_session
from bandwalk.models import rows_brought
from bandwalk.row import INT32


@pytest.fixture(scope="module")
def widgets(tablet):
    session = json.loads((tablet / "bandwalk.json").read_text(encoding="utf-8"))
    assert (session["type"], session["content"]["type"]) == ("session", "root")
    return [widget for tab in session["content"]["tabs"] for widget in tab["widgets"]]


def test_the_committed_file_is_what_the_table_makes(tablet):
    assert (tablet / "bandwalk.json").read_text(encoding="utf-8") == stage_control_session(rows_brought("builtin"))


def test_every_live_parameter_is_one_widget_with_its_address_and_no_id_is_there_twice(widgets):
    ids = [widget["id"] for widget in widgets]
    assert len(ids) == len(set(ids))
    wanted = sorted(row.address for row in LIVE)
    assert sorted(widget["address"] for widget in widgets if widget["address"] in wanted) == wanted


@pytest.mark.parametrize("row", LIVE, ids=lambda row: row.address)
def test_each_widget_has_the_rows_type_range_and_default(row, widgets):
    (widget,) = [widget for widget in widgets if widget["address"] == row.address]
    assert widget["typeTags"] == {"b": "i"}.get(row.type, row.type)
    assert widget["default"] == row.default
    if row.type in "fi":
        most = 999 if row.type == "i" and row.hi == INT32 else row.hi
        assert (widget["type"], widget["range"]) == ("fader", {"min": row.lo, "max": most})
    elif row.choices:
        assert widget["values"]["values"] == list(row.choices)
    else:
        assert widget["type"] == ("button" if row.type == "b" else "input")


DRIVER = """
const given = { "send": ["127.0.0.1:9000"], "osc-port": 9011 };
global.settings = { read: (name) => given[name] };
const sent = [];
global.send = (host, port, address, ...args) => sent.push([host, port, address, ...args]);
global.loadJSON = (name) => require(require("path").join(require("path").dirname(process.argv[1]), name));
let tick;
global.setInterval = (call, every) => { tick = call; return every; };
global.clearInterval = () => {};
const module_ = require(process.argv[1]);
tick();
const data = { address: "/feature/rms", args: [] };
const passed = module_.oscInFilter(data) === data;
const first = sent.length;
module_.oscInFilter(data);
module_.unload();
console.log(JSON.stringify({ passed, first, all: sent.length, sent }));
"""


def test_its_module_subscribes_and_asks_for_all_values_when_the_server_appears(tablet):
    command = ["node", "-e", DRIVER, str(tablet / "open-stage-control.js")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["passed"]
    assert told["first"] == told["all"] == 1 + len(LIVE)
    assert told["sent"][0] == ["127.0.0.1", 9000, "/subscribe", {"type": "i", "value": 9011}]
    assert sorted(asked[2] for asked in told["sent"][1:]) == sorted(row.address for row in LIVE)
