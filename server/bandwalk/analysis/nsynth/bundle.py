"""TensorFlow's checkpoints (V2, "tensor bundles"): PREFIX.index and PREFIX.data-00000-of-00001, without TensorFlow.

Source: TensorFlow, ``core/protobuf/tensor_bundle.proto`` and ``core/util/tensor_bundle``. The index is a table (see
:mod:`.table`): under the empty key a header, under each variable's name where its bytes lie, and their CRC-32C.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bandwalk.analysis.nsynth.crc32c import crc32c, unmask
from bandwalk.analysis.nsynth.proto import read_fields, to_bytes, to_int
from bandwalk.analysis.nsynth.sorted_table import read_table
from bandwalk.errors import CheckpointError

_MAX_INDEX_BYTES = 2**22
_MAX_SHARDS = 1000
_MAX_AXES = 8
_FLOAT = 1
"""TensorFlow's DT_FLOAT: little-endian float32."""


@dataclass(slots=True)
class BundleEntry:
    """Where a variable lies, as BundleEntryProto says it.

    shape: of the variable.   shard: number of the data file.   start, size: bytes in it.   crc: masked.
    is_sliced: it is stored in parts, under keys of their own.
    """

    dtype: int = 0
    shape: list[int] = field(default_factory=list)
    shard: int = 0
    start: int = 0
    size: int = 0
    crc: int = 0
    is_sliced: bool = False


class Bundle:
    """A checkpoint whose index has been read.

    Args:
        prefix: the checkpoint's path without ".index" (``model.ckpt-200000``).

    Raises:
        CheckpointError: there is no such checkpoint, or its index is broken.
    """

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        index = Path(f"{prefix}.index")
        if not index.is_file():
            raise CheckpointError("no such file")
        if index.stat().st_size > _MAX_INDEX_BYTES:
            raise CheckpointError(f"an index of {index.stat().st_size} bytes, expected up to {_MAX_INDEX_BYTES}")
        table = read_table(index.read_bytes())
        self._shards = _read_header(table.pop(b"", None))
        self._entries = table

    @property
    def names(self) -> list[str]:
        """The names of all variables, in order."""
        return [key.decode("utf-8", "replace") for key in self._entries]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a variable of float32.

        Raises:
            CheckpointError: there is none of this name and type.
        """
        return tuple(self._entry(name).shape)

    def read(self, name: str) -> np.ndarray:
        """Return a variable of float32.

        Raises:
            CheckpointError: there is none of this name and type, or it is damaged.
        """
        entry = self._entry(name)
        path = Path(f"{self.prefix}.data-{entry.shard:05d}-of-{self._shards:05d}")
        if not path.is_file():
            raise CheckpointError(f"no file {path.name} beside the index")
        with path.open("rb") as file:
            left = path.stat().st_size - entry.start
            if entry.size > left:
                raise CheckpointError(f"{name} claims {entry.size} bytes of {path.name}, {max(left, 0)} are there")
            file.seek(entry.start)
            data = file.read(entry.size)
        if crc32c(data) != unmask(entry.crc):
            raise CheckpointError(f"{name} is damaged (its checksum differs)")
        return np.frombuffer(data, "<f4").astype(np.float32).reshape(entry.shape)

    def _entry(self, name: str) -> BundleEntry:
        data = self._entries.get(name.encode())
        if data is None:
            raise CheckpointError(f"no variable {name}")
        entry = _read_entry(data)
        if entry.dtype != _FLOAT or entry.is_sliced:
            raise CheckpointError(f"{name}: expected float32 in one piece")
        if entry.size != 4 * math.prod(entry.shape) or entry.shard >= self._shards:
            raise CheckpointError(f"{name} of shape {entry.shape} claims {entry.size} bytes of file {entry.shard}")
        return entry


def _read_header(data: bytes | None) -> int:
    """Return the number of data files."""
    if data is None:
        raise CheckpointError("an index without a header")
    numbers = {1: 0, 2: 0}
    for number, value in read_fields(data):
        if number in numbers:
            numbers[number] = to_int(value)
    shards, is_big_endian = numbers.values()
    if not 1 <= shards <= _MAX_SHARDS or is_big_endian:
        raise CheckpointError(f"{shards} data files, byte order {is_big_endian}: expected one file, little-endian")
    return shards


def _read_entry(data: bytes) -> BundleEntry:
    entry = BundleEntry()
    names = {1: "dtype", 3: "shard", 4: "start", 5: "size", 6: "crc"}
    for number, value in read_fields(data):
        if number in names:
            setattr(entry, names[number], to_int(value))
        elif number == 2:
            entry.shape = _read_shape(to_bytes(value))
        elif number == 7:
            entry.is_sliced = True
    return entry


def _read_shape(data: bytes) -> list[int]:
    shape = []
    for number, value in read_fields(data):
        if number == 2:
            sizes = [to_int(size) for which, size in read_fields(to_bytes(value)) if which == 1]
            shape.append(sizes[-1] if sizes else 0)
    if len(shape) > _MAX_AXES:
        raise CheckpointError(f"a variable of {len(shape)} axes")
    return shape
