"""Read a model file of any format, executing nothing."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import BoundedFile, show
from bandwalk.generator.reading.collector import Collector
from bandwalk.generator.reading.completing import completed
from bandwalk.generator.reading.endings import bare_name
from bandwalk.generator.reading.networks import collect_network, find_network
from bandwalk.generator.reading.packing import GZIP_MAGIC, unpack_gzip, unpack_zip
from bandwalk.generator.reading.pickle_machine import Budget
from bandwalk.generator.reading.pickles import pickle_names
from bandwalk.generator.reading.plain import TensorFlowNetwork
from bandwalk.generator.reading.safetensors_file import is_safetensors, read_safetensors
from bandwalk.generator.reading.signatures import HEAD_BYTES, foreign_kind
from bandwalk.generator.reading.tensorflow import collect_tensorflow
from bandwalk.generator.reading.torch_archive import ARCHIVE_MAGIC, is_torch_archive, read_archive
from bandwalk.generator.reading.torch_stream import STREAM_MAGIC, read_stream
from bandwalk.generator.reading.unpickle import unpickle
from bandwalk.generator.snapshot import Snapshot

_MAX_FILE = 2**33  # bytes; the largest known files, with discriminators and optimizers, take 3 GiB
_MIN_FILE = 32
_PICKLE_STARTS = b"\x80(})]c"  # protocols from 2 up; in protocols 0 and 1: a dict, a list, a tuple, a name


@dataclass(frozen=True, slots=True)
class _Content:
    """The contents of a file as plain data.

    value:     The networks.
    container: How they were saved.
    attrs:     The attributes, if bandwalk wrote the file; otherwise None.
    """

    value: object
    container: str
    attrs: dict[str, Any] | None = None


def read_snapshot(path: str | PathLike[str], like: str | PathLike[str] | None = None) -> Snapshot:
    """Read the generator of a model file.

    Args:
        path: The file.
        like: A complete model of the same shapes; what a state dict lacks is taken from it.

    Raises:
        CheckpointError: there is no such file; it is of another kind, broken, or needs code to run.
    """
    place = Path(path)
    other = read_snapshot(like) if like else None
    try:
        if not place.is_file():  # reading a pipe could wait forever
            raise CheckpointError("not a file" if place.exists() else "no such file")
        with place.open("rb") as file, ExitStack() as stack:
            size = place.stat().st_size
            if not _MIN_FILE <= size <= _MAX_FILE:
                raise CheckpointError(f"{size} bytes, expected a model file of {_MIN_FILE} to {_MAX_FILE}")
            snapshot = _read(BoundedFile(file, 0, size), stack, bare_name(place.name))
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        files = tuple(str(Path(each).absolute()) for each in (path, *([like] if like else [])))
        return completed(replace(snapshot, sha256=sha256, files=files), other)
    except CheckpointError as e:
        raise CheckpointError(f"{place}: {e}") from e
    except (OSError, MemoryError, RuntimeError) as e:
        raise CheckpointError(f"{place}: cannot be read: {type(e).__name__} {e}".splitlines()[0]) from e


def _read(outer: BoundedFile, stack: ExitStack, name: str) -> Snapshot:
    """Return a file's generator, of any program, without its sha256."""
    view, packed = _unpacked(outer, stack)
    content = _open(view)
    collector = Collector(view)
    key, note = "", ""
    if content.attrs is not None and type(content.value) is dict:
        for attr, plain in content.attrs.items():
            collector.add_attr(attr, plain)
        for tensor, stored in content.value.items():
            collector.add_tensor(str(tensor), stored)
        written_by = "bandwalk"
    elif isinstance(content.value, TensorFlowNetwork | tuple | list):
        collect_tensorflow(content.value, collector)
        written_by = "tensorflow"
    else:
        found = find_network(content.value)
        written_by = collect_network(found, content.value, collector)
        key, note = found.key, found.note
    return Snapshot(
        written_by,
        name,
        "",
        collector.tensors,
        collector.attrs,
        container=packed + content.container,
        key=key,
        notes=(note,) if note else (),
    )


def _unpacked(view: BoundedFile, stack: ExitStack) -> tuple[BoundedFile, str]:
    """Return a file's bytes, unpacked once if needed, and the name of the packing."""
    head = _head(view)
    if head.startswith(GZIP_MAGIC):
        return unpack_gzip(view, stack), "gzip, "
    if head.startswith(ARCHIVE_MAGIC) and not is_torch_archive(view):
        return unpack_zip(view, stack), "zip, "
    return view, ""


def _open(view: BoundedFile) -> _Content:
    """Return the contents of a file in any container."""
    head, budget = _head(view), Budget(view.end)
    names = pickle_names(view, budget)
    if is_safetensors(head):
        tensors, attrs = read_safetensors(view)
        return _Content(tensors, "safetensors", attrs)
    if head.startswith(ARCHIVE_MAGIC):
        return _Content(read_archive(view, budget, names), "torch archive")
    if head.startswith(STREAM_MAGIC):
        return _Content(read_stream(view, budget, names), "torch stream")
    kind = foreign_kind(head)
    if kind:
        raise CheckpointError(kind)
    if head[:1] not in _PICKLE_STARTS or not head:
        raise CheckpointError(f"neither a pickle, nor a torch file, nor safetensors: begins with {show(head[:8])}")
    return _Content(unpickle(view, names, budget=budget), "pickle")


def _head(view: BoundedFile) -> bytes:
    return BoundedFile(view.file, 0, view.end).read(min(HEAD_BYTES, view.end))
