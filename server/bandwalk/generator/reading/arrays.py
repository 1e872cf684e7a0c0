"""Arrays and tensors as a file describes them: checked when they are named, read when they are wanted."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import torch

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import Blob, BoundedFile, ByteRange, read_at, read_into, show

_MAX_AXES = 8
_MAX_AXIS = 2**24

# What numpy calls its types; those that hold objects or fields are not here.
_NUMPY_TYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")

# Texts and times, which may lie beside a network: their bytes are not read.
_UNREAD_TYPES = re.compile(r"[USmM]\d{1,4}")

_TORCH_TYPES = {
    "Float": torch.float32,
    "Half": torch.float16,
    "BFloat16": torch.bfloat16,
    "Double": torch.float64,
    "Long": torch.int64,
    "Int": torch.int32,
    "Short": torch.int16,
    "Char": torch.int8,
    "Byte": torch.uint8,
    "Bool": torch.bool,
}
STORAGE_TYPES = {f"torch.{name}Storage": dtype for name, dtype in _TORCH_TYPES.items()}

Shape = tuple[int, ...]


@dataclass(slots=True, eq=False)
class Storage:
    """Numbers in a file, one after the other.

    size:  Numbers.
    file:  The model file, or a nested one in memory.
    start: Byte of the file; -1 as long as it is not known.
    """

    dtype: torch.dtype
    size: int
    file: BinaryIO
    start: int = -1

    @property
    def bytes(self) -> int:
        """Bytes that it takes in the file."""
        return self.size * self.dtype.itemsize

    def read(self) -> torch.Tensor:
        """Return the numbers [size], in memory of their own."""
        numbers = torch.empty(self.size, dtype=self.dtype)
        read_into(self.file, self.start, numbers.view(torch.uint8).numpy())
        return numbers


@dataclass(slots=True, eq=False)
class StoredTensor:
    """A view of a storage."""

    storage: Storage
    offset: int
    shape: Shape
    stride: Shape

    @property
    def bytes(self) -> int:
        """Bytes that it takes."""
        return math.prod(self.shape) * self.storage.dtype.itemsize

    def read(self, numbers: torch.Tensor) -> torch.Tensor:
        """Return the tensor, contiguous, from its storage's numbers."""
        return numbers.as_strided(self.shape, self.stride, self.offset).contiguous()


class DType:
    """A type of numpy's."""

    def __init__(self, name: object, *_: object) -> None:
        code = name.lstrip("<>|=") if isinstance(name, str) else ""
        if code not in _NUMPY_TYPES and not _UNREAD_TYPES.fullmatch(code):
            raise CheckpointError(f"an array of {show(name)}, expected numbers ({', '.join(_NUMPY_TYPES)})")
        self.is_read = code in _NUMPY_TYPES
        self.dtype = np.dtype(code)

    def build(self, state: object) -> None:
        """Take the byte order; what would make it a record or an object is refused."""
        if type(state) is not tuple or len(state) < 5 or any(part is not None for part in state[2:5]):
            raise CheckpointError("an array of records, expected numbers")
        if not self.is_read:
            return
        if state[1] not in ("<", ">", "|", "="):
            raise CheckpointError(f"byte order {show(state[1])} of an array, expected <, >, | or =")
        self.dtype = self.dtype.newbyteorder(state[1])


class Array:
    """An array of numpy's, first empty, then given its state.

    is_read: Whether it holds numbers, rather than texts or times.
    """

    def __init__(self, *_: object) -> None:
        self.shape: Shape = (0,)
        self._dtype = np.dtype("f4")
        self._data: Blob = b""
        self.is_read = True
        self._order: str = "C"

    @classmethod
    def from_scalar(cls, dtype: object, data: object) -> Array:
        """Return a number of numpy's, as an array without axes."""
        return cls._of(dtype, (), data, "C")

    @classmethod
    def from_buffer(cls, data: object, dtype: object, shape: object, order: object) -> Array:
        """Return an array as protocol 5 writes it."""
        return cls._of(dtype, shape, data, order)

    @classmethod
    def _of(cls, dtype: object, shape: object, data: object, order: object) -> Array:
        array = cls()
        array._set(dtype, shape, data, order)
        return array

    def build(self, state: object) -> None:
        """Take (version, shape, dtype, is_fortran, data)."""
        if type(state) is not tuple or len(state) != 5:
            raise CheckpointError("an array's state of another kind than numpy writes")
        _, shape, dtype, is_fortran, data = state
        self._set(dtype, shape, data, "F" if is_fortran is True else "C")

    def _set(self, dtype: object, shape: object, data: object, order: object) -> None:
        if not isinstance(dtype, DType) or not isinstance(data, Blob) or order not in ("C", "F"):
            raise CheckpointError(f"an array of {show(dtype)} in {show(data)}, expected a type and bytes")
        self.shape, self.is_read = check_shape(shape), dtype.is_read
        size = data.size if isinstance(data, ByteRange) else len(data)
        claimed = math.prod(self.shape) * dtype.dtype.itemsize
        if claimed != size or (isinstance(data, ByteRange) and data.encoding == "utf-8"):
            raise CheckpointError(f"an array of shape {list(self.shape)} takes {claimed} bytes, {size} are there")
        self._dtype, self._data, self._order = dtype.dtype, data, str(order)

    @property
    def bytes(self) -> int:
        """Bytes that it takes."""
        return math.prod(self.shape) * self._dtype.itemsize

    def read(self, view: BoundedFile) -> torch.Tensor:
        """Return it as a tensor, in memory of its own."""
        if not self.is_read:
            raise CheckpointError("an array of texts or times, expected numbers")
        data = self._data
        if isinstance(data, ByteRange):
            data = read_at(view.file, data.start, data.size)
        if isinstance(data, str):
            data = data.encode("latin1", "replace")
        array = np.frombuffer(data, self._dtype).reshape(self.shape, order="F" if self._order == "F" else "C")
        return torch.from_numpy(array.astype(self._dtype.newbyteorder("="), order="C"))


def rebuild_tensor(storage: object, offset: object, shape: object, stride: object, *_: object) -> StoredTensor:
    """Return a view of a storage, which must lie within it and not show a number more often than it is there."""
    if not isinstance(storage, Storage) or type(offset) is not int or offset < 0:
        raise CheckpointError(f"a tensor of {show(storage)} at {show(offset)}, expected a storage and an offset")
    shape = check_shape(shape)
    if type(stride) is not tuple or len(stride) != len(shape) or any(type(s) is not int or s < 0 for s in stride):
        raise CheckpointError(f"a tensor of shape {list(shape)} with strides of another kind")
    elements = math.prod(shape)
    last = offset + sum((n - 1) * s for n, s in zip(shape, stride, strict=True))
    if elements and (last >= storage.size or elements > storage.size):
        raise CheckpointError(
            f"a tensor of shape {list(shape)} reaches over its storage of {storage.size} numbers",
        )
    return StoredTensor(storage, offset if elements else 0, shape, stride if elements else (0,) * len(shape))


def rebuild_parameter(data: object, *_: object) -> StoredTensor:
    """Return a parameter's tensor."""
    if not isinstance(data, StoredTensor):
        raise CheckpointError(f"a parameter of {show(data)}, expected a tensor")
    return data


def check_shape(shape: object) -> Shape:
    """Return a shape that a network's tensor may have."""
    if not isinstance(shape, tuple | list) or len(shape) > _MAX_AXES:
        raise CheckpointError(f"a shape of another kind than up to {_MAX_AXES} integers")
    for n in shape:
        if type(n) is not int or not 0 <= n <= _MAX_AXIS:
            raise CheckpointError(f"an axis of {show(n)}, expected 0 to {_MAX_AXIS}")
    return tuple(shape)
