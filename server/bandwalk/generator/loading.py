"""Load a generator by name or by file."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path

import torch

from bandwalk.errors import CheckpointError, ParameterError
from bandwalk.generator.builtin import Builtin
from bandwalk.generator.interface import Generator

# One row a family that needs no file; model files get a table of their own.
_BY_NAME: dict[str, Callable[..., Generator]] = {"builtin": Builtin}


def load(
    model: str | PathLike[str] = "builtin",
    device: str | torch.device = "cpu",
    exact: bool = False,
    size: int | None = None,
) -> Generator:
    """Load a generator.

    Args:
        model:  Name of an embedded model, or path of a model file.
        device: Where it draws, as torch names it.
        exact:  Take the plain float32 reference path, no shortcuts.
        size:   Width and height in pixels; embedded models only.

    Raises:
        CheckpointError: no such model, or a file that cannot be loaded.
        ParameterError:  a size that the model cannot draw, or a device that is not there.
    """
    name = fspath(model)
    if name in _BY_NAME:
        return _BY_NAME[name](device=check_device(device), exact=exact, size=size)
    known = ", ".join(_BY_NAME)
    if Path(name).exists():
        raise CheckpointError(f"--model = {name}: no reader for this kind of file, expected one of: {known}")
    raise CheckpointError(f"--model = {name}: no such model or file, expected one of: {known}")


def check_device(device: str | torch.device) -> torch.device:
    """Return a device that can be drawn on.

    Raises:
        ParameterError: torch does not know it, or does not find it here.
    """
    try:
        return torch.zeros(1, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError) as e:
        reason = str(e).splitlines()[0]
        raise ParameterError(f"--device = {device}: {reason}; expected cpu, cuda or another that torch finds") from e
