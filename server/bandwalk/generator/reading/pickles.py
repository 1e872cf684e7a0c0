"""The names that the pickles of model files use, each with our own builder of plain data."""

from __future__ import annotations

import io
from functools import partial

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.arrays import Array, DType, Storage
from bandwalk.generator.reading.bounded_file import BoundedFile, ByteRange, show
from bandwalk.generator.reading.foreign import Foreign, may_be_foreign
from bandwalk.generator.reading.pickle_machine import Budget, Builder, Names
from bandwalk.generator.reading.plain import Module, TensorFlowNetwork, encode, reconstruct, to_dict, to_list
from bandwalk.generator.reading.torch_stream import read_stream, torch_names

_BUILTINS = ("builtins", "__builtin__")  # Python 3's, Python 2's
_COPYING = ("copyreg", "copy_reg")
_NUMPY = ("numpy.core", "numpy._core")  # before numpy 2, since
_DICTS = ("dnnlib.util.EasyDict", "dnnlib.EasyDict", "easydict.EasyDict", "collections.defaultdict")
_CLASSES = (
    "dict",
    "list",
    "tuple",
    "object",
    "int",
    "float",
    "str",
    "bool",
    "long",
    "unicode",
)  # may be named, not called


class _Names(dict[str, Builder | None]):
    """Names by builder, and those of other programs' classes: each makes an inert object."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and may_be_foreign(name))

    def __missing__(self, name: str) -> Builder:
        return partial(Foreign, name)


def pickle_names(view: BoundedFile, budget: Budget) -> Names:
    """Return the whole list of names that a pickle may use, on its own or in a file of torch's."""
    names = _Names(torch_names(budget))
    names |= {
        "torch_utils.persistence._reconstruct_persistent_obj": Module,
        "dnnlib.tflib.network.Network": TensorFlowNetwork,
        "torch.storage._load_from_bytes": partial(load_storage, view, budget),
        "numpy.dtype": DType,
        "numpy.ndarray": None,
        "_codecs.encode": partial(encode, view, budget),
    }
    for name in _DICTS:
        names[name] = partial(_easy_dict, budget)
    for module in _COPYING:
        names[f"{module}._reconstructor"] = partial(reconstruct, names)
    for module in _BUILTINS:
        names[f"{module}.set"] = names[f"{module}.frozenset"] = partial(to_list, budget)
        names[f"{module}.bytes"] = bytes_of_nothing
        names |= dict.fromkeys(f"{module}.{name}" for name in _CLASSES)
    for module in _NUMPY:
        names[f"{module}.multiarray._reconstruct"] = Array
        names[f"{module}.multiarray.scalar"] = Array.from_scalar
        names[f"{module}.numeric._frombuffer"] = Array.from_buffer
    return names


def _easy_dict(budget: Budget, pairs: object = ()) -> dict[object, object]:
    """Return a dict; what a defaultdict begins with, a class, is not one of its items."""
    return to_dict(budget, pairs if isinstance(pairs, list | tuple) else ())


def load_storage(view: BoundedFile, budget: Budget, data: object) -> Storage:
    """Return the storage that is nested in a pickle as a whole stream of torch.save.

    torch would execute what is in there.
    """
    if isinstance(data, str):  # of Python 2, one letter a byte
        data = encode(view, budget, data)
    if isinstance(data, ByteRange):
        part = view.part(data)
    elif isinstance(data, bytes):
        part = BoundedFile(io.BytesIO(data), 0, len(data))
    else:
        raise CheckpointError(f"a torch storage in {show(data)}, expected a stream of torch.save")
    storage = read_stream(part, budget, torch_names(budget))
    if not isinstance(storage, Storage):
        raise CheckpointError(f"a torch storage that is {show(storage)}")
    return storage


def bytes_of_nothing() -> bytes:
    """Return the empty bytes, which protocol 2 of Python 3 writes as a call."""
    return b""
