"""Files of saved styles, in the folder ``styles`` of the presets folder: safetensors.

    ws         [num_ws, w_dim] float32, before directions and bends
    thumbnail  [n] uint8, a JPEG file

The header has "format": "bandwalk style 1", "model", "model_sha256" (of its weights), "shape", "made_by", and "values"
(JSON: seed and class, by address).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bandwalk.control import presets
from bandwalk.errors import CheckpointError, ParameterError, WorkError
from bandwalk.generator import Generator
from bandwalk.generator.reading.arrays import StoredTensor
from bandwalk.generator.reading.bounded_file import BoundedFile, show
from bandwalk.generator.reading.safetensors_file import is_safetensors, parse_object, read_header, save
from bandwalk.params import LIVE
from bandwalk.params.row import Value
from bandwalk.params.values import Values, text
from bandwalk.units import inside
from bandwalk.walk import SavedStyle

SUFFIX = ".safetensors"

MAX_SAVED = 500
"""Most styles in the folder."""

MAX_BYTES = 2**20
"""Of a file; those of the largest known models take about 80 KB."""

MAX_NAME = 60
"""Letters of a name."""

KEPT = ("/style/seed", "/style/class", "/style/class_b", "/style/class_mix")
"""What is kept and recalled with a style: it decides how the picture moves about it."""

_FORMAT = "bandwalk style 1"
_MAX_TEXT = 200
_HEAD = 9  # bytes that identify a safetensors file


@dataclass(frozen=True, slots=True, eq=False)
class StyleFile:
    """What a file holds: the style, the values of :data:`KEPT`, and its picture, a JPEG file."""

    style: SavedStyle
    values: Mapping[str, Value]
    thumbnail: bytes


def folder_in(presets_folder: Path) -> Path:
    """Return where styles are kept."""
    return presets_folder / "styles"


def find(folder: Path, name: str) -> Path:
    """Return the path of a style; the file need not exist.

    Raises:
        ParameterError: the name is none that a style can have, or leads out of the folder.
    """
    if not name or len(name) > MAX_NAME or "/" in name or "\\" in name:
        raise ParameterError(f"style {name[:MAX_NAME]!r}: expected a name of 1 to {MAX_NAME} letters without slashes")
    return inside(folder, name + SUFFIX)


def list_styles(folder: Path) -> list[str]:
    """Return the names of all saved styles in alphabetical order."""
    return sorted(name for name in presets.saved(folder, SUFFIX, depth=0) if name.isprintable())


def write_style(folder: Path, file: StyleFile) -> None:
    """Write a whole style or nothing.

    Raises:
        ParameterError: the name, or too many styles are there.
        WorkError:      the file cannot be written.
    """
    style, path = file.style, find(folder, file.style.name)
    if not path.exists() and len(list_styles(folder)) >= MAX_SAVED:
        raise ParameterError(f"saving style {style.name}: {MAX_SAVED} styles are there; expected fewer")
    metadata = {
        "format": _FORMAT,
        "model": style.model,
        "model_sha256": style.sha256,
        "shape": json.dumps(style.ws.shape),
        "made_by": "bandwalk",
        "values": json.dumps(dict(file.values)),
    }
    picture = np.frombuffer(file.thumbnail, np.uint8)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise WorkError(f"saving style {style.name}: {folder}: {e.strerror}") from e
    save({"ws": torch.from_numpy(style.ws), "thumbnail": torch.tensor(picture)}, metadata, path)


def delete_style(folder: Path, name: str) -> None:
    """Delete a style.

    Raises:
        ParameterError: there is none of this name, or it cannot be deleted.
    """
    try:
        find(folder, name).unlink()
    except FileNotFoundError:
        raise ParameterError(_unknown(folder, name)) from None
    except OSError as e:
        raise ParameterError(f"deleting style {name}: {e.strerror}; expected a file that can be deleted") from e


def read_style(folder: Path, name: str) -> StyleFile:
    """Read a style.

    Raises:
        ParameterError:  there is none of this name.
        CheckpointError: the file is of another kind, too large or broken.
    """
    path = find(folder, name)
    try:
        if not path.is_file():
            raise ParameterError(_unknown(folder, name))
        with path.open("rb") as file:
            return _read(BoundedFile(file, 0, path.stat().st_size), name)
    except (CheckpointError, OSError, MemoryError) as e:
        raise CheckpointError(f"style {name}: {getattr(e, 'strerror', None) or e}") from e


def begin_at_style(G: Generator, values: Values, folder: Path) -> str:
    """Let the walks of a model begin at the style that ``/style/name`` names, for work without a show.

    Returns:
        What there is to say about it; empty: nothing.

    Raises:
        ParameterError, CheckpointError: there is no such style, or it is of no use for this model.
    """
    name = text(values, "/style/name")
    if not name:
        return ""
    style = read_style(folder, name).style
    check_shape(style, G)
    G.start = torch.from_numpy(style.ws).to(G.device)
    return other_weights(style, G)


def check_shape(style: SavedStyle, G: Generator) -> None:
    """Check that a model can draw a style.

    Raises:
        ParameterError: it cannot.
    """
    if style.ws.shape != (G.num_ws, G.w_dim):
        got, expected = "x".join(map(str, style.ws.shape)), f"{G.num_ws}x{G.w_dim}"
        raise ParameterError(f"style {style.name}: {got}, of {style.model or 'another model'}; {G.name} has {expected}")


def other_weights(style: SavedStyle, G: Generator) -> str:
    """Return what there is to say if a style was made with other weights; empty: nothing."""
    if style.sha256 == G.sha256:
        return ""
    return f"style {style.name}: made with {style.model or 'another model'}; {G.name} draws it differently"


def _read(view: BoundedFile, name: str) -> StyleFile:
    if view.end > MAX_BYTES:
        raise CheckpointError(f"{view.end} bytes, expected at most {MAX_BYTES}")
    if not is_safetensors(view.read(_HEAD)):
        raise CheckpointError("not a safetensors file")
    metadata, tensors = read_header(BoundedFile(view.file, 0, view.end))
    if metadata.get("format") != _FORMAT:
        raise CheckpointError(f"format {show(metadata.get('format'))}, expected {_FORMAT}")
    ws = _tensor(tensors, "ws", torch.float32, 2)
    if not np.isfinite(ws).all():
        raise CheckpointError("holds numbers that are not finite")
    style = SavedStyle(name, ws, _to_line(metadata.get("model")), _to_line(metadata.get("model_sha256")))
    thumbnail = _tensor(tensors, "thumbnail", torch.uint8, 1).tobytes()
    return StyleFile(style, _to_values(metadata.get("values")), thumbnail)


def _tensor(tensors: Mapping[str, StoredTensor], name: str, dtype: torch.dtype, ndim: int) -> np.ndarray:
    stored = tensors.get(name)
    if stored is None or stored.storage.dtype != dtype or len(stored.shape) != ndim:
        raise CheckpointError(f"expected a tensor {name} of {dtype} with {ndim} axes")
    return stored.read(stored.storage.read()).numpy()


def _to_values(given: object) -> dict[str, Value]:
    """Return the kept values that are good ones; what a file does not say keeps the row's default."""
    found = parse_object(given)
    try:
        return {address: LIVE[address].parse(found.get(address, LIVE[address].default)) for address in KEPT}
    except ParameterError as e:
        raise CheckpointError(str(e)) from e


def _to_line(value: object) -> str:
    return value if isinstance(value, str) and value.isprintable() and len(value) <= _MAX_TEXT else ""


def _unknown(folder: Path, name: str) -> str:
    names = list_styles(folder)
    expected = f"expected one of {', '.join(names[:8])}" if names else "expected one that was saved"
    return f"style {name}: no such style; {expected}"
