"""The component's custom parameters, made from the server's OSCQuery tree and synchronised with it. A module DAT.

Everything runs in the main thread.
"""

import math
import re

MAX_STEPS = 999
"""Slider limit of an integer without a natural limit; larger values can be typed."""
LEFT_OUT = {"route"}
"""Groups without parameters: sixteen routes of nine rows would bury the others."""
MADE = "bandwalk_parameters"
"""What the component stores: the names of the parameters that were made here. Others are the user's."""

_nodes = {}  # {name of the custom parameter: node of the tree}
_names = {}  # {address: name of the custom parameter}
_told = {}  # {name: the server's value}


def addresses():
    """Return the addresses of all parameters."""
    return list(_names)


def make(comp, tree, osc):
    """Make one custom parameter per node that can be set, and one page per group.

    Parameters that exist stay, with their expressions and bindings; those without one take the server's values.

    Args:
        tree: the OSCQuery root.
        osc:  the module of the DAT "osc".

    Returns:
        The messages for what expressions have set otherwise than the server.
    """
    shown = [(group, node) for group, node in tree.get("CONTENTS", {}).items() if group not in LEFT_OUT]
    groups = {group: _settable(container) for group, container in shown}
    nodes = {name_of(node["FULL_PATH"]): node for members in groups.values() for node in members}
    _remove(comp, [name for name in comp.fetch(MADE, [], search=False) if _is_other(comp, name, nodes.get(name))])
    for table in (_nodes, _names, _told):
        table.clear()
    for group, members in groups.items():
        for node in members:
            _update(comp, group.capitalize(), node)
    comp.store(MADE, list(nodes))
    packets = [packet_of(getattr(comp.par, name), osc) for name, node in nodes.items() if node.get("VALUE")]
    return [packet for packet in packets if packet is not None]


def _is_other(comp, name, node):
    """Return whether a parameter cannot stay: the server does not have it, or as one of another style."""
    par = getattr(comp.par, name, None)
    return par is not None and (node is None or par.style != _style(node))


def _remove(comp, names):
    pages = {getattr(comp.par, name).page.name for name in names}
    for name in names:
        getattr(comp.par, name).destroy()
    for page in list(comp.customPages):
        if page.name in pages and not page.pars:
            page.destroy()


def _update(comp, title, node):
    """Make a node's parameter, or bring the one that exists up to date."""
    name, label = name_of(node["FULL_PATH"]), node["FULL_PATH"].strip("/").partition("/")[2].replace("_", " ")
    style, limits = _style(node), (node.get("RANGE") or [{}])[0]
    par = getattr(comp.par, name, None)
    if par is not None and par.style != style:
        return  # the user's own
    if par is None:
        page = next((page for page in comp.customPages if page.name == title), None) or comp.appendCustomPage(title)
        par = getattr(page, f"append{style}")(name, label=label)[0]
    if style == "Menu" and list(par.menuNames) != limits["VALS"]:
        par.menuNames = par.menuLabels = limits["VALS"]
    if style in ("Float", "Int"):
        _limit(par, limits)
    _nodes[name], _names[node["FULL_PATH"]] = node, name
    if node.get("VALUE"):
        par.default = _told[name] = node["VALUE"][0]
        hear(comp, node["FULL_PATH"], node["VALUE"][0])


def _style(node):
    if node["TYPE"] == "I":
        return "Pulse"
    if "VALS" in (node.get("RANGE") or [{}])[0]:
        return "Menu"
    return {"f": "Float", "i": "Int", "s": "Str"}.get(node["TYPE"], "Toggle")


def _settable(container):
    """Return the nodes under a container that take one value, or no value (buttons)."""
    return [node for node in _leaves(container) if node.get("ACCESS", 0) & 2 and len(node.get("TYPE", "")) == 1]


def _leaves(node):
    if "CONTENTS" not in node:
        return [node]
    return [leaf for child in node["CONTENTS"].values() for leaf in _leaves(child)]


def name_of(address):
    """Return the name of a custom parameter for an address: /walk/low/max_step -> Walklowmaxstep."""
    return re.sub(r"[^a-z0-9]", "", address.lower()).capitalize()


def _limit(par, limits):
    """Clamp a number to its range, and give its slider a useful range."""
    if "MIN" in limits:
        par.min, par.clampMin, par.normMin = limits["MIN"], True, limits["MIN"]
    if "MAX" in limits:
        most = limits["MAX"]
        par.max, par.clampMax, par.normMax = most, True, MAX_STEPS if most > 2**30 else most


def packet_of(par, osc):
    """Return the message for a changed parameter; None if the server has this value, or does not have the parameter.

    Args:
        osc: the module of the DAT "osc".
    """
    node = _nodes.get(par.name)
    if node is None:
        return None
    if node["TYPE"] == "I":
        return osc.encode(node["FULL_PATH"])
    value = par.eval()
    if _is_same(value, _told.get(par.name)):
        return None
    _told[par.name] = value
    tag = "i" if node["TYPE"] in "TF" else node["TYPE"]
    return osc.encode(node["FULL_PATH"], tag, value if tag == "s" else float(value) if tag == "f" else int(value))


def hear(comp, address, value):
    """Set a parameter to the server's value, without sending it back; what an expression drives stays."""
    name = _names.get(address)
    par = getattr(comp.par, name, None) if name else None
    if par is None:
        return
    _told[name] = value
    if par.mode in (ParMode.CONSTANT, ParMode.BIND) and not _is_same(value, par.eval()):
        par.val = value


def _is_same(a, b):
    """Return whether two values are equal after a float was sent as float32."""
    if isinstance(a, str) or isinstance(b, str) or b is None:
        return a == b
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
