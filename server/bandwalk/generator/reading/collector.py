"""Collects a snapshot's tensors and attributes, within what an honest file can hold."""

from __future__ import annotations

import re
from typing import Any

import torch

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.arrays import Array, Storage, StoredTensor
from bandwalk.generator.reading.bounded_file import BoundedFile, show

_MAX_ENTRIES = 20_000
_MAX_LIST = 1024
_NAME = re.compile(r"[A-Za-z0-9_./-]{1,200}")
_SCALARS = (int, float, bool, str, type(None))


class Collector:
    """Tensors and attributes by name.

    A pickle may use one value in many places, so that a small file unfolds into a huge tree: entries are
    counted, and all tensors together may take twice the file's size.
    """

    def __init__(self, view: BoundedFile) -> None:
        self.tensors: dict[str, torch.Tensor] = {}
        self.attrs: dict[str, Any] = {}
        self._view = view
        self._bytes_left = 2 * view.end
        self._entries_left = _MAX_ENTRIES
        self._storages: dict[Storage, torch.Tensor] = {}

    def enter(self, name: str) -> None:
        """Count an entry and check its name."""
        self._entries_left -= 1
        if self._entries_left < 0:
            raise CheckpointError(f"more than {_MAX_ENTRIES} parts, expected a generator's")
        if not _NAME.fullmatch(name):
            raise CheckpointError(f"a part named {show(name)}, expected letters, digits, _ . / -")

    def add_tensor(self, name: str, value: object) -> None:
        """Read a tensor."""
        self.enter(name)
        if isinstance(value, StoredTensor):
            self._take(name, value.bytes)
            self.tensors[name] = value.read(self._numbers(value.storage))
        elif isinstance(value, Array):
            self._take(name, value.bytes)
            self.tensors[name] = value.read(self._view)
        elif type(value) in (int, float, bool):
            self.tensors[name] = torch.tensor(value, dtype=torch.float32)
        else:
            raise CheckpointError(f"{name} is {show(value)}, expected a tensor")

    def add_attr(self, name: str, value: object) -> None:
        """Take an attribute if it is plain: a number, a short text, None, or a list of such."""
        self.enter(name)
        if isinstance(value, Array):
            value = self._array_to_plain(value)
        if isinstance(value, tuple | list):
            self._entries_left -= len(value)
            if len(value) <= _MAX_LIST and all(_is_plain(item) for item in value):
                self.attrs[name] = list(value)
        elif _is_plain(value):
            self.attrs[name] = value

    def _array_to_plain(self, array: Array) -> object:
        """Return an array's numbers, or the array itself where it is more than a few numbers in a row."""
        if not array.is_read or len(array.shape) > 1 or array.bytes > 8 * _MAX_LIST:
            return array
        return array.read(self._view).tolist()

    def _numbers(self, storage: Storage) -> torch.Tensor:
        """Return a storage's numbers; several tensors may share them."""
        if storage not in self._storages:
            self._storages[storage] = storage.read()
        return self._storages[storage]

    def _take(self, name: str, size: int) -> None:
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise CheckpointError(f"{name}: the tensors claim more bytes than the file holds")


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return value.isprintable()
    return type(value) in _SCALARS
