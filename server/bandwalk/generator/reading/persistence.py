"""Networks of the PyTorch programs as modules (stylegan2-ada-pytorch, stylegan3, their forks).

Most were written with their source text beside them, which stays unread: such a module is its class's name and its
state, the module's __dict__. Others are plain objects of the program's classes, whose state is the same.
"""

from __future__ import annotations

from typing import TypeGuard

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import show
from bandwalk.generator.reading.collector import Collector
from bandwalk.generator.reading.foreign import Foreign
from bandwalk.generator.reading.plain import Module

_MAX_DEPTH = 16  # modules in modules
_GROUPS = ("_parameters", "_buffers", "_modules")

# Programs that are known and not supported, by what only their networks have: a class, a module's path.
_UNSUPPORTED = {"SuperresGenerator": "StyleGAN-XL", "mapping.embed_proj": "StyleGAN-XL"}

AnyModule = Module | Foreign


def is_module(value: object) -> TypeGuard[AnyModule]:
    """Tell whether a value is a network, or a part of one: of persistence's, or an object with a module's state."""
    if isinstance(value, Module):
        return True
    return isinstance(value, Foreign) and all(type(value.fields.get(group)) is dict for group in _GROUPS)


def check_supported(name: str) -> None:
    """Refuse a class or a module's path of a program that is not supported.

    Raises:
        CheckpointError: it is one.
    """
    program = _UNSUPPORTED.get(name.rpartition(".")[2], _UNSUPPORTED.get(name))
    if program:
        raise CheckpointError(f"a network of {program} ({show(name)}), which is not supported yet")


def collect_module(network: AnyModule, collector: Collector) -> None:
    """Take a network's tensors, plain attributes and modules.

    Raises:
        CheckpointError: it is broken, or of a kind that is not supported.
    """
    check_supported(network.name)
    _collect(network, "", collector, depth=0)


def _collect(module: AnyModule, prefix: str, collector: Collector, *, depth: int) -> None:
    """Take a module's tensors, plain attributes and modules."""
    if depth > _MAX_DEPTH:
        raise CheckpointError(f"{prefix[:100]}: modules nested more than {_MAX_DEPTH} deep")
    parts = _group(module, "_modules", prefix)
    for name, _ in parts:
        check_supported(prefix + name)
    for group in ("_parameters", "_buffers"):
        for name, tensor in _group(module, group, prefix):
            if tensor is not None:  # a filter that is not needed
                collector.add_tensor(prefix + name, tensor)
    for key, attr in module.fields.items():
        if isinstance(key, str) and not key.startswith("_"):
            collector.add_attr(prefix + key, attr)
    for name, part in parts:
        if part is None:
            continue
        collector.enter(prefix + name)
        if not is_module(part):
            what = f"of class {show(part.name)}" if isinstance(part, Foreign) else show(part)
            raise CheckpointError(f"{prefix + name} is {what}, expected a module of StyleGAN's")
        _collect(part, f"{prefix}{name}.", collector, depth=depth + 1)


def _group(module: AnyModule, group: str, prefix: str) -> list[tuple[str, object]]:
    """Return the items of a module's dict of tensors or modules."""
    items = module.fields.get(group)
    if type(items) is not dict:
        raise CheckpointError(f"{prefix}{group} is {show(items)}, expected a dict")
    return [(str(name), item) for name, item in items.items()]
