"""A layout for TouchOSC (Mk2): a .tosc file is zlib-compressed XML, one node for each control.

Each parameter is one node named by its address. A choice is a row of buttons; a label beside each caption shows the
value. Source of the format: the manual (hexler.net/touchosc/manual) and files that the editor writes.
"""

import uuid
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Sequence
from importlib import resources
from typing import cast

from bandwalk.layout.controls import CAPTION, HEIGHT, MARGIN, TAB_BAR, WIDTH, Page, TabletControl, pages
from bandwalk.params.row import Row
from bandwalk.params.settings import Settings
from bandwalk.records import BANDS
from bandwalk.wire import BAND_COLOURS, PORTS

Box = tuple[int, int, int, int]
Property = tuple[str, str, object]
"""(type letter, key, value)"""

_FORMAT = "3"  # the oldest of the present program: every version opens it
_RELATIVE, _TOGGLE_PRESS, _EAST = 1, 2, 1
_FINE_PERCENT = 20
_LEFT, _CENTRE, _RIGHT = 1, 2, 3
_LETTERS, _MIN_LETTERS = 16, 10
_LETTER_WIDTH = 0.62  # of its height, as most letters of a sans serif have at most
_DARK, _GREY, _WHITE = (0.07, 0.07, 0.09, 1.0), (0.25, 0.25, 0.3, 1.0), (1.0, 1.0, 1.0, 1.0)
_COLOURS = {band: (*(round(level / 255, 3) for level in BAND_COLOURS[band]), 1.0) for band in BANDS}
_ACCENT = (0.9, 0.7, 0.25, 1.0)
_IDS = uuid.UUID("6f0c8a52-5f6c-4f5d-9b53-3f1f0a3b6f9e")  # a node's ID is made of this and its name: always the same


def touchosc_layout(brought: Sequence[Row] = ()) -> bytes:
    """Return the whole .tosc file, the same bytes each time; brought: rows that a model brings."""
    found = pages(brought)
    root = ET.Element("lexml", version=_FORMAT)
    canvas = _node(root, "GROUP", "bandwalk", (0, 0, WIDTH, HEIGHT), ("c", "color", _DARK), ("s", "script", _script()))
    tabs = (("i", "tabbarSize", TAB_BAR), ("i", "textSizeOn", 18), ("i", "textSizeOff", 18))
    pager = _node(canvas, "PAGER", "pages", (0, 0, WIDTH, HEIGHT), ("c", "color", _DARK), *tabs, values={"page": 0})
    for page in found:
        _add_page(pager, page)
    text = ET.tostring(root, encoding="unicode")
    return zlib.compress(f"<?xml version='1.0' encoding='UTF-8'?>{text}".encode(), 9)


def _script() -> str:
    body = resources.files("bandwalk.layout").joinpath("subscribe.lua").read_text(encoding="utf-8")
    port = Settings.of({}).network.port_base + PORTS["features"]
    return f"local RECEIVE_PORT = {port}\n{body}"


def _add_page(pager: ET.Element, page: Page) -> None:
    box = (0, TAB_BAR, WIDTH, HEIGHT - TAB_BAR)
    tab = [("s", "tabLabel", page.title), ("c", "tabColorOn", _ACCENT), ("c", "tabColorOff", _GREY)]
    tab += [("c", "textColorOn", _DARK), ("c", "textColorOff", _WHITE)]
    group = _node(pager, "GROUP", page.title, box, ("c", "color", _DARK), *tab)
    for head, x, width in page.heads:
        _label(group, f"{page.title} {head}", (x, MARGIN, width // 3, CAPTION), head, colour=_COLOURS.get(head, _WHITE))
        if head in BANDS and page.title == "Bands":
            _add_meter(group, head, (x + width // 3, MARGIN, width - width // 3, CAPTION))
    for control in page.controls:
        _ADD[control.kind](group, control)


def _add_meter(group: ET.Element, band: str, box: Box) -> None:
    address = f"/feature/{band}/level"
    shown = (("b", "interactive", 0), ("b", "cursor", 0), ("i", "orientation", _EAST))
    node = _node(group, "FADER", address, box, ("c", "color", _COLOURS[band]), *shown, values={"x": 0.0})
    _osc(node, address, ("VALUE", "FLOAT", "x"), send=False)


def _add_fader(group: ET.Element, control: TabletControl) -> None:
    shown = _caption(group, control)
    lo, hi = control.range
    start = (cast(float, control.default) - lo) / (hi - lo)
    feel = (("i", "response", _RELATIVE), ("i", "responseFactor", _FINE_PERCENT)) if control.is_fine else ()
    properties = (("c", "color", _colour(control)), ("i", "orientation", _EAST), ("b", "centered", lo < 0), *feel)
    node = _node(group, "FADER", control.address, control.box, *properties, values={"x": start})
    whole = control.row is not None and control.row.type == "i"
    _osc(node, control.address, ("VALUE", "INTEGER" if whole else "FLOAT", "x"), scale=(lo, hi))
    _local(node, ("VALUE", "INTEGER" if whole else "FLOAT", "x"), shown, scale=(lo, hi))


def _add_toggle(group: ET.Element, control: TabletControl) -> None:
    _caption(group, control)
    look = (("c", "color", _colour(control)), ("i", "buttonType", _TOGGLE_PRESS))
    node = _node(group, "BUTTON", control.address, control.box, *look, values={"x": float(bool(control.default))})
    _osc(node, control.address, ("VALUE", "INTEGER", "x"))


def _add_choice(group: ET.Element, control: TabletControl) -> None:
    """A group named by the address: one button a text, and a label with the present one."""
    node = _node(group, "GROUP", control.address, control.box, ("c", "color", _DARK))
    shown = _caption(group, control)
    _osc(_by_id(group, shown), control.address, ("VALUE", "STRING", "text"), send=False)
    boxes = _boxes(control)
    size = min(map(_fitting, map(_said, control.offers), (width for _, _, width, _ in boxes)))
    for text, box in zip(control.offers, boxes, strict=True):
        name = f"{control.address} {text}"
        button = _node(node, "BUTTON", name, box, ("c", "color", _colour(control)), values={"x": 0.0})
        _osc(button, control.address, ("CONSTANT", "STRING", text), on="RISE", receive=False)
        _local(button, ("CONSTANT", "STRING", text), shown, on="RISE")
        _label(node, f"{name} label", box, _said(text), align=_CENTRE, size=size)


def _said(text: str) -> str:
    """Return what a button says that sends a text: empty is a style's name where the walks begin at the seed."""
    return text or "at the seed"


def _fitting(text: str, width: int) -> int:
    """Return the size of letters in which a text fits into a width, pixels."""
    return max(_MIN_LETTERS, min(_LETTERS, int(width / (_LETTER_WIDTH * max(len(text), 1)))))


def _boxes(control: TabletControl) -> list[Box]:
    """Return where the buttons of a choice stand in its group."""
    rows, columns = control.grid
    _, _, width, height = control.box
    xs = [round(n * width / columns) for n in range(columns + 1)]
    ys = [round(n * height / rows) for n in range(rows + 1)]
    places = [divmod(n, columns) for n in range(len(control.offers))]
    gap = 2 if rows > 1 else 0
    return [(xs[k], ys[n], xs[k + 1] - xs[k] - 2, ys[n + 1] - ys[n] - gap) for n, k in places]


def _add_button(group: ET.Element, control: TabletControl) -> None:
    look = ("c", "color", _colour(control))
    node = _node(group, "BUTTON", control.address, control.box, look, values={"x": 0.0})
    _osc(node, control.address, ("VALUE", "INTEGER", "x"), receive=False)
    _label(group, f"{control.address} label", control.box, control.caption, align=_CENTRE)


def _add_recall(group: ET.Element, control: TabletControl) -> None:
    name = f"{control.address} {control.caption}"
    button = _node(group, "BUTTON", name, control.box, ("c", "color", _colour(control)), values={"x": 0.0})
    _osc(button, control.address, ("CONSTANT", "STRING", control.caption), on="RISE", receive=False)
    _label(group, f"{name} label", control.box, control.caption, align=_CENTRE)


_ADD = {
    "fader": _add_fader,
    "toggle": _add_toggle,
    "choice": _add_choice,
    "text": _add_choice,
    "button": _add_button,
    "recall": _add_recall,
}


def _colour(control: TabletControl) -> tuple[float, ...]:
    return next((_COLOURS[part] for part in control.address.split("/") if part in _COLOURS), _ACCENT)


def _caption(group: ET.Element, control: TabletControl) -> str:
    """Write what a control is over it, and its value; return the ID of the label with the value."""
    x, y, width, _ = control.box
    half = width // 2
    _label(group, f"{control.address} caption", (x, y - CAPTION, width - half, CAPTION), control.caption)
    name = f"{control.address} value"
    text = "" if control.kind == "toggle" else str(control.default)
    _label(group, name, (x + width - half, y - CAPTION, half, CAPTION), text, align=_RIGHT)
    return _id(name)


def _label(
    parent: ET.Element,
    name: str,
    box: Box,
    text: str,
    *,
    align: int = _LEFT,
    colour: tuple[float, ...] = _WHITE,
    size: int = _LETTERS,
) -> None:
    look = (("b", "background", 0), ("b", "outline", 0), ("b", "interactive", 0), ("c", "textColor", colour))
    letters = (("i", "textSize", min(size, _fitting(text, box[2]))), ("i", "textAlignH", align), ("i", "textLength", 0))
    _node(parent, "LABEL", name, box, *look, *letters, values={"text": text})


def _id(name: str) -> str:
    return str(uuid.uuid5(_IDS, name))


def _by_id(parent: ET.Element, node_id: str) -> ET.Element:
    return next(node for node in parent.iter("node") if node.get("ID") == node_id)


def _node(
    parent: ET.Element, kind: str, name: str, box: Box, *properties: Property, values: dict[str, object] | None = None
) -> ET.Element:
    """Add a node to another one's children, or to the document."""
    if parent.tag == "node":
        found = parent.find("children")
        parent = ET.SubElement(parent, "children") if found is None else found
    node = ET.SubElement(parent, "node", ID=_id(name), type=kind)
    table = ET.SubElement(node, "properties")
    for letter, key, value in (("s", "name", name), ("r", "frame", box), *properties):
        _property(table, letter, key, value)
    held = ET.SubElement(node, "values")
    for key, default in {"touch": "false", **(values or {})}.items():
        _add(held, "value", key=key, locked=0, lockedDefaultCurrent=0, default=default, defaultPull=0)
    ET.SubElement(node, "messages")
    return node


def _property(table: ET.Element, letter: str, key: str, value: object) -> None:
    node = _add(table, "property", key=key)
    node.set("type", letter)
    if isinstance(value, tuple):
        leaves: dict[str, object] = dict(zip("xywh" if letter == "r" else "rgba", value, strict=True))
        _add(node, "value", **leaves)
    else:
        _add(node, value=int(value) if isinstance(value, bool) else value)


def _osc(
    node: ET.Element,
    address: str,
    argument: tuple[str, str, str],
    *,
    scale: tuple[float, float] = (0, 1),
    on: str = "ANY",
    send: bool = True,
    receive: bool = True,
) -> None:
    """Let a node send and receive one address; what is received is not sent back (feedback off)."""
    flags: dict[str, object] = {
        "enabled": 1,
        "send": int(send),
        "receive": int(receive),
        "feedback": 0,
        "connections": "11111",
    }
    message = _add(_messages(node), "osc", **flags)
    if send:
        _trigger(message, "x", on)
    _add(ET.SubElement(message, "path"), "partial", **_partial(("CONSTANT", "STRING", address), (0, 1)))
    _add(ET.SubElement(message, "arguments"), "partial", **_partial(argument, scale))


def _local(
    node: ET.Element, source: tuple[str, str, str], label: str, *, scale: tuple[float, float] = (0, 1), on: str = "ANY"
) -> None:
    """Let a node write its value into a label."""
    message = _add(_messages(node), "local", enabled=1)
    _trigger(message, "x", on)
    _add(message, "", **_partial(source, scale), dstType="VALUE", dstVar="text", dstID=label)


def _messages(node: ET.Element) -> ET.Element:
    found = node.find("messages")
    assert found is not None
    return found


def _trigger(message: ET.Element, value: str, condition: str) -> None:
    _add(ET.SubElement(message, "triggers"), "trigger", var=value, condition=condition)


def _partial(source: tuple[str, str, str], scale: tuple[float, float]) -> dict[str, object]:
    kind, conversion, value = source
    return {"type": kind, "conversion": conversion, "value": value, "scaleMin": scale[0], "scaleMax": scale[1]}


def _add(parent: ET.Element, tag: str = "", **leaves: object) -> ET.Element:
    """Add an element of this tag with leaves of text, or only the leaves."""
    node = ET.SubElement(parent, tag) if tag else parent
    for name, value in leaves.items():
        text = f"{value:.10g}" if isinstance(value, float) else str(value)
        ET.SubElement(node, name).text = text
    return node
