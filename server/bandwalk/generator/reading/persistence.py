"""Snapshots of the PyTorch programs (stylegan2-ada-pytorch, stylegan3): objects with their source text beside them.

The text stays unread. An object is its class's name and its state, the module's __dict__.
"""

from __future__ import annotations

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.collector import Collector
from bandwalk.generator.reading.plain import Foreign, Module
from bandwalk.generator.reading.source import show

_DEEPEST = 16  # modules in modules
_NETWORK = "G_ema"


def collect_persistence(value: object, collector: Collector) -> None:
    """Take the averaged generator of a snapshot, or of a file with nothing but a network.

    Raises:
        CheckpointError: there is none.
    """
    network = value.get(_NETWORK) if type(value) is dict else value
    if not isinstance(network, Module):
        held = f"{', '.join(map(show, list(value)[:8]))}" if type(value) is dict else show(value)
        raise CheckpointError(f"no {_NETWORK} in the file, which holds {held}")
    _collect(network, "", collector, depth=0)


def _collect(module: Module, prefix: str, collector: Collector, *, depth: int) -> None:
    """Take a module's tensors, plain attributes and modules."""
    if depth > _DEEPEST:
        raise CheckpointError(f"{prefix[:100]}: modules nested more than {_DEEPEST} deep")
    for group in ("_parameters", "_buffers"):
        for name, tensor in _group(module, group, prefix):
            if tensor is not None:  # a filter that is not needed
                collector.add_tensor(prefix + name, tensor)
    for key, attr in module.fields.items():
        if isinstance(key, str) and not key.startswith("_"):
            collector.add_attr(prefix + key, attr)
    for name, part in _group(module, "_modules", prefix):
        if part is None:
            continue
        collector.enter(prefix + name)
        if not isinstance(part, Module):
            what = f"of class {show(part.name)}" if isinstance(part, Foreign) else show(part)
            raise CheckpointError(f"{prefix + name} is {what}, expected a module of StyleGAN's")
        _collect(part, f"{prefix}{name}.", collector, depth=depth + 1)


def _group(module: Module, group: str, prefix: str) -> list[tuple[str, object]]:
    """Return the items of a module's dict of tensors or modules."""
    items = module.fields.get(group)
    if type(items) is not dict:
        raise CheckpointError(f"{prefix}{group} is {show(items)}, expected a dict")
    return [(str(name), item) for name, item in items.items()]
