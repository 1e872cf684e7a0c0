"""The menus of the page Recall: looks, scenes, models and sources, as the server lists them. A module DAT."""

import collections
import time

EVERY_S = 10.0  # lists are asked for again: a file may have been added by hand
QUIET_S = 0.3  # an answer has no end: it is over when nothing has come for this long

Menu = collections.namedtuple("Menu", "label list item name text choose told")
"""label:      of the parameter.
list, item: the address that asks for the list, and that of its answers.
name, text: places in an answer: of what is sent, and of what is shown.
choose:     the address to which the choice is sent.
told:       the address that says what is on now."""

MENUS = {
    "Look": Menu("Look", "/preset/list", "/preset/name", 0, 0, "/preset/recall", "/scene/current"),
    "Scene": Menu("Scene", "/scene/list", "/scene/item", 0, 1, "/scene/go", "/scene/place"),
    "Model": Menu("Model", "/model/list", "/model/name", 0, 0, "/model/load", ""),
    "Source": Menu("Source", "/audio/list", "/audio/name", 0, 2, "/audio/source", "/audio/source"),
}
SIGNALS = ("/scene/current", "/scene/place")
COUNT = "/scene/count"  # comes before the scenes, also when there are none

_found = {name: {} for name in MENUS}  # {menu: {name: text}}, an answer that is coming in
_came = {}  # {menu: when its last item came}
_told = {}  # {menu: the value that the server has}
_chosen = {}  # {menu: the value that was chosen here and is not told yet}
_asked = 0.0


def append(comp, page):
    """Make the menus that are missing. Any text is valid: a choice stays while the server is away."""
    for name, menu in MENUS.items():
        if getattr(comp.par, name, None) is None:
            page.appendStrMenu(name, label=menu.label)
    if getattr(comp.par, "Refresh", None) is None:
        page.appendPulse("Refresh", label="Refresh menus")


def ask(comp):
    """Ask for all lists again."""
    global _asked
    _asked = time.monotonic()
    for name, menu in MENUS.items():
        _found[name] = {}
        comp.op("link").module.send(comp.op("osc").module.encode(menu.list))


def hear(comp, address, values, now):
    """Take a message: an item of a list, or what is on now."""
    for name, menu in MENUS.items():
        if address == COUNT and name == "Scene":
            _found[name], _came[name] = {}, now
        elif address == menu.item and len(values) > max(menu.name, menu.text):
            value, text = str(values[menu.name]), str(values[menu.text])
            _found[name][value] = text if menu.name == menu.text else f"{value} {text}" if name == "Scene" else text
            _came[name] = now
        elif address == menu.told and values:
            _show(comp, name, values[0])


def take_tree(comp, tree):
    """Take what is on now from the OSCQuery root."""
    for name, menu in MENUS.items():
        node = tree
        for part in filter(None, menu.told.split("/")):
            node = node.get("CONTENTS", {}).get(part, {})
        if node.get("VALUE"):
            _show(comp, name, node["VALUE"][0])


def each_frame(comp, now):
    """Fill the menus whose answers have come, and ask again from time to time."""
    for name in [name for name, came in _came.items() if now - came >= QUIET_S]:
        del _came[name]
        par, found = getattr(comp.par, name), _found[name]
        if list(par.menuNames) != list(found) or list(par.menuLabels) != list(found.values()):
            par.menuNames, par.menuLabels = list(found), list(found.values())
    model = comp.op("frames").module.NEWEST.meta.get("model")
    if model and model != _told.get("Model") and model in comp.par.Model.menuNames:
        _show(comp, "Model", model)
    if now - _asked >= EVERY_S:
        ask(comp)


def packet_of(par, osc):
    """Return the message for a choice; None if it is the server's, or the parameter is no menu."""
    menu, value = MENUS.get(par.name), par.eval()
    if menu is None or not value or value == _chosen.get(par.name, _told.get(par.name)):
        return None
    _chosen[par.name] = value
    return osc.encode(menu.choose, "s", value)


def refuse(comp, address):
    """Show what is on, where the server has refused a choice."""
    for name, menu in MENUS.items():
        if address == menu.choose and name in _told:
            _show(comp, name, _told[name])


def _show(comp, name, value):
    """Show the server's value, unless an expression drives the menu."""
    par = getattr(comp.par, name)
    _told[name] = "" if value in (0, "") else str(value)
    _chosen.pop(name, None)
    if par.mode in (ParMode.CONSTANT, ParMode.BIND) and par.eval() != _told[name]:
        par.val = _told[name]
