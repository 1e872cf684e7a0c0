"""The component's custom parameters, made from the server's OSCQuery tree and synchronised with it. A module DAT.

Everything runs in the main thread, except the request for the tree, which uses no operators.
"""

import json
import math
import queue
import re
import threading
import urllib.request

FETCH_S = 3.0
MAX_STEPS = 999
"""Slider limit of an integer without a natural limit; larger values can be typed."""
FIRST_PAGE = "Connection"
LEFT_OUT = {"route"}
"""Groups without parameters: sixteen routes of nine rows would bury the others."""

_trees = queue.Queue(maxsize=1)
_nodes = {}  # {name of the custom parameter: node of the tree}
_names = {}  # {address: name of the custom parameter}
_told = {}  # {name: the server's value}


def connect(comp):
    """Set all operators to the server in the component's parameters, and request its tree."""
    host, base = comp.par.Host.eval(), int(comp.par.Portbase.eval())
    by_zmq = comp.par.Transport.eval() == "zeromq"
    frames_in, control, send = comp.op("frames_in"), comp.op("control"), comp.op("osc_out")
    for dat, path in ((frames_in, "/frames"), (control, "/")):
        dat.par.active = False
        dat.par.netaddress, dat.par.port = host + path, base + 3
    send.par.netaddress, send.par.port = host, base
    comp.op("features").par.port = base + 1
    comp.op("zmq_thread").module.stop()
    if by_zmq:
        comp.op("zmq_thread").module.start(f"tcp://{host}:{base + 2}", comp.op("frames").module.NEWEST.put)
    frames_in.par.active = not by_zmq
    control.par.active = True


def ask(comp):
    """Request the tree in a thread; :func:`each_frame` takes it."""
    url = f"http://{comp.par.Host.eval()}:{int(comp.par.Portbase.eval()) + 3}/"
    threading.Thread(target=_fetch, args=(url,), daemon=True).start()


def _fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=FETCH_S) as answer:
            tree = json.load(answer)
    except (OSError, ValueError) as e:
        print(f"bandwalk: {url}: {e}")
        return
    if not _trees.full():
        _trees.put(tree)


def each_frame(comp):
    """Make the parameters of a tree that has arrived, and listen to all of them."""
    try:
        tree = _trees.get_nowait()
    except queue.Empty:
        return
    make(comp, tree)
    listen(comp.op("control"))


def listen(control):
    """Ask the server to send each change, through the WebSocket DAT."""
    for address in _names:
        control.sendText(json.dumps({"COMMAND": "LISTEN", "DATA": address}))


def make(comp, tree):
    """Make one custom parameter per node that can be set, and one page per group.

    If the parameters already exist (the server came back), only their values are set, so that the user's bindings stay.

    Args:
        tree: the OSCQuery root.
    """
    shown = [(group, node) for group, node in tree.get("CONTENTS", {}).items() if group not in LEFT_OUT]
    groups = {group: _settable(container) for group, container in shown}
    nodes = {name_of(node["FULL_PATH"]): node for members in groups.values() for node in members}
    if {name: _kind(node) for name, node in nodes.items()} == {name: _kind(node) for name, node in _nodes.items()}:
        for node in nodes.values():
            for value in node.get("VALUE", []):
                hear(comp, node["FULL_PATH"], value)
        return
    for page in list(comp.customPages):
        if page.name != FIRST_PAGE:
            page.destroy()
    for table in (_nodes, _names, _told):
        table.clear()
    for group, members in groups.items():
        page = comp.appendCustomPage(group.capitalize()) if members else None
        for node in members:
            _append(page, node)


def _settable(container):
    """Return the nodes under a container that take one value, or no value (buttons)."""
    return [node for node in _leaves(container) if node.get("ACCESS", 0) & 2 and len(node.get("TYPE", "")) == 1]


def _kind(node):
    """Return the parameter's properties for a node: its address, its type and its range."""
    return node["FULL_PATH"], node["TYPE"].replace("F", "T"), node.get("RANGE")


def _leaves(node):
    if "CONTENTS" not in node:
        return [node]
    return [leaf for child in node["CONTENTS"].values() for leaf in _leaves(child)]


def name_of(address):
    """Return the name of a custom parameter for an address: /walk/low/max_step -> Walklowmaxstep."""
    return re.sub(r"[^a-z0-9]", "", address.lower()).capitalize()


def _append(page, node):
    name, label = name_of(node["FULL_PATH"]), node["FULL_PATH"].strip("/").partition("/")[2].replace("_", " ")
    limits = (node.get("RANGE") or [{}])[0]
    if node["TYPE"] == "I":
        page.appendPulse(name, label=label)
    elif "VALS" in limits:
        par = page.appendMenu(name, label=label)[0]
        par.menuNames = par.menuLabels = limits["VALS"]
    else:
        make_one = {"f": page.appendFloat, "i": page.appendInt, "s": page.appendStr}.get(
            node["TYPE"], page.appendToggle
        )
        par = make_one(name, label=label)[0]
        _limit(par, limits)
    _nodes[name], _names[node["FULL_PATH"]] = node, name
    if node.get("VALUE"):
        par.default = node["VALUE"][0]
        par.val = _told[name] = node["VALUE"][0]


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
    """Set a parameter to the server's value, without sending it back."""
    name = _names.get(address)
    par = getattr(comp.par, name, None) if name else None
    if par is not None and not _is_same(value, par.eval()):
        _told[name] = value
        par.val = value


def _is_same(a, b):
    """Return whether two values are equal after a float was sent as float32."""
    if isinstance(a, str) or isinstance(b, str) or b is None:
        return a == b
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
