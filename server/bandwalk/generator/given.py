"""A w from a projected or edited picture, where walks begin. The file is read; nothing in it is executed.

Written by                                   file                      holds
the projector of stylegan2-ada, stylegan3    projected_w.npz           w [1, num_ws, w_dim]
e4e and its kind                             latents.pt                [N, num_ws, w_dim]
PTI                                          0.pt                      [1, num_ws, w_dim]
rosinality's projector                       NAME.pt                   {picture: {latent: [num_ws or 1, w_dim]}}
"""

from __future__ import annotations

import io
import logging
import math
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import torch

from bandwalk.errors import CheckpointError
from bandwalk.generator.interface import Generator
from bandwalk.generator.reading.arrays import Array, StoredTensor
from bandwalk.generator.reading.bounded_file import BoundedFile, show
from bandwalk.generator.reading.collector import Collector
from bandwalk.generator.reading.pickle_machine import Budget
from bandwalk.generator.reading.pickles import pickle_names
from bandwalk.generator.reading.torch_archive import ARCHIVE_MAGIC, is_torch_archive, read_archive, records
from bandwalk.generator.reading.torch_stream import STREAM_MAGIC, read_stream

KEYS = ("w", "latent", "latents", "ws")

MAX_FILE = 2**29  # bytes: a file of rosinality's also holds the picture and its noise
MAX_ARRAY = 2**26  # bytes of the styles: thousands of pictures
_MAX_HEADER = 10_000  # bytes
_MAX_DEPTH = 3  # dicts in dicts
_NUMPY_MAGIC = b"\x93NUMPY"
_HEAD = 64
_KINDS = ("f2", "f4", "f8")
_HEADER = re.compile(
    rb"\{'descr': '([<>|=]?[A-Za-z]\d{0,3})', 'fortran_order': (True|False),"
    rb" 'shape': \(((?:\d{1,9}, ?){0,8}(?:\d{1,9})?)\), ?\}\s*"
)
"""A header as numpy writes it: the order of the fields is always this one."""


logger = logging.getLogger(__name__)


def read_w(path: Path, G: Generator) -> torch.Tensor:
    """Return the w of a file as styles [num_ws, w_dim] for a model, on its device.

    A single w is repeated for all styles. If the file holds several pictures, the first is taken.

    Raises:
        CheckpointError: there is no such file; it is of another kind, broken, or needs code to run; or the w is of
                         another model.
    """
    try:
        if not path.is_file():  # reading a pipe could wait forever
            raise CheckpointError("not a file" if path.exists() else "no such file")
        with path.open("rb") as file:
            w = _read(file, path.stat().st_size)
        return _fitted(w, path, G).to(G.device)
    except CheckpointError as e:
        raise CheckpointError(f"--w = {path}: {e}") from e
    except (OSError, MemoryError, RuntimeError) as e:
        raise CheckpointError(f"--w = {path}: cannot be read: {type(e).__name__} {e}".splitlines()[0]) from e


def _read(file: BinaryIO, size: int) -> torch.Tensor:
    """Return the w of a file of any of the known kinds."""
    if not 0 < size <= MAX_FILE:
        raise CheckpointError(f"{size} bytes, expected 1 to {MAX_FILE}")
    head = file.read(_HEAD)
    file.seek(0)
    if head.startswith(_NUMPY_MAGIC):
        return _read_array(file, size)
    view = BoundedFile(file, 0, size)
    if head.startswith(ARCHIVE_MAGIC) and not is_torch_archive(view):
        return _read_npz(view)
    if not head.startswith((ARCHIVE_MAGIC, STREAM_MAGIC)):
        raise CheckpointError("neither .npz, .npy nor a file of torch.save; expected a projected or edited w")
    budget = Budget(size)
    read = read_archive if head.startswith(ARCHIVE_MAGIC) else read_stream
    return _take(_found(read(view, budget, pickle_names(view, budget)), 0), view)


def _found(value: object, depth: int) -> StoredTensor:
    """Return the tensor in a value: the value itself, or the entry of a known name, in a dict or a nested dict."""
    if isinstance(value, StoredTensor):
        return value
    if type(value) is list and len(value) == 1:
        return _found(value[0], depth + 1)
    if type(value) is not dict or depth >= _MAX_DEPTH:
        raise CheckpointError(f"holds {show(value)}, expected a tensor or a dict with {_known()}")
    for key in KEYS:
        if isinstance(value.get(key), StoredTensor):
            return _found(value[key], depth)
    if len(value) == 1:
        return _found(next(iter(value.values())), depth + 1)
    raise CheckpointError(f"holds {', '.join(map(show, list(value)[:8]))}, expected {_known()}")


def _take(stored: StoredTensor | Array, view: BoundedFile) -> torch.Tensor:
    if stored.bytes > MAX_ARRAY:
        raise CheckpointError(f"a w of {stored.bytes} bytes, expected at most {MAX_ARRAY}")
    collector = Collector(view)
    collector.add_tensor("w", stored)
    return collector.tensors["w"]


def _read_npz(view: BoundedFile) -> torch.Tensor:
    """Return the w of numpy's archive."""
    names = {name.removesuffix(".npy"): info for name, info in records(view).items()}
    key = next((key for key in KEYS if key in names), None)
    if key is None:
        held = ", ".join(map(show, list(names)[:8])) or "nothing"
        raise CheckpointError(f"holds {held}, expected {_known()}")
    info = names[key]
    if info.file_size > MAX_ARRAY:
        raise CheckpointError(f"{key} takes {info.file_size} bytes, expected at most {MAX_ARRAY}")
    try:
        with zipfile.ZipFile(view.file) as archive, archive.open(info) as member:
            data = member.read(MAX_ARRAY + 1)  # never unpack more than the limit
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError) as e:
        raise CheckpointError(f"broken zip archive: {show(str(e))}") from e
    return _read_array(io.BytesIO(data), len(data))


def _read_array(file: BinaryIO, size: int) -> torch.Tensor:
    """Return a numpy array; its header is checked against the size of the data, and objects are refused."""
    head = file.read(len(_NUMPY_MAGIC) + 6)
    counted = "<I" if head[6:7] in (b"\x02", b"\x03") else "<H"
    start = len(_NUMPY_MAGIC) + 2
    if len(head) != start + 4 or not head.startswith(_NUMPY_MAGIC):
        raise CheckpointError(f"{size} bytes, expected an array of numpy's")
    (length,) = struct.unpack_from(counted, head, start)
    file.seek(start + struct.calcsize(counted))
    header = _HEADER.fullmatch(file.read(min(length, _MAX_HEADER)))
    if header is None or header[1].decode()[-2:] not in _KINDS:
        raise CheckpointError(f"an array of {show(header[1].decode() if header else 'no known kind')}, expected floats")
    shape = [int(axis) for axis in header[3].replace(b" ", b"").split(b",") if axis]
    dtype, there = np.dtype(header[1].decode()), size - file.tell()
    if min(shape, default=1) < 1 or math.prod(shape) * dtype.itemsize != there or there > MAX_ARRAY:
        raise CheckpointError(f"an array of {show(shape)}, {there} bytes are there; expected at most {MAX_ARRAY}")
    order: Literal["F", "C"] = "F" if header[2] == b"True" else "C"
    numbers = np.frombuffer(file.read(there), dtype).reshape(shape, order=order)
    return torch.from_numpy(numbers.astype(np.float32))


def _fitted(w: torch.Tensor, path: Path, G: Generator) -> torch.Tensor:
    """Return styles [num_ws, w_dim] from a file's w: [..., num_ws or 1, w_dim] or [w_dim]."""
    shape = list(w.shape)
    if not w.is_floating_point() or not bool(torch.isfinite(w).all()):
        raise CheckpointError("holds numbers that are not finite")
    if w.ndim == 2 and shape[0] not in (1, G.num_ws):
        w = w[:, None]  # pictures, each of one w
    w = w.reshape(1, 1, *shape) if w.ndim == 1 else w[None] if w.ndim == 2 else w
    if w.ndim != 3 or w.shape[0] < 1 or w.shape[1] not in (1, G.num_ws) or w.shape[2] != G.w_dim:
        raise CheckpointError(f"w is {shape}, {G.name} expects [1, {G.num_ws}, {G.w_dim}] or [{G.w_dim}]")
    if len(w) > 1:
        logger.warning("--w = %s: holds %d pictures; the first one is taken", path, len(w))
    return w[0].float().expand(G.num_ws, -1).contiguous()


def _known() -> str:
    return " or ".join(KEYS)
