"""The names that the pickles of NVIDIA's programs use, each with our own builder of plain data."""

from __future__ import annotations

import io
from functools import partial

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.arrays import Array, DType, Storage, rebuild_parameter, rebuild_tensor
from bandwalk.generator.reading.machine import Budget, Builder, Names
from bandwalk.generator.reading.plain import Foreign, Module, Network, encode, to_dict, to_list
from bandwalk.generator.reading.source import Source, Span, show
from bandwalk.generator.reading.torch_stream import read_stream

_BUILTINS = ("builtins", "__builtin__")  # Python 3's, Python 2's
_NUMPY = ("numpy.core", "numpy._core")  # before numpy 2, since

# Where the classes of discriminators are (StyleGAN-XL and its kind keep torch's and timm's networks in theirs).
_FOREIGN = ("torch.nn.", "torchvision.", "timm.", "clip.", "training.", "networks.", "pg_modules.", "feature_networks.")


class _Names(dict[str, Builder | None]):
    """Names by builder, and those of networks that are not drawn with: each makes an inert object."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and name.startswith(_FOREIGN))

    def __missing__(self, name: str) -> Builder:
        return partial(Foreign, name)


def pickle_names(source: Source, budget: Budget) -> Names:
    """Return the whole list of names that a pickle may use."""
    make_dict = partial(to_dict, budget)
    names: dict[str, Builder | None] = {
        "torch_utils.persistence._reconstruct_persistent_obj": Module,
        "dnnlib.tflib.network.Network": Network,
        "dnnlib.util.EasyDict": make_dict,
        "dnnlib.EasyDict": make_dict,
        "collections.OrderedDict": make_dict,
        "torch._utils._rebuild_tensor_v2": rebuild_tensor,
        "torch._utils._rebuild_parameter": rebuild_parameter,
        "torch.storage._load_from_bytes": partial(load_storage, source, budget),
        "numpy.dtype": DType,
        "numpy.ndarray": None,
        "_codecs.encode": partial(encode, source, budget),
    }
    for module in _BUILTINS:
        names[f"{module}.set"] = names[f"{module}.frozenset"] = partial(to_list, budget)
        names[f"{module}.bytes"] = bytes_of_nothing
    for module in _NUMPY:
        names[f"{module}.multiarray._reconstruct"] = Array
        names[f"{module}.multiarray.scalar"] = Array.from_scalar
        names[f"{module}.numeric._frombuffer"] = Array.from_buffer
    return _Names(names)


def load_storage(source: Source, budget: Budget, data: object) -> Storage:
    """Return the storage that is nested in a pickle as a whole stream of torch.save.

    torch would execute what is in there.
    """
    if isinstance(data, Span):
        part = source.part(data)
    elif isinstance(data, bytes):
        part = Source(io.BytesIO(data), 0, len(data))
    else:
        raise CheckpointError(f"a torch storage in {show(data)}, expected a stream of torch.save")
    storage = read_stream(part, budget)
    if not isinstance(storage, Storage):
        raise CheckpointError(f"a torch storage that is {show(storage)}")
    return storage


def bytes_of_nothing() -> bytes:
    """Return the empty bytes, which protocol 2 of Python 3 writes as a call."""
    return b""
