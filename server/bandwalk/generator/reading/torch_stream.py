"""The two formats of torch.save: the old stream and the zip archive.

Stricter than torch's own loading of weights only, which also makes ``bytearray(n)`` and storages of any size
that a file names.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from functools import partial

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.arrays import STORAGE_TYPES, Storage, rebuild_parameter, rebuild_tensor
from bandwalk.generator.reading.machine import Budget, Machine, Names
from bandwalk.generator.reading.plain import Fields, to_dict
from bandwalk.generator.reading.source import Source, show

STREAM_MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
ZIP_MAGIC = b"PK\x03\x04"

_PROTOCOL = 1001
_LARGEST_DIRECTORY = 2**22  # bytes of a zip's directory: tens of thousands of records
_ZIP_ENDS = (  # where the directory's size stands in the last 22 bytes, and in what may lie before them
    (b"PK\x05\x06", 22, "<12xI"),
    (b"PK\x06\x06", 22 + 20 + 56, "<40xQ"),
)


def torch_names(budget: Budget) -> Names:
    """Return the names of torch's pickles."""
    return {
        **dict.fromkeys(STORAGE_TYPES),
        "collections.OrderedDict": lambda *args: to_dict(budget, *args),
        "argparse.Namespace": Fields,
        "torch._utils._rebuild_tensor_v2": rebuild_tensor,
        "torch._utils._rebuild_parameter": rebuild_parameter,
    }


def read_stream(source: Source, budget: Budget) -> object:
    """Return what an old stream of torch.save holds.

    Four pickles (magic number, protocol, system, value), a pickle of the storages' keys, and the storages: their
    number of elements, and these.
    """
    storages: dict[str, Storage] = {}
    names = torch_names(budget)
    is_stream = source.read(min(len(STREAM_MAGIC), source.end - source.pos)) == STREAM_MAGIC
    if not is_stream or Machine(source, {}, budget=budget).run() != _PROTOCOL:
        raise CheckpointError("a torch storage of another format than torch.save's old stream")
    system = Machine(source, {}, budget=budget).run()
    if type(system) is not dict or system.get("little_endian") is not True:
        raise CheckpointError("written by a big-endian machine, expected a little-endian one")
    value = Machine(source, names, budget=budget, persistent=partial(_add_storage, source, storages)).run()
    keys = Machine(source, {}, budget=budget).run()
    if type(keys) is not list or any(type(key) is not str for key in keys) or sorted(keys) != sorted(storages):
        raise CheckpointError("other storages listed than are used")
    for key in keys:
        _place(storages[key], source)
    return value


def _place(storage: Storage, source: Source) -> None:
    """Let a storage lie at the source's place, and go over it."""
    (size,) = struct.unpack("<q", source.read(8))
    if size != storage.size:
        raise CheckpointError(f"a storage of {size} numbers, {storage.size} were claimed")
    storage.start = source.skip(storage.bytes).start


def _add_storage(source: Source, storages: dict[str, Storage], pid: object) -> Storage:
    """Return the storage that a persistent identifier names: ("storage", type, key, location, size[, None])."""
    if type(pid) is not tuple or len(pid) not in (5, 6) or pid[0] != "storage" or pid[5:] not in ((), (None,)):
        raise CheckpointError("a persistent identifier of another kind than a storage's")
    dtype = STORAGE_TYPES.get(getattr(pid[1], "text", ""))
    key, size = pid[2], pid[4]
    if dtype is None or type(key) is not str or type(size) is not int or size < 0:
        raise CheckpointError(f"a storage {show(key)} of {show(size)} numbers, expected a key, a type and a size")
    known = storages.setdefault(key, Storage(dtype, size, source.file))
    if (known.dtype, known.size) != (dtype, size):
        raise CheckpointError(f"storage {show(key)} claimed twice, with other sizes or types")
    return known


def read_zip(source: Source, budget: Budget) -> object:
    """Return what a zip archive of torch.save holds. Its records lie there as they are, never compressed."""
    _check_directory(source)
    try:
        with zipfile.ZipFile(source.file) as archive:
            records = {info.filename: info for info in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError) as e:
        raise CheckpointError(f"broken zip archive: {show(str(e))}") from e
    folder = next((name[: -len("data.pkl")] for name in records if name.endswith("/data.pkl")), None)
    if folder is None:
        raise CheckpointError("a zip archive without data.pkl, expected one of torch.save")
    find = _finder(source, records)
    order = find(folder + "byteorder") if folder + "byteorder" in records else None
    if order is not None and order.read(min(order.end - order.pos, 16)) != b"little":
        raise CheckpointError("written by a big-endian machine, expected a little-endian one")
    storages: dict[str, Storage] = {}
    value = Machine(
        find(folder + "data.pkl"),
        torch_names(budget),
        budget=budget,
        persistent=partial(_add_storage, source, storages),
    ).run()
    for key, storage in storages.items():
        record = find(f"{folder}data/{key}")
        if record.end - record.pos != storage.bytes:
            raise CheckpointError(
                f"storage {show(key)} claims {storage.bytes} bytes, {record.end - record.pos} are there",
            )
        storage.start = record.pos
    return value


def _check_directory(source: Source) -> None:
    """Refuse a directory so long that only listing it would take much memory."""
    for magic, distance, form in _ZIP_ENDS:
        if distance > source.end:
            continue
        head = Source(source.file, source.end - distance, source.end).read(min(distance, 56))
        if head[:4] != magic:
            if distance == 22:
                raise CheckpointError("cut short: a zip archive without its end")
            continue
        (size,) = struct.unpack_from(form, head)
        if size > _LARGEST_DIRECTORY and not (distance == 22 and size == 2**32 - 1):
            raise CheckpointError(f"a zip archive with a directory of {size} bytes, expected {_LARGEST_DIRECTORY}")


def _finder(source: Source, records: dict[str, zipfile.ZipInfo]) -> Callable[[str], Source]:
    """Return a function that finds the bytes of a record, which must lie in the file uncompressed."""

    def find(name: str) -> Source:
        info = records.get(name)
        if info is None:
            raise CheckpointError(f"no record {show(name)} in the archive")
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise CheckpointError(f"record {show(name)} is compressed, which torch.save never does")
        head = Source(source.file, info.header_offset, source.end)
        magic, name_size, extra_size = struct.unpack("<4s22xHH", head.read(30))
        if magic != ZIP_MAGIC:
            raise CheckpointError(f"record {show(name)} does not begin where the archive says")
        head.skip(name_size + extra_size)
        return head.part(head.skip(info.file_size))

    return find
