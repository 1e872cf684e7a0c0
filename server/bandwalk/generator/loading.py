"""Load a generator by name or by file."""

from __future__ import annotations

import logging
from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path

import torch

from bandwalk.errors import CheckpointError, ParameterError
from bandwalk.generator.builtin import Builtin
from bandwalk.generator.interface import Generator
from bandwalk.generator.reading import Family, family, read_snapshot
from bandwalk.generator.screen import Screen
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan1 import StyleGAN1
from bandwalk.generator.stylegan2 import StyleGAN2
from bandwalk.generator.stylegan3 import StyleGAN3

logger = logging.getLogger(__name__)

_BY_NAME: dict[str, Callable[..., Generator]] = {"builtin": Builtin}
_BY_FAMILY: dict[Family, Callable[..., Generator]] = {
    "stylegan1": StyleGAN1,
    "stylegan2": StyleGAN2,
    "stylegan3": StyleGAN3,
}


def is_embedded(model: str | PathLike[str]) -> bool:
    """Tell whether a name, as `load` takes it, is of a model that comes with bandwalk; otherwise it is a path.

    Such a model draws at any size: `load` takes one for it, and for no other.
    """
    return fspath(model) in _BY_NAME


def load(
    model: str | PathLike[str] = "builtin",
    device: str | torch.device = "cpu",
    exact: bool = False,
    size: int | tuple[int, int] | None = None,
    like: str | PathLike[str] | None = None,
    screen: Screen | None = None,
) -> Generator:
    """Load a generator.

    Args:
        model:  Name of an embedded model, or path of a model file.
        device: Where it draws, as torch names it.
        exact:  Draw by the plain float32 reference.
        size:   Pixels a side, or (width, height); only for models that draw at any size.
        screen: That the pictures are for, instead of a size: a model that draws at any size draws for it, another one
                may go on to fill it.
        like:   A complete model of the same shapes; what a state dict lacks is taken from it.

    Raises:
        CheckpointError: no such model, a file that cannot be loaded, or not enough memory.
        ParameterError:  a size that the model cannot draw, or a device that does not exist.
    """
    name = fspath(model)
    if name in _BY_NAME:
        return _BY_NAME[name](device=check_device(device), exact=exact, size=size, screen=screen)
    if not Path(name).exists():
        known = ", ".join(_BY_NAME)
        raise CheckpointError(f"--model = {name}: no such model or file, expected {known} or a model file")
    if size is not None:
        raise ParameterError(f"size = {size}: {name} draws at the size it was trained for; expected none")
    snapshot = read_snapshot(name, like)
    for note in snapshot.notes:
        logger.warning("%s: %s", snapshot.name, note)
    return build(snapshot, device=device, exact=exact, screen=screen)


def build(
    snapshot: Snapshot, *, device: str | torch.device = "cpu", exact: bool = False, screen: Screen | None = None
) -> Generator:
    """Return the generator of a snapshot, its picture going on to fill a screen.

    Raises:
        CheckpointError: the snapshot is broken or not supported, or there is not enough memory.
        ParameterError:  the device does not exist.
    """
    network, place = _BY_FAMILY[family(snapshot)], check_device(device)
    try:
        return network(snapshot, device=place, exact=exact, screen=screen)
    except (MemoryError, RuntimeError) as e:
        if isinstance(e, RuntimeError) and not _is_of_memory(e):
            raise
        raise CheckpointError(f"model {snapshot.name}: not enough memory on {place} to draw with it") from e


def _is_of_memory(error: RuntimeError) -> bool:
    """Tell whether torch ran out of memory; on a CPU only its text says so."""
    text = str(error)
    return isinstance(error, torch.OutOfMemoryError) or ("alloc" in text and "memory" in text)


def check_device(device: str | torch.device) -> torch.device:
    """Return a device, checked.

    Raises:
        ParameterError: torch does not know the device, or does not find it here.
    """
    if str(device).startswith("mps") and not torch.backends.mps.is_available():
        raise ParameterError(f"--device = {device}: torch finds no Apple GPU here; expected cpu, or cuda where it is")
    try:
        place = torch.zeros(1, device=device).device
        if place.type == "mps":
            logger.warning("--device mps: draws in float32, without CUDA's graphs; what Metal lacks is done on the CPU")
        return place
    except (RuntimeError, AssertionError, NotImplementedError) as e:
        reason = str(e).splitlines()[0]
        raise ParameterError(f"--device = {device}: {reason}; expected cpu, or cuda or mps where torch finds it") from e
