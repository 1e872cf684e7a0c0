"""Choose the generator among a file's networks, and collect its tensors, for all kinds of PyTorch files.

A file holds one network, or several by key. A network is a module (of persistence, or of another program) or a state
dict. The averaged generator is preferred to the trained one.
"""

from __future__ import annotations

from dataclasses import dataclass

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.arrays import Array, StoredTensor
from bandwalk.generator.reading.bounded_file import show
from bandwalk.generator.reading.collector import Collector
from bandwalk.generator.reading.foreign import Foreign
from bandwalk.generator.reading.persistence import check_supported, collect_module, is_module
from bandwalk.generator.reading.plain import Module

AVERAGED = ("G_ema", "g_ema", "generator_ema", "netG_ema")
TRAINED = ("G", "g", "generator", "netG", "state_dict", "model")
_AS_TRAINED = ("G", "g", "netG")  # training programs store an averaged generator beside these
AVERAGE = "latent_avg"  # rosinality's mean w, stored beside the network

# Tensors that identify a generator's state dict: of StyleGAN2, StyleGAN3, rosinality, TensorFlow.
_MARKS = ("synthesis.b4.conv1.weight", "synthesis.input.weight", "input.input", "synthesis/4x4/Const/const")

_MAX_DEPTH = 3  # of nested keys
_WRAPPED = "module"  # by torch's DataParallel


@dataclass(frozen=True, slots=True)
class FoundNetwork:
    """A network of a file.

    key:   Dotted key in the file; empty if the file holds nothing else.
    note:  What a user should know about the choice; may be empty.
    """

    network: object
    key: str
    note: str


def find_network(value: object, key: str = "") -> FoundNetwork:
    """Return the generator in a file's value.

    Raises:
        CheckpointError: there is no generator.
    """
    if is_module(value) or _mark_of(value):
        return FoundNetwork(value, key, "")
    if isinstance(value, Foreign):
        check_supported(value.name)
    if type(value) is dict and key.count(".") < _MAX_DEPTH:
        name = _best_key(value)
        if name is not None:
            found = find_network(value[name], f"{key}.{name}".lstrip("."))
            return FoundNetwork(found.network, found.key, found.note or _not_averaged(value, name))
    held = ", ".join(map(show, list(value)[:8])) if type(value) is dict else _class_of(value)
    where = f"{key} is not a StyleGAN's" if key else "no generator under a known name (G_ema, g_ema, G, g, generator)"
    raise CheckpointError(f"{where}; the file holds {held or 'nothing'}")


def _best_key(value: dict[object, object]) -> str | None:
    """Return the key of a dict's generator; None if it has none.

    Raises:
        CheckpointError: several keys hold a generator, and none is a known name.
    """
    known = (name for name in (*AVERAGED, *TRAINED) if is_module(value.get(name)) or _is_filled(value.get(name)))
    name = next(known, None)
    if name is not None:
        return name
    others = [key for key, held in value.items() if isinstance(key, str) and (_mark_of(held) or is_module(held))]
    averaged = [key for key in others if "ema" in key.lower()] or others
    if len(averaged) > 1:
        raise CheckpointError(f"several networks ({', '.join(map(show, averaged[:8]))}), none under a known name")
    return averaged[0] if averaged else None


def _is_filled(value: object) -> bool:
    return type(value) is dict and bool(value)


def _not_averaged(value: dict[object, object], name: str) -> str:
    """Return a note if the trained generator is taken although such files usually have an averaged one."""
    empty = next((averaged for averaged in AVERAGED if averaged in value and averaged != name), None)
    if name in AVERAGED or (empty is None and name not in _AS_TRAINED):
        return ""
    why = f"{empty} is empty" if empty else "the file has no averaged generator"
    return f"{why}: {name} is taken, the generator as trained"


def collect_network(found: FoundNetwork, beside: object, collector: Collector) -> str:
    """Collect a network's tensors and attributes; return who wrote it.

    Args:
        found:     The network.
        beside:    The value of the whole file: the mean w may be stored beside the network.
        collector: Collects them.

    Raises:
        CheckpointError: the network is broken or unknown.
    """
    network = _unwrapped(found.network)
    if is_module(network):
        collect_module(network, collector)
        written_by = "persistence" if isinstance(network, Module) else "module"
    else:
        _collect_state_dict(network, collector)
        written_by = "state dict"
    if "input.input" not in collector.tensors:
        return written_by
    if type(beside) is dict and beside.get(AVERAGE) is not None:
        collector.add_tensor(AVERAGE, beside[AVERAGE])
    return "rosinality"


def _unwrapped(network: object) -> object:
    """Return a network without the wrapper for several GPUs."""
    parts = network.fields.get("_modules") if isinstance(network, Foreign) else None
    if type(parts) is dict and list(parts) == [_WRAPPED] and is_module(parts[_WRAPPED]):
        return parts[_WRAPPED]
    return network


def _mark_of(value: object) -> str | None:
    """Return the name, with its prefix, of the tensor that identifies a generator's dict; None if there is none."""
    if type(value) is not dict:
        return None
    found = [
        name
        for name, tensor in value.items()
        if isinstance(name, str)
        and isinstance(tensor, StoredTensor | Array)
        and any(name == mark or name.endswith("." + mark) for mark in _MARKS)
    ]
    rank = {name: index for index, name in enumerate((*AVERAGED, *TRAINED))}
    return min(found, key=lambda name: rank.get(name.split(".", 1)[0], len(rank)), default=None)


def _collect_state_dict(value: object, collector: Collector) -> None:
    """Collect the tensors of a state dict that have the generator's prefix; the prefix is removed."""
    marked = _mark_of(value)
    if marked is None or type(value) is not dict:
        raise CheckpointError(f"{show(value)}, expected a generator's state dict")
    mark = next(mark for mark in _MARKS if marked == mark or marked.endswith("." + mark))
    prefix = marked.removesuffix(mark)
    for name, tensor in value.items():
        if isinstance(name, str) and name.startswith(prefix) and isinstance(tensor, StoredTensor | Array):
            own = name.removeprefix(prefix)
            check_supported(own.rpartition(".")[0])
            collector.add_tensor(own, tensor)


def _class_of(value: object) -> str:
    return f"an object of class {show(value.name)}" if isinstance(value, Foreign) else show(value)
