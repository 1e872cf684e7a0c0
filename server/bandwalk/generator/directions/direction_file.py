"""Files of directions: safetensors, one float32 tensor [num_ws, w_dim] for each name.

The header has "format": "bandwalk directions 1", and may have "model_sha256" (of the weights they belong to), "made"
(JSON: how each one was made) and "recipe". Learned directions are stored in the same form.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from bandwalk.errors import CheckpointError
from bandwalk.generator.directions.named import MAX_DIRECTIONS, Directions
from bandwalk.generator.directions.published_colours import read_published, size_of
from bandwalk.generator.interface import Generator
from bandwalk.generator.reading.arrays import StoredTensor
from bandwalk.generator.reading.bounded_file import BoundedFile, show
from bandwalk.generator.reading.safetensors_file import is_safetensors, parse_object, read_header, save
from bandwalk.params import NAME

_FORMAT = "bandwalk directions 1"
_MAX_TEXT = 200
_HEAD = 9  # bytes that identify a safetensors file


def write_directions(directions: Directions, path: Path) -> None:
    """Write the whole file of directions or nothing.

    Raises:
        WorkError: the file cannot be written.
    """
    metadata = {
        "format": _FORMAT,
        "model_sha256": directions.sha256,
        "made": json.dumps({name: directions.made.get(name, "") for name in directions.vectors}),
        "recipe": directions.recipe,
    }
    save(directions.vectors, metadata, path)


def read_directions(path: Path, G: Generator) -> Directions:
    """Read a file of directions for a model; the caller checks whether it was made for these weights.

    A file of exactly the size of published colour walks for this model is read as these (`published_colours`).

    Raises:
        CheckpointError: there is no such file; it is of another kind or broken, or its directions have another shape.
    """
    shape = (G.num_ws, G.w_dim)
    with _naming(path):
        if path.is_file() and path.stat().st_size == size_of(*shape) and not _is_safetensors(path):
            return read_published(path, shape)
        with _opened(path) as (metadata, stored):
            return _read(metadata, stored, shape)


def read_origin(path: Path) -> tuple[str, str]:
    """Return the sha256 of the weights that a file was made for, and the recipe, as in `Directions`.

    Raises:
        CheckpointError: there is no such file, or it is of another kind or broken.
    """
    with _naming(path), _opened(path) as (metadata, _):
        return _to_line(metadata.get("model_sha256")), _to_line(metadata.get("recipe"))


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Add the file's path to errors."""
    try:
        yield
    except CheckpointError as e:
        raise CheckpointError(f"directions {path}: {e}") from e
    except (OSError, MemoryError) as e:
        raise CheckpointError(f"directions {path}: cannot be read: {e}") from e


def _is_safetensors(path: Path) -> bool:
    with path.open("rb") as file:
        return is_safetensors(file.read(_HEAD))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[dict[str, Any], dict[str, StoredTensor]]]:
    """Yield the header of a file of directions while the file is open."""
    if not path.is_file():  # reading a pipe could wait forever
        raise CheckpointError("no such file")
    if not _is_safetensors(path):
        raise CheckpointError("not a safetensors file")
    with path.open("rb") as file:
        metadata, stored = read_header(BoundedFile(file, 0, path.stat().st_size))
        if metadata.get("format") != _FORMAT:
            raise CheckpointError(f"format {show(metadata.get('format'))}, expected {_FORMAT}")
        yield metadata, stored


def _read(metadata: dict[str, Any], stored: dict[str, StoredTensor], shape: tuple[int, int]) -> Directions:
    if len(stored) > MAX_DIRECTIONS:
        raise CheckpointError(f"{len(stored)} directions, expected at most {MAX_DIRECTIONS}")
    notes = parse_object(metadata.get("made") or "{}")
    order = [name for name in notes if name in stored] + [name for name in stored if name not in notes]
    vectors = {name: _read_vector(name, stored[name], shape) for name in order}
    made = {name: _to_line(notes.get(name)) for name in order}
    return Directions(vectors, _to_line(metadata.get("model_sha256")), made, _to_line(metadata.get("recipe")))


def _read_vector(name: str, stored: StoredTensor, shape: tuple[int, int]) -> torch.Tensor:
    if not NAME.fullmatch(name):
        raise CheckpointError(f"a direction named {show(name)}, expected up to 32 of a-z, 0-9, _ and -")
    if stored.shape != shape or stored.storage.dtype != torch.float32:
        kind = f"{list(stored.shape)} of {stored.storage.dtype}"
        raise CheckpointError(f"direction {name} is {kind}, expected {list(shape)} of torch.float32")
    vector = stored.read(stored.storage.read())
    if not bool(torch.isfinite(vector).all()):
        raise CheckpointError(f"direction {name} holds numbers that are not finite")
    return vector


def _to_line(value: Any) -> str:
    """Return a text from the header if it can be shown on one line; otherwise an empty text."""
    return value if isinstance(value, str) and value.isprintable() and len(value) <= _MAX_TEXT else ""
