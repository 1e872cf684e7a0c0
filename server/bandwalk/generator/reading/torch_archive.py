"""The newer format of torch.save, a zip archive. Its records lie there as they are, never compressed."""

from __future__ import annotations

import struct
import zipfile

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import BoundedFile, read_at, show
from bandwalk.generator.reading.pickle_machine import Budget, Names
from bandwalk.generator.reading.torch_stream import Storages
from bandwalk.generator.reading.unpickle import unpickle

ARCHIVE_MAGIC = b"PK\x03\x04"

_PICKLE = "data.pkl"
_MAX_DIRECTORY = 2**22  # bytes: tens of thousands of records
_END = struct.Struct("<4s8xI6x")  # the last bytes of an archive: magic, size of the directory
_END_64 = struct.Struct("<4s36xQ28x")  # what lies before them in archives of the 64-bit kind
_BYTEORDER = b"little"


def read_archive(view: BoundedFile, budget: Budget, names: Names) -> object:
    """Return what an archive holds."""
    archive = _Archive(view)
    if archive.has("byteorder") and archive.find("byteorder").read(len(_BYTEORDER)) != _BYTEORDER:
        raise CheckpointError("written by a big-endian machine, expected a little-endian one")
    storages = Storages(view.file)
    value = unpickle(archive.find(_PICKLE), names, budget=budget, persistent=storages.add)
    for key, storage in storages.by_key.items():
        record = archive.find(f"data/{key}")
        size = record.end - record.pos
        if size != storage.bytes:
            raise CheckpointError(f"storage {show(key)} claims {storage.bytes} bytes, {size} are there")
        storage.start = record.pos
    return value


def records(view: BoundedFile) -> dict[str, zipfile.ZipInfo]:
    """Return the records of a zip archive, by name.

    Raises:
        CheckpointError: it is broken, or its directory is too long.
    """
    _check_directory(view)
    try:
        with zipfile.ZipFile(view.file) as archive:
            return {info.filename: info for info in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError) as e:
        raise CheckpointError(f"broken zip archive: {show(str(e))}") from e


def is_torch_archive(view: BoundedFile) -> bool:
    """Tell whether a zip archive is one of torch.save, by its record of a pickle."""
    return any(name.endswith("/" + _PICKLE) for name in records(view))


class _Archive:
    """The records of an archive, by their names within its one folder."""

    def __init__(self, view: BoundedFile) -> None:
        self._view = view
        self._records = records(view)
        names = [name for name in self._records if name.endswith("/" + _PICKLE)]
        if len(names) != 1:
            raise CheckpointError(f"a zip archive with {len(names)} records {_PICKLE}, expected one of torch.save")
        self._folder = names[0].removesuffix(_PICKLE)
        if f"{self._folder}constants.pkl" in self._records:
            raise CheckpointError("a TorchScript archive, which is a program: expected the network's weights")

    def has(self, name: str) -> bool:
        """Tell whether there is such a record."""
        return self._folder + name in self._records

    def find(self, name: str) -> BoundedFile:
        """Return the bytes of a record."""
        info = self._records.get(self._folder + name)
        if info is None:
            raise CheckpointError(f"no record {show(name)} in the archive")
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise CheckpointError(f"record {show(name)} is compressed, which torch.save never does")
        local = BoundedFile(self._view.file, info.header_offset, self._view.end)
        magic, name_size, extra_size = struct.unpack("<4s22xHH", local.read(30))
        if magic != ARCHIVE_MAGIC:
            raise CheckpointError(f"record {show(name)} does not begin where the archive says")
        local.skip(name_size + extra_size)
        return local.part(local.skip(info.file_size))


def _check_directory(view: BoundedFile) -> None:
    """Refuse a directory so long that only listing it would take much memory."""
    magic, size = _END.unpack(read_at(view.file, view.end - _END.size, _END.size))
    if magic != b"PK\x05\x06":
        raise CheckpointError("cut short: a zip archive without its end")
    before = view.end - _END.size - _END_64.size
    if before >= 0:
        magic, size_64 = _END_64.unpack(read_at(view.file, before, _END_64.size))
        size = size_64 if magic == b"PK\x06\x06" else size
    if size > _MAX_DIRECTORY:
        raise CheckpointError(f"a zip archive with a directory of {size} bytes, expected {_MAX_DIRECTORY}")
