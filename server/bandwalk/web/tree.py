"""The OSCQuery tree: every node is made from its row of the table.

Source: OSCQuery Proposal (github.com/Vidvox/OSCQueryProposal), its attributes and its list of units. Attributes
that describe values are lists with one entry for each value. A boolean's type is the tag of its present value, T or F.
A command without arguments has the type I (an impulse).
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from bandwalk.params.row import UNIT_NAMES, Command, Row, Value

Node = dict[str, Any]

CONTAINER, READ, WRITE, BOTH = 0, 1, 2, 3
"""ACCESS: whether a node's value can be read or set."""

ATTRIBUTES = (
    *("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "CLIPMODE"),
    *("TAGS", "EXTENDED_TYPE", "CRITICAL", "OVERLOADS"),
    "TITLE",
)
"""The proposal's attributes, and our own TITLE, the short name of a control.

A node that lacks one answers 204; any other name is answered by 400.
"""

EXTENSIONS = {
    **dict.fromkeys(("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "CLIPMODE", "TAGS"), True),
    **dict.fromkeys(("LISTEN", "PATH_CHANGED"), True),
    **dict.fromkeys(("EXTENDED_TYPE", "CRITICAL", "OVERLOADS", "HTML"), False),
    **dict.fromkeys(("PATH_ADDED", "PATH_REMOVED", "PATH_RENAMED"), False),
}
"""The optional parts of the proposal that we support (LISTEN includes IGNORE)."""


def build_tree(nodes: Iterable[Node]) -> Node:
    """Return the root with all containers and nodes."""
    root = _container("")
    for node in nodes:
        place = root
        *groups, name = node["FULL_PATH"].strip("/").split("/")
        for group in groups:
            path = f"{place['FULL_PATH'].rstrip('/')}/{group}"
            place = place["CONTENTS"].setdefault(group, _container(path))
        place["CONTENTS"][name] = node
    return root


def find(root: Node, path: str) -> Node | None:
    """Return the node at a path, or None."""
    node = root
    for name in filter(None, path.split("/")):
        node = node.get("CONTENTS", {}).get(name)
        if node is None:
            return None
    return node


def parameter_node(row: Row, values: Mapping[str, Value]) -> Node:
    """Return the node of a live parameter."""
    value = values.get(row.address, row.default)
    words: Node = {"TAGS": ["look" if row.in_look else "setup"], "TITLE": row.title}
    return _described(row, value, access=BOTH) | words | ({"CLIPMODE": ["both"]} if row.type in "fi" else {})


def signal_node(row: Row, values: Mapping[str, Value]) -> Node:
    """Return the node of a signal: clients can listen to it, but not set it."""
    return _described(row, values.get(row.address, row.default), access=READ)


def command_node(command: Command) -> Node:
    """Return the node of a command; its type includes the optional arguments."""
    tags = command.args.replace("[", "").replace("]", "") or "I"
    words = {"DESCRIPTION": command.doc, "TITLE": command.title}
    return {"FULL_PATH": command.address, "ACCESS": WRITE, "TYPE": tags} | words


def host_info(*, ip: str, osc_port: int, port: int) -> dict[str, Any]:
    """Return HOST_INFO.

    Args:
        ip:       address by which the client has reached this server; empty: unknown, the client uses the one it knows.
        osc_port: UDP port.
        port:     TCP port by which the client has reached this server.
    """
    osc, ws = ({"OSC_IP": ip}, {"WS_IP": ip}) if ip else ({}, {})
    return {
        "NAME": "bandwalk",
        "EXTENSIONS": EXTENSIONS,
        **osc,
        "OSC_PORT": osc_port,
        "OSC_TRANSPORT": "UDP",
        **ws,
        "WS_PORT": port,
    }


def _container(path: str) -> Node:
    return {"FULL_PATH": path or "/", "ACCESS": CONTAINER, "CONTENTS": {}}


def _described(row: Row, value: Value, *, access: int) -> Node:
    tag = ("T" if value else "F") if row.type == "b" else row.type
    node: Node = {"FULL_PATH": row.address, "ACCESS": access, "TYPE": tag, "VALUE": [value], "DESCRIPTION": row.doc}
    limits = _range(row)
    if limits:
        node["RANGE"] = [limits]
    if row.type in "fi" and row.unit in UNIT_NAMES:
        node["UNIT"] = [UNIT_NAMES[row.unit]]
    return node


def _range(row: Row) -> dict[str, Any]:
    if row.choices:
        return {"VALS": list(row.choices)}
    number = int if row.type == "i" else float
    ends = {"MIN": row.lo, "MAX": row.hi}
    return {name: number(end) for name, end in ends.items() if math.isfinite(end)}
