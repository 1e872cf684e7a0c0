"""The .tosc file: as committed, as another program reads it, and its script in a real Lua."""

import shutil
import subprocess
import zlib
from xml.etree import ElementTree as ET

import py2tosc
import pytest
from rows import SHOWN

from bandwalk.layout import touchosc_layout
from bandwalk.layout.controls import MIN_THUMB
from bandwalk.params.row import INT32
from bandwalk.pipeline.models import rows_brought


@pytest.fixture(scope="module")
def document(tablet):
    return py2tosc.load(tablet / "bandwalk.tosc")


@pytest.fixture(scope="module")
def controls(document):
    """All nodes of the document."""
    found, left = [], [document.root]
    while left:
        node = left.pop()
        found.append(node)
        left += node.children
    return found


def named(controls, address):
    (node,) = [node for node in controls if node.get("name") == address]
    return node


def path_of(message):
    return "".join(str(partial.value) for partial in message.path)


def test_the_committed_file_is_what_the_table_makes(tablet):
    committed = (tablet / "bandwalk.tosc").read_bytes()
    assert zlib.decompress(committed) == zlib.decompress(touchosc_layout(rows_brought("builtin")))
    assert committed[:1] == b"\x78"
    assert ET.fromstring(zlib.decompress(committed)).tag == "lexml"


def test_another_program_finds_nothing_wrong_with_it(document):
    assert [str(issue) for issue in document.validate()] == []


def test_every_live_parameter_is_the_name_of_one_control(controls):
    names = [node.get("name") for node in controls]
    assert len(names) == len(set(names))
    assert {row.address for row in SHOWN} <= set(names)


def test_each_control_sends_its_range_and_hears_what_others_set(controls):
    by_name = {node.get("name"): node for node in controls}
    for row in SHOWN:
        check(row, by_name[row.address], by_name)


def check(row, node, by_name):
    """Whether a control sends its row's range and hears it."""
    if row.type in "fib":
        (message,) = [m for m in node.messages if hasattr(m, "path")]
        (argument,) = message.arguments
        lo, hi = (0, 1) if row.type == "b" else (row.lo, 999 if row.type == "i" and row.hi == INT32 else row.hi)
        assert (path_of(message), argument.scale_min, argument.scale_max) == (row.address, lo, hi)
        assert (message.send, message.receive, message.feedback) == (True, True, False)
        assert str(argument.conversion) == ("FLOAT" if row.type == "f" else "INTEGER")
        assert node.frame[3] >= MIN_THUMB
        return
    sent = [button.messages[0] for button in node.children if str(button.control_type) == "BUTTON"]
    assert {path_of(message) for message in sent} == {row.address}
    buttons = [button.frame for button in node.children if str(button.control_type) == "BUTTON"]
    assert all(x >= 0 and x + w <= node.frame[2] and y >= 0 and y + h <= node.frame[3] for x, y, w, h in buttons)
    assert len({(x, y) for x, y, _, _ in buttons}) == len(buttons)
    for message in sent:
        row.parse(message.arguments[0].value)  # raises for what the row does not take
        assert [str(trigger.condition) for trigger in message.triggers] == ["RISE"]
    shown = by_name[f"{row.address} value"].messages[0]
    assert (path_of(shown), shown.send, shown.receive) == (row.address, False, True)


def test_a_look_is_recalled_by_its_name_when_its_button_is_pressed(controls):
    (message,) = named(controls, "/preset/recall tide").messages
    assert path_of(message) == "/preset/recall"
    assert [argument.value for argument in message.arguments] == ["tide"]
    assert message.send
    assert not message.receive


def test_the_levels_of_the_bands_are_shown(controls):
    for band in ("low", "mid", "high"):
        (message,) = named(controls, f"/feature/{band}/level").messages
        assert (message.send, message.receive) == (False, True)


DRIVER = """
local now, sent = 0, {}
function getMillis() return now end
function sendOSC(...) sent[#sent + 1] = table.concat({...}, ' ') end
local function flush() print(#sent, sent[1]) sent = {} end
dofile('script.lua')
update() flush()
now = 1000 update() flush()
now = 4000 update() flush()
print(onReceiveOSC)
"""


def test_its_script_subscribes_every_few_seconds_to_the_state_as_well(document, tmp_path):
    (tmp_path / "script.lua").write_text(document.root.get("script"))
    (tmp_path / "driver.lua").write_text(DRIVER)
    lua = shutil.which("lua5.1") or shutil.which("lua")
    done = subprocess.run([lua, "driver.lua"], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    subscribed = "1\t/subscribe 9001 30 5"
    assert done.stdout.splitlines() == [subscribed, "0\tnil", subscribed, "nil"]


def test_no_text_is_wider_than_its_label():
    """A letter of a sans serif is at most about 0.62 of its height wide; below 10 nobody reads it."""
    root = ET.fromstring(zlib.decompress(touchosc_layout()))
    labels = [node for node in root.iter("node") if node.get("type") == "LABEL"]
    assert len(labels) > 100
    for node in labels:
        text = node.findtext("values/value[key='text']/default") or ""
        size = int(node.findtext("properties/property[key='textSize']/value"))
        width = int(node.findtext("properties/property[key='frame']/value/w"))
        assert size == 10 or size * 0.62 * len(text) <= width, (text, size, width)
        assert 10 <= size <= 16
        assert 6.2 * len(text) <= width + 8, (text, width)
