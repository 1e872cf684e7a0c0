"""The older format of torch.save, a stream; it is also nested in pickles, one for each storage.

Stricter than torch's own loading of weights only, which makes a ``bytearray(n)`` and storages of whatever size a
file claims.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.arrays import STORAGE_TYPES, Storage, rebuild_parameter, rebuild_tensor
from bandwalk.generator.reading.bounded_file import BoundedFile, show
from bandwalk.generator.reading.pickle_machine import Budget, Name, Names
from bandwalk.generator.reading.plain import to_dict
from bandwalk.generator.reading.unpickle import unpickle

STREAM_MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001


def torch_names(budget: Budget) -> Names:
    """Return the names of torch's own pickles."""
    return {
        **dict.fromkeys(STORAGE_TYPES),
        "collections.OrderedDict": lambda *args: to_dict(budget, *args),
        "torch._utils._rebuild_tensor_v2": rebuild_tensor,
        "torch._utils._rebuild_parameter": rebuild_parameter,
        "torch._utils._rebuild_parameter_with_state": rebuild_parameter,
    }


class Storages:
    """The storages that a pickle of torch.save uses, by key."""

    def __init__(self, file: BinaryIO) -> None:
        self.by_key: dict[str, Storage] = {}
        self._file = file

    def add(self, pid: object) -> Storage:
        """Return the storage of a persistent identifier: ("storage", type, key, location, size[, None])."""
        if type(pid) is not tuple or len(pid) not in (5, 6) or pid[0] != "storage" or pid[5:] not in ((), (None,)):
            raise CheckpointError("a persistent identifier of another kind than a storage's")
        kind, key, size = pid[1], pid[2], pid[4]
        dtype = STORAGE_TYPES.get(kind.text) if isinstance(kind, Name) else None
        if dtype is None or type(key) is not str or type(size) is not int or size < 0:
            raise CheckpointError(f"a storage {show(key)} of {show(size)} numbers, expected a key, a type and a size")
        storage = self.by_key.setdefault(key, Storage(dtype, size, self._file))
        if (storage.dtype, storage.size) != (dtype, size):
            raise CheckpointError(f"storage {show(key)} claimed twice, with other sizes or types")
        return storage


def read_stream(view: BoundedFile, budget: Budget, names: Names) -> object:
    """Return what a stream holds.

    Four pickles (magic number, protocol, system, value), a pickle of the storages' keys, and the storages: their
    number of elements, and these.
    """
    head = [unpickle(view, {}, budget=budget) for _ in range(2)]
    if head != [_MAGIC, _PROTOCOL]:
        raise CheckpointError("a torch storage of another format than torch.save's old stream")
    system = unpickle(view, {}, budget=budget)
    if type(system) is not dict or system.get("little_endian") is not True:
        raise CheckpointError("written by a big-endian machine, expected a little-endian one")
    storages = Storages(view.file)
    value = unpickle(view, names, budget=budget, persistent=storages.add)
    keys = unpickle(view, {}, budget=budget)
    if type(keys) is not list or any(type(key) is not str for key in keys) or sorted(keys) != sorted(storages.by_key):
        raise CheckpointError("other storages listed than are used")
    for key in keys:
        _place(storages.by_key[key], view)
    return value


def _place(storage: Storage, view: BoundedFile) -> None:
    """Let a storage lie at the view's place, and go over it."""
    (size,) = struct.unpack("<q", view.read(8))
    if size != storage.size:
        raise CheckpointError(f"a storage of {size} numbers, {storage.size} were claimed")
    storage.start = view.skip(storage.bytes).start
