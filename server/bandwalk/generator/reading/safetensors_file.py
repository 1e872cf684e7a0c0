"""bandwalk's own model files: safetensors, with what else a snapshot has in the header."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from bandwalk.errors import CheckpointError, WorkError
from bandwalk.generator.reading.arrays import Storage, StoredTensor, check_shape
from bandwalk.generator.reading.bounded_file import BoundedFile, ByteRange, show
from bandwalk.generator.reading.family import family
from bandwalk.generator.snapshot import Snapshot
from bandwalk.machine import whole_file

_FORMAT = "bandwalk 1"
_MAX_HEADER = 2**20  # JSON takes up to 30 times its size in memory; the largest honest one has 60 KB

_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def is_safetensors(head: bytes) -> bool:
    """Tell a safetensors file by its first nine bytes: a header's size, under 4 GiB, and the header's brace."""
    return head[4:9] == b"\0\0\0\0{"


def write_safetensors(snapshot: Snapshot, path: str | PathLike[str]) -> None:
    """Write a snapshot, whole or not at all.

    Raises:
        CheckpointError: its tensors are of no family that bandwalk knows.
        WorkError:       the file cannot be written.
    """
    header = {
        "format": _FORMAT,
        "family": family(snapshot),
        "name": snapshot.name,
        "source": snapshot.written_by,
        "source_sha256": snapshot.sha256,
        "attrs": json.dumps(snapshot.attrs),
    }
    save(snapshot.tensors, header, Path(path))


def save(tensors: Mapping[str, torch.Tensor], metadata: dict[str, str], target: Path) -> None:
    """Write tensors and texts, whole or not at all.

    Raises:
        WorkError: the file cannot be written.
    """
    # Necessary copy: safetensors refuses tensors that share memory.
    own = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    try:
        with whole_file(target) as part:
            save_file(own, part, metadata=metadata)
    except (OSError, SafetensorError) as e:
        raise WorkError(f"{target}: cannot be written: {e}") from e


def read_safetensors(view: BoundedFile) -> tuple[dict[str, StoredTensor], dict[str, Any] | None]:
    """Return a file's tensors, and the attributes of one that `write_safetensors` wrote; None for others' files.

    Raises:
        CheckpointError: it is broken.
    """
    metadata, tensors = read_header(view)
    is_own = metadata.get("format") == _FORMAT
    return tensors, parse_object(metadata.get("attrs")) if is_own else None


def read_header(view: BoundedFile) -> tuple[dict[str, Any], dict[str, StoredTensor]]:
    """Return a file's metadata, and its tensors, checked to lie in it and not read yet.

    Raises:
        CheckpointError: it is broken.
    """
    size = int.from_bytes(view.read(8), "little")
    if size > _MAX_HEADER:
        raise CheckpointError(f"a header of {size} bytes, expected up to {_MAX_HEADER}")
    header = parse_object(view.read(size))
    metadata = header.pop("__metadata__", None)
    data = view.skip(view.end - view.pos)
    tensors = {name: _to_tensor(name, entry, view, data) for name, entry in header.items()}
    return metadata if type(metadata) is dict else {}, tensors


def parse_object(text: object) -> dict[str, Any]:
    """Return a JSON object."""
    if not isinstance(text, str | bytes):
        raise CheckpointError("broken header: a part is missing")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise CheckpointError(f"broken header: {show(str(e))}") from e
    if type(value) is not dict:
        raise CheckpointError("broken header: expected an object")
    return value


def _to_tensor(name: str, entry: object, view: BoundedFile, data: ByteRange) -> StoredTensor:
    """Return a header's entry as a tensor that lies in the file's data."""
    fields = entry if type(entry) is dict else {}
    dtype = _TYPES.get(str(fields.get("dtype")))
    offsets = fields.get("data_offsets")
    if dtype is None or type(offsets) is not list or len(offsets) != 2 or any(type(at) is not int for at in offsets):
        raise CheckpointError(f"tensor {show(name)}: expected a type and two offsets")
    shape = check_shape(fields.get("shape"))
    elements = math.prod(shape)
    begin, end = offsets
    if not 0 <= begin <= end <= data.size or end - begin != elements * dtype.itemsize:
        raise CheckpointError(
            f"tensor {show(name)} of shape {list(shape)} claims bytes {begin} to {end} of {data.size}"
        )
    stride = tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
    return StoredTensor(Storage(dtype, elements, view.file, data.start + begin), 0, shape, stride)
