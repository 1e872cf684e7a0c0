"""Model files for the reader's tests, and an oracle that reads the fixtures by Python's own unpickler.

The oracle trusts its files: it is for the fixtures only, and imports nothing of bandwalk.
"""

import argparse
import io
import pickle
from pathlib import Path

import numpy as np
import torch

DATA = Path(__file__).parents[1] / "data"
PERSISTENCE = sorted(path.name for path in DATA.glob("[abc]*.pkl"))
TENSORFLOW = sorted(path.name for path in DATA.glob("[de]*.pkl"))
ROSINALITY = sorted(path.name for path in DATA.glob("*.pt"))
ALL = [*PERSISTENCE, *TENSORFLOW, *ROSINALITY]


class _Object:
    """Stands for a class of the original programs."""

    def __setstate__(self, state):
        self.state = state


class _Dict(dict):
    """Stands for an EasyDict."""


def _load_storage(data):
    return torch.load(io.BytesIO(data), weights_only=True)


def _reconstruct(meta):
    made = _Object()
    made.state = meta["state"]
    return made


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        ours = {
            "_reconstruct_persistent_obj": _reconstruct,
            "_load_from_bytes": _load_storage,
            "Network": _Object,
            "EasyDict": _Dict,
        }
        return ours.get(name) or super().find_class(module, name)


def unpickle(path):
    """Return a fixture's objects."""
    with Path(path).open("rb") as file:
        return _Unpickler(file, encoding="latin1").load()


def persistence_tensors(module, prefix=""):
    """Return a module's parameters and buffers by dotted name."""
    found = {}
    for name, tensor in {**module.state["_parameters"], **module.state["_buffers"]}.items():
        if tensor is not None:
            found[prefix + name] = tensor.detach()
    for name, part in module.state["_modules"].items():
        found |= persistence_tensors(part, f"{prefix}{name}.")
    return found


def tensorflow_tensors(network, prefix=""):
    """Return a network's variables, the components' before their names."""
    found = {prefix + name: torch.tensor(np.array(value)) for name, value in network.state["variables"]}
    for name, part in network.state.get("components", {}).items():
        found |= tensorflow_tensors(part, f"{prefix}{name}/")
    return found


def expected_tensors(name):
    """Return what a fixture holds, by the oracle."""
    if name in ROSINALITY:
        data = torch.load(DATA / name, weights_only=True)
        return {**data["g_ema"], "latent_avg": data["latent_avg"]}
    value = unpickle(DATA / name)
    return persistence_tensors(value["G_ema"]) if name in PERSISTENCE else tensorflow_tensors(value[2])


def training_checkpoint(path, *, is_zip=True):
    """Write what a training of rosinality's leaves: all networks, the optimizer, the arguments; no average."""
    network = torch.load(DATA / ROSINALITY[0], weights_only=True)["g_ema"]
    parameters = [torch.nn.Parameter(torch.ones(3))]
    optimizer = torch.optim.Adam(parameters)
    parameters[0].sum().backward()
    optimizer.step()
    whole = {
        "g": {name: tensor + 1 for name, tensor in network.items()},
        "g_ema": network,
        "g_optim": optimizer.state_dict(),
        "args": argparse.Namespace(size=32, path="lmdb", lr=0.002),
        "ada_aug_p": 0.0,
    }
    torch.save(whole, path, _use_new_zipfile_serialization=is_zip)
    return path
