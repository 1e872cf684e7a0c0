"""Snapshots of the TensorFlow programs (StyleGAN, StyleGAN2): networks as arguments, source text and arrays.

The text stays unread.
"""

from __future__ import annotations

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import show
from bandwalk.generator.reading.collector import Collector
from bandwalk.generator.reading.plain import TensorFlowNetwork

_AVERAGED = 2  # (G, D, Gs)
_MAX_DEPTH = 4


def collect_tensorflow(value: object, collector: Collector) -> None:
    """Take Gs of (G, D, Gs), or the one network of a file.

    Raises:
        CheckpointError: there is none.
    """
    network = value[_AVERAGED] if isinstance(value, tuple | list) and len(value) == 3 else value
    if not isinstance(network, TensorFlowNetwork):
        raise CheckpointError("no Gs in the file, expected the networks (G, D, Gs)")
    _collect(network, "", collector, depth=0)


def _collect(network: TensorFlowNetwork, prefix: str, collector: Collector, *, depth: int) -> None:
    """Take a network's arguments, variables and components."""
    if depth > _MAX_DEPTH:
        raise CheckpointError(f"{prefix[:100]}: components nested more than {_MAX_DEPTH} deep")
    for name, value in _items(network, "static_kwargs", prefix):
        collector.add_attr(prefix + name, value)
    for entry in _entries(network, prefix):
        if not isinstance(entry, tuple | list) or len(entry) != 2 or not isinstance(entry[0], str):
            raise CheckpointError(f"{prefix}variables: expected names and arrays")
        collector.add_tensor(prefix + entry[0], entry[1])
    for name, part in _items(network, "components", prefix):
        collector.enter(prefix + name)
        if not isinstance(part, TensorFlowNetwork):
            raise CheckpointError(f"{prefix + name} is {show(part)}, expected a network")
        _collect(part, f"{prefix}{name}/", collector, depth=depth + 1)


def _entries(network: TensorFlowNetwork, prefix: str) -> list[object]:
    variables = network.fields.get("variables")
    if type(variables) is not list:
        raise CheckpointError(f"{prefix}variables is {show(variables)}, expected a list")
    return variables


def _items(network: TensorFlowNetwork, field: str, prefix: str) -> list[tuple[str, object]]:
    """Return the items of a network's dict; one that is not there has none."""
    items = network.fields.get(field, {})
    if type(items) is not dict:
        raise CheckpointError(f"{prefix}{field} is {show(items)}, expected a dict")
    return [(str(name), item) for name, item in items.items()]
