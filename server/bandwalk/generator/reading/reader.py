"""Read a model file of any format, executing nothing."""

from __future__ import annotations

import hashlib
from os import PathLike
from pathlib import Path

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.collector import Collector
from bandwalk.generator.reading.machine import Budget
from bandwalk.generator.reading.persistence import collect_persistence
from bandwalk.generator.reading.pickles import pickle_names
from bandwalk.generator.reading.plain import Network
from bandwalk.generator.reading.rosinality import collect_rosinality
from bandwalk.generator.reading.safetensors_file import collect_safetensors, is_safetensors
from bandwalk.generator.reading.source import Source
from bandwalk.generator.reading.tensorflow import collect_tensorflow
from bandwalk.generator.reading.torch_archive import ARCHIVE_MAGIC, read_archive
from bandwalk.generator.reading.torch_stream import STREAM_MAGIC, read_stream
from bandwalk.generator.reading.unpickle import unpickle
from bandwalk.generator.snapshot import Snapshot

_LARGEST = 2**33  # bytes; the largest of the known ones, with discriminators and optimizers, take 3 GiB
_HEAD = 32


def read_snapshot(path: str | PathLike[str]) -> Snapshot:
    """Read the generator of a model file.

    Raises:
        CheckpointError: no such file, one of another kind, a broken one, or one that wants something executed.
    """
    place = Path(path)
    try:
        if not place.is_file():  # a pipe could be waited on forever
            raise CheckpointError("not a file" if place.exists() else "no such file")
        with place.open("rb") as file:
            size = place.stat().st_size
            if not _HEAD <= size <= _LARGEST:
                raise CheckpointError(f"{size} bytes, expected a model file of {_HEAD} to {_LARGEST}")
            collector = Collector(Source(file, 0, size))
            source = _collect(Source(file, 0, size), collector)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except CheckpointError as e:
        raise CheckpointError(f"{place}: {e}") from e
    except (OSError, MemoryError, RuntimeError) as e:
        raise CheckpointError(f"{place}: cannot be read: {type(e).__name__} {e}".splitlines()[0]) from e
    return Snapshot(source, place.stem, sha256, collector.tensors, collector.attrs)


def _collect(source: Source, collector: Collector) -> str:
    """Take a file's generator, in whatever format it is; return who wrote it."""
    head = Source(source.file, 0, source.end).read(_HEAD)
    budget = Budget(source.end)
    if is_safetensors(head):
        collect_safetensors(source, collector)
        return "bandwalk"
    if head.startswith((ARCHIVE_MAGIC, STREAM_MAGIC)):
        read = read_archive if head.startswith(ARCHIVE_MAGIC) else read_stream
        collect_rosinality(read(source, budget), collector)
        return "rosinality"
    if head[:1] != b"\x80":
        raise CheckpointError("neither a pickle, nor a torch file, nor safetensors")
    value = unpickle(source, pickle_names(source, budget), budget=budget)
    if isinstance(value, Network) or type(value) in (tuple, list):
        collect_tensorflow(value, collector)
        return "tensorflow"
    collect_persistence(value, collector)
    return "persistence"
