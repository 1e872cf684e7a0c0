"""The encoder's files: Magenta's checkpoint, and bandwalk's own, plain form of it (safetensors)."""

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from bandwalk.analysis.nsynth.bundle import Bundle
from bandwalk.analysis.nsynth.weights import EncoderWeights, check_shapes, to_weights, variable_shapes
from bandwalk.errors import CheckpointError, ParameterError
from bandwalk.machine import whole_file
from bandwalk.units import N_DRIVERS

_FORMAT = {"format": "bandwalk 1", "family": "nsynth"}
_MAX_HEADER_BYTES = 2**20  # JSON takes up to 30 times its size in memory; the largest valid header has 60 KB
_LICENCE = "not in the file: ask the person who trained it (Magenta's code is under the Apache licence 2.0)"


@dataclass(frozen=True, slots=True)
class _Tensors:
    """Variables by name, not read yet: read gives one, shape_of its shape."""

    source: str
    read: Callable[[str], np.ndarray]
    shape_of: Callable[[str], tuple[int, ...]]


def is_encoder(path: str | PathLike[str]) -> bool:
    """Tell whether a path is an encoder's, by its name or its header; a broken one may be told, too."""
    place = Path(path)
    if _prefix_of(place) is not None:
        return True
    try:
        return place.is_file() and b'"family":"nsynth"' in _read_header(place)
    except (CheckpointError, OSError):
        return False


def read_weights(path: str | PathLike[str]) -> EncoderWeights:
    """Read the encoder's weights: the variables themselves, not their moving averages or an optimizer's.

    Raises:
        CheckpointError: there is no such file, it is broken, or it holds something else.
    """
    return _read(Path(path))[1]


def describe(path: Path) -> dict[str, Any]:
    """Return what an encoder's file holds, by name.

    Raises:
        CheckpointError: as :func:`read_weights`.
    """
    tensors, weights = _read(path)
    return {
        "file": path.name,
        "written_by": tensors.source,
        "family": "nsynth (temporal encoder)",
        "channels": N_DRIVERS,
        "width": weights.width,
        "layers": len(weights.dilated),
        "parameters": sum(tensors.read(name).size for name in variable_shapes(weights.width)),
        "licence": _LICENCE,
    }


def convert(path: Path, out: Path) -> str:
    """Write an encoder as .safetensors, whole or not at all, and return what was written in one line.

    Raises:
        CheckpointError: as :func:`read_weights`.
        ParameterError:  the output cannot be written.
    """
    tensors, weights = _read(path)
    arrays = {name: tensors.read(name) for name in variable_shapes(weights.width)}
    try:
        with whole_file(out) as part:
            save_file(arrays, part, metadata=_FORMAT | {"name": path.name, "source": tensors.source})
    except (OSError, SafetensorError) as e:
        raise ParameterError(f"OUT = {out}: {e}; expected a file that can be written") from e
    return f"{out}: nsynth with {len(arrays)} tensors, {out.stat().st_size / 1e6:.1f} MB"


def _read(place: Path) -> tuple[_Tensors, EncoderWeights]:
    try:
        tensors = _open(place)
        check_shapes(tensors.shape_of)
        return tensors, to_weights(tensors.read)
    except CheckpointError as e:
        raise CheckpointError(f"{place}: {e}") from e
    except (OSError, SafetensorError) as e:
        raise CheckpointError(f"{place}: cannot be read: {type(e).__name__} {e}".splitlines()[0]) from e


def _open(place: Path) -> _Tensors:
    prefix = _prefix_of(place)
    if place.is_dir() and len(indices := sorted(place.glob("*.index"))) != 1:
        names = ", ".join(index.stem for index in indices[:3])
        raise CheckpointError(f"a folder with {len(indices)} checkpoints ({names}); expected one, or its name")
    if prefix is not None:
        bundle = Bundle(prefix)
        return _Tensors("tensorflow", bundle.read, bundle.shape)
    _read_header(place)
    file: Any = safe_open(place, framework="numpy")
    if (file.metadata() or {}).get("family") != _FORMAT["family"]:
        raise CheckpointError("no NSynth encoder; expected a checkpoint of Magenta's, or one of `bandwalk convert`")

    def shape_of(name: str) -> tuple[int, ...]:
        part = file.get_slice(name)
        if part.get_dtype() != "F32":
            raise CheckpointError(f"{name} of type {part.get_dtype()}, expected F32")
        return tuple(part.get_shape())

    return _Tensors("bandwalk", file.get_tensor, shape_of)


def _read_header(place: Path) -> bytes:
    """Return a safetensors file's header.

    Raises:
        CheckpointError: no such file, or one of another kind.
    """
    if not place.is_file():  # a pipe could be waited on forever
        raise CheckpointError("no such file")
    with place.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = file.read(min(size, _MAX_HEADER_BYTES))
    if size > _MAX_HEADER_BYTES or not header.startswith(b"{"):
        raise CheckpointError("neither a checkpoint's index nor a safetensors file")
    return header


def _prefix_of(place: Path) -> Path | None:
    """Return the prefix of a checkpoint that is named by it, by one of its files or by its folder."""
    if place.is_dir():
        return next((index.with_suffix("") for index in sorted(place.glob("*.index"))), None)
    if place.suffix == ".index":
        return place.with_suffix("")
    before, dot_data, _ = place.name.partition(".data-")
    if dot_data:
        return place.with_name(before)
    return place if Path(f"{place}.index").is_file() else None
