"""Files of directions: safetensors, one tensor [num_ws, w_dim] float32 a name.

The header says "format": "bandwalk directions 1", and may say "model_sha256" (whose weights they belong to),
"made" (JSON: how each name was made) and "recipe". Learned walks are kept in the same form.
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
_HEAD = 9  # bytes by which a safetensors file is told


def write_directions(directions: Directions, path: Path) -> None:
    """Write directions to a file, whole or not at all.

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
    """Read a file of directions for a model; whether it was made for these weights is the caller's to judge.

    A file as long as published walks for this model are (`published`) is taken for such.

    Raises:
        CheckpointError: no such file, one of another kind, a broken one, or one of another shape of ws.
    """
    shape = (G.num_ws, G.w_dim)
    with _told(path):
        if path.is_file() and path.stat().st_size == size_of(*shape) and not _is_safetensors(path):
            return read_published(path, shape)
        with _opened(path) as (metadata, stored):
            return _read(metadata, stored, shape)


def read_origin(path: Path) -> tuple[str, str]:
    """Return for whose weights a file was made (sha256), and by which recipe, as in `Directions`.

    Raises:
        CheckpointError: no such file, one of another kind, or a broken one.
    """
    with _told(path), _opened(path) as (metadata, _):
        return _to_line(metadata.get("model_sha256")), _to_line(metadata.get("recipe"))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Let errors name the file."""
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
    """Yield the header of a file of directions as long as it is open."""
    if not path.is_file():  # a pipe could be waited on forever
        raise CheckpointError("no such file")
    if not _is_safetensors(path):
        raise CheckpointError("not in the form of safetensors")
    with path.open("rb") as file:
        metadata, stored = read_header(BoundedFile(file, 0, path.stat().st_size))
        if metadata.get("format") != _FORMAT:
            raise CheckpointError(f"format {show(metadata.get('format'))}, expected {_FORMAT}")
        yield metadata, stored


def _read(metadata: dict[str, Any], stored: dict[str, StoredTensor], shape: tuple[int, int]) -> Directions:
    if len(stored) > MAX_DIRECTIONS:
        raise CheckpointError(f"{len(stored)} directions, expected at most {MAX_DIRECTIONS}")
    told = parse_object(metadata.get("made") or "{}")
    order = [name for name in told if name in stored] + [name for name in stored if name not in told]
    vectors = {name: _read_vector(name, stored[name], shape) for name in order}
    made = {name: _to_line(told.get(name)) for name in order}
    return Directions(vectors, _to_line(metadata.get("model_sha256")), made, _to_line(metadata.get("recipe")))


def _read_vector(name: str, stored: StoredTensor, shape: tuple[int, int]) -> torch.Tensor:
    if not NAME.fullmatch(name):
        raise CheckpointError(f"a direction named {show(name)}, expected up to 32 of a-z, 0-9, _ and -")
    if stored.shape != shape or stored.storage.dtype != torch.float32:
        kind = f"{list(stored.shape)} of {stored.storage.dtype}"
        raise CheckpointError(f"direction {name} is {kind}, expected {list(shape)} of torch.float32")
    vector = stored.read(stored.storage.read())
    if not bool(torch.isfinite(vector).all()):
        raise CheckpointError(f"direction {name} holds other than finite numbers")
    return vector


def _to_line(value: Any) -> str:
    """Return a text of the header that can be shown; nothing for what is none."""
    return value if isinstance(value, str) and value.isprintable() and len(value) <= _MAX_TEXT else ""
