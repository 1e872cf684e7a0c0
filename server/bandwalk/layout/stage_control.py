"""A session for Open Stage Control (1.29 and newer): JSON, one widget a control.

Each parameter is one widget whose id and address are the parameter's. The program itself subscribes to bandwalk by
the module that goes with the session (clients/tablet/open-stage-control.js).
"""

import json
from collections.abc import Sequence
from typing import Any

from bandwalk.layout.controls import CAPTION, HEIGHT, MARGIN, WIDTH, Page, TabletControl, pages
from bandwalk.params.row import Row
from bandwalk.records import BANDS
from bandwalk.wire import BAND_COLOURS

_VERSION = "1.29.2"
_FINE = 0.2
_DECIMALS = 4
_COLOURS = {band: "#{:02x}{:02x}{:02x}".format(*BAND_COLOURS[band]) for band in BANDS}
_ACCENT = "#e6b340"


def stage_control_session(brought: Sequence[Row] = ()) -> str:
    """Return the session file's text, the same each time; brought: rows that a model brings."""
    tabs = [_tab(page) for page in pages(brought)]
    root = {"type": "root", "id": "root", "width": WIDTH, "height": HEIGHT, "tabs": tabs, "widgets": []}
    session = {"version": _VERSION, "createdWith": "Open Stage Control", "type": "session", "content": root}
    return json.dumps(session, indent=1, ensure_ascii=False) + "\n"


def _tab(page: Page) -> dict[str, Any]:
    widgets = []
    for head, x, width in page.heads:
        widgets.append(_text(f"{page.title}_{head}", head, (x, MARGIN, width // 3, CAPTION)))
        if head in BANDS and page.title == "Bands":
            widgets.append(_meter(head, (x + width // 3, MARGIN, width - width // 3, CAPTION)))
    for control in page.controls:
        if control.kind not in ("button", "recall"):
            x, y, width, _ = control.box
            widgets.append(_text(f"{control.address}_caption", control.caption, (x, y - CAPTION, width, CAPTION)))
        name = control.address if control.kind != "recall" else f"{control.address} {control.caption}"
        widget = _widget(name, control.box) | {"address": control.address}
        widgets.append(widget | _KINDS[control.kind](control) | _colour(control.address))
    return {"type": "tab", "id": f"page_{page.title}", "label": page.title, "widgets": widgets, "tabs": []}


def _widget(name: str, box: tuple[int, int, int, int]) -> dict[str, Any]:
    return {"id": name, "address": name, **dict(zip(("left", "top", "width", "height"), box, strict=True))}


def _text(name: str, text: str, box: tuple[int, int, int, int]) -> dict[str, Any]:
    return _widget(name, box) | {"type": "text", "default": text, "align": "left", "address": "/none", "bypass": True}


def _meter(band: str, box: tuple[int, int, int, int]) -> dict[str, Any]:
    look = {"type": "fader", "horizontal": True, "design": "compact", "interaction": False, "bypass": True}
    return _widget(f"/feature/{band}/level", box) | look | {"colorWidget": _COLOURS[band]}


def _fader(control: TabletControl) -> dict[str, Any]:
    assert control.row is not None
    lo, hi = control.range
    whole = control.row.type == "i"
    return {
        "type": "fader",
        "horizontal": True,
        "design": "compact",
        "range": {"min": lo, "max": hi},
        "default": control.default,
        "origin": max(lo, min(0.0, hi)),
        "decimals": 0 if whole else _DECIMALS,
        "typeTags": control.row.type,
        "snap": not control.is_fine,
        "sensitivity": _FINE if control.is_fine else 1,
        "doubleTap": True,
    }


def _toggle(control: TabletControl) -> dict[str, Any]:
    return {"type": "button", "label": False, "typeTags": "i", "on": 1, "off": 0, "default": int(bool(control.default))}


def _switch(control: TabletControl) -> dict[str, Any]:
    values = {"labels": list(control.offers), "values": list(control.offers)}
    rows, columns = control.grid
    layout = {"layout": "grid", "gridTemplate": columns} if rows > 1 else {"layout": "horizontal"}
    return {"type": "switch", **layout, "values": values, "typeTags": "s", "default": control.default}


def _input(control: TabletControl) -> dict[str, Any]:
    return {"type": "input", "typeTags": "s", "asYouType": False, "default": control.default}


def _button(control: TabletControl) -> dict[str, Any]:
    return {"type": "button", "label": control.caption, "mode": "momentary"}


def _recall(control: TabletControl) -> dict[str, Any]:
    name = control.caption
    return {"type": "button", "label": name, "mode": "tap", "on": name, "off": "", "typeTags": "s", "bypass": False}


_KINDS = {"fader": _fader, "toggle": _toggle, "choice": _switch, "text": _input, "button": _button, "recall": _recall}


def _colour(address: str) -> dict[str, str]:
    return {"colorWidget": next((_COLOURS[part] for part in address.split("/") if part in _COLOURS), _ACCENT)}
