"""The session for Open Stage Control, and its module in node."""

import json
import subprocess

import pytest
from rows import SHOWN

from bandwalk.layout import stage_control_session
from bandwalk.params.row import INT32
from bandwalk.pipeline.models import rows_brought


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
    wanted = sorted(row.address for row in SHOWN)
    assert sorted(widget["address"] for widget in widgets if widget["address"] in wanted) == wanted


def test_each_widget_has_the_rows_type_range_and_default(widgets):
    for row in SHOWN:
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


def test_a_look_is_recalled_by_its_name_once_a_touch(widgets):
    (tide,) = [widget for widget in widgets if widget["id"] == "/preset/recall tide"]
    assert (tide["address"], tide["on"], tide["typeTags"], tide["mode"]) == ("/preset/recall", "tide", "s", "tap")


DRIVER = """
const given = { "send": ["127.0.0.1:9000"], "osc-port": 9011 };
global.settings = { read: (name) => given[name] };
const sent = [];
global.send = (host, port, address, ...args) => sent.push([host, port, address, ...args]);
global.app = new (require("node:events"))();
let tick;
global.setInterval = (call, every) => { tick = call; return every; };
global.clearInterval = () => {};
const module_ = require(process.argv[1]);
const told = { begun: sent.splice(0) };
tick();
told.later = sent.splice(0);
app.emit("sessionOpened", {}, {});
told.opened = sent.splice(0);
module_.unload();
told.listeners = app.listenerCount("sessionOpened");
console.log(JSON.stringify(told));
"""


def test_its_module_subscribes_and_does_so_anew_when_a_page_opens(tablet):
    command = ["node", "-e", DRIVER, str(tablet / "open-stage-control.js")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    port = {"type": "i", "value": 9011}
    renewed = [["127.0.0.1", 9000, "/subscribe", port, {"type": "f", "value": 30}, {"type": "i", "value": 5}]]
    anew = [["127.0.0.1", 9000, "/unsubscribe", port], *renewed]
    assert json.loads(done.stdout) == {"begun": anew, "later": renewed, "opened": anew, "listeners": 0}
