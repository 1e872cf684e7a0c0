"""Model files as people have them, made of the fixtures: other containers, keys, names and company of one network.

Imports nothing of bandwalk. ``DOORS`` names each by the row of docs/models.md that promises what becomes of it.
"""

import argparse
import contextlib
import datetime
import gzip
import io
import pathlib
import pickle
import sys
import types
import zipfile

import numpy as np
import safetensors.torch
import torch
from generator.model_files import DATA, expected_tensors

SG2, SG2_CLASSES, SG3T, SG3R = "a0_sg2ada_64_tiny", "a2_sg2ada_cond5", "c1_sg3t", "c2_sg3r"
ROSINALITY, TF1, TF2 = "f1_rosinality", "d0_sg1_64_tiny", "e1_tf_sg2_skip"
FILES = {name: f"{name}_legacyfmt.pt" if name == ROSINALITY else f"{name}.pkl" for name in
         (SG2, SG2_CLASSES, SG3T, SG3R, ROSINALITY, TF1, TF2)}  # fmt: skip


class Persistent:
    """A module of the PyTorch programs, which pickles as their persistence does."""

    def __init__(self, meta):
        self.meta = meta

    def __reduce__(self):
        return sys.modules["torch_utils.persistence"]._reconstruct_persistent_obj, (self.meta,)


class EasyDict(dict):
    """Their dict."""


def _reconstruct_persistent_obj(meta):
    return Persistent(meta)


EasyDict.__module__ = "dnnlib.util"
_reconstruct_persistent_obj.__module__ = "torch_utils.persistence"


@contextlib.contextmanager
def programs(**classes):
    """Let the programs' modules be there while something is pickled; classes: more of them, by module."""
    made = {"torch_utils.persistence": [_reconstruct_persistent_obj], "dnnlib.util": [EasyDict]}
    made |= {name.replace("__", "."): found for name, found in classes.items()}
    before = dict(sys.modules)
    for name, members in made.items():
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            sys.modules.setdefault(".".join(parts[:end]), types.ModuleType(".".join(parts[:end])))
        for member in members:
            setattr(sys.modules[name], member.__name__, member)
    try:
        yield
    finally:
        for name in set(sys.modules) - set(before):
            if name.split(".")[0] in {n.split(".")[0] for n in made}:
                del sys.modules[name]


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        ours = {"_reconstruct_persistent_obj": Persistent, "EasyDict": EasyDict}
        if name == "_load_from_bytes":
            return lambda data: torch.load(io.BytesIO(data), weights_only=True)
        return ours.get(name) or super().find_class(module, name)


def snapshot(name):
    """Return a PyTorch fixture's whole dict, its networks as they pickle."""
    with (DATA / FILES[name]).open("rb") as file:
        return _Unpickler(file).load()


def dumped(value, protocol=4, **classes):
    """Return a pickle."""
    with programs(**classes):
        return pickle.dumps(value, protocol)


def saved(value, *, is_zip=True, **classes):
    """Return what torch.save writes."""
    out = io.BytesIO()
    with programs(**classes):
        torch.save(value, out, _use_new_zipfile_serialization=is_zip)
    return out.getvalue()


def state(name):
    """Return a fixture's state dict."""
    tensors = {key: tensor.clone() for key, tensor in expected_tensors(FILES[name]).items()}
    tensors.pop("latent_avg", None)
    return tensors


def without(tensors, *endings):
    """Return a state dict without some names."""
    return {name: tensor for name, tensor in tensors.items() if not name.endswith(endings)}


def prefixed(tensors, prefix):
    """Return a state dict with a prefix to all names."""
    return {prefix + name: tensor for name, tensor in tensors.items()}


def company():
    """Return what lies beside the weights in people's checkpoints."""
    return {
        "args": argparse.Namespace(ckpt=pathlib.PurePosixPath("/x/y.pt"), size=32, device=torch.device("cuda:1")),
        "path": pathlib.Path("a/b"),
        "config": types.SimpleNamespace(lr=0.1, nested={"a": argparse.Namespace()}),
        "when": datetime.datetime(2021, 5, 4, tzinfo=datetime.UTC),
        "best": np.float64(0.5),
        "count": np.uint32(7),
        "label": np.str_("faces"),
        "dtype": torch.float32,
        "range": range(3),
        "optimizer": torch.optim.Adam([torch.nn.Parameter(torch.ones(3))]),
        "discriminator": torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)),
    }


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    """Return a .zip of files by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


class Generator(torch.nn.Module):
    """A network of a fork that pickles its modules as plain objects."""


Generator.__module__ = "training.networks_stylegan2"


def plain_modules(tensors):
    """Return a module tree with the tensors at their names."""
    top = Generator()
    for name, tensor in tensors.items():
        *path, leaf = name.split(".")
        place = top
        for part in path:
            if part not in place._modules:
                place.add_module(part, Generator())
            place = place._modules[part]
        place.register_buffer(leaf, tensor)
    return top


def superres():
    """Return a snapshot of StyleGAN-XL's: its class, around StyleGAN3's parts."""
    value = snapshot(SG3T)
    value["G_ema"].meta["class_name"] = "SuperresGenerator"
    return value


def renamed(tensors):
    """Return StyleGAN3's tensors with a layer of another size than the published one."""
    return {name.replace("L3_36_32", "L3_40_32"): tensor for name, tensor in tensors.items()}


def script():
    """Return an archive with the records of TorchScript's."""
    return zipped({"net/data.pkl": pickle.dumps({}, 2), "net/constants.pkl": b"", "net/code/a.py": b""}, 0)


_FORK = {"training__networks_stylegan2": [Generator]}

# By the name of a row: the fixture whose picture it draws, and how its file is made.
DOORS = {
    "sg2ada-pickle": (SG2, lambda: dumped(snapshot(SG2))),
    "sg2ada-classes": (SG2_CLASSES, lambda: dumped(snapshot(SG2_CLASSES), 3)),
    "sg3-pickle": (SG3R, lambda: dumped(snapshot(SG3R), 5)),
    "protocol-0": (SG2, lambda: dumped(snapshot(SG2), 0)),
    "protocol-1": (SG2, lambda: dumped(snapshot(SG2), 1)),
    "g-ema-none": (SG2, lambda: dumped({**snapshot(SG2), "G": snapshot(SG2)["G_ema"], "G_ema": None})),
    "company-pickle": (SG2, lambda: dumped({**snapshot(SG2), **company()})),
    "gzip": (SG2, lambda: gzip.compress(dumped(snapshot(SG2)))),
    "zip": (SG2, lambda: zipped({"net/net.pkl": dumped(snapshot(SG2)), "net/README.txt": b"hello" * 99})),
    "zip-torch": (ROSINALITY, lambda: zipped({"550000.pt": saved({"g_ema": state(ROSINALITY)})})),
    "network-archive": (SG2, lambda: saved(snapshot(SG2)["G_ema"])),
    "network-stream": (SG3T, lambda: saved(snapshot(SG3T)["G_ema"], is_zip=False)),
    "networks-archive": (SG2, lambda: saved({**snapshot(SG2), **company()})),
    "fork-modules": (ROSINALITY, lambda: saved(plain_modules(state(ROSINALITY)), **_FORK)),
    "fork-parallel": (
        ROSINALITY,
        lambda: saved({"g_ema": torch.nn.DataParallel(plain_modules(state(ROSINALITY)))}, **_FORK),
    ),
    "sg2ada-state-dict": (SG2, lambda: saved(state(SG2))),
    "sg2ada-state-dict-classes": (SG2_CLASSES, lambda: saved({"G_ema": state(SG2_CLASSES)})),
    "sg2ada-state-dict-trained": (
        SG2,
        lambda: saved({"generator": without(state(SG2), "resample_filter")}),
    ),
    "sg3-state-dict": (SG3T, lambda: saved({"g_ema": state(SG3T), "g_optim": {}})),
    "sg3-state-dict-r": (SG3R, lambda: saved({"state_dict": prefixed(state(SG3R), "module.")})),
    "safetensors": (SG2, lambda: safetensors.torch.save(prefixed(state(SG2), "g_ema."))),
    "safetensors-sg3": (SG3T, lambda: safetensors.torch.save(state(SG3T))),
    "rosinality": (ROSINALITY, lambda: saved({"g": without(state(ROSINALITY)), "g_ema": state(ROSINALITY)})),
    "rosinality-g": (ROSINALITY, lambda: saved({"g": state(ROSINALITY)})),
    "rosinality-bare": (ROSINALITY, lambda: saved(state(ROSINALITY))),
    "rosinality-module": (ROSINALITY, lambda: saved({"g_ema": prefixed(state(ROSINALITY), "module.")})),
    "rosinality-decoder": (ROSINALITY, lambda: saved({"state_dict": prefixed(state(ROSINALITY), "decoder.")})),
    "rosinality-company": (ROSINALITY, lambda: saved({"g_ema": state(ROSINALITY), **company()})),
    "rosinality-no-filters": (ROSINALITY, lambda: saved({"g_ema": without(state(ROSINALITY), "kernel")})),
    "tensorflow-1": (TF1, (DATA / FILES[TF1]).read_bytes),
    "tensorflow-2": (TF2, (DATA / FILES[TF2]).read_bytes),
}

# Files that are refused: how they are made, and what the line must say.
REFUSED = {
    "sg3-state-dict-other": (lambda: saved({"g_ema": renamed(state(SG3T))}), "--like MODEL.pkl"),
    "sg3-state-dict-trained": (lambda: saved(without(state(SG3T), "freqs", "phases")), "--like MODEL.pkl"),
    "stylegan-xl": (lambda: dumped(superres()), "StyleGAN-XL"),
    "torchscript": (script, "TorchScript"),
    "html": (lambda: b"<!DOCTYPE html><html><head><title>Virus scan warning</title></head></html>", "HTML page"),
    "lfs": (lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "git lfs pull"),
    "picture": (lambda: b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(99), "a JPEG picture"),
    "archive-other": (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(99), "7z archive"),
    "zip-two": (lambda: zipped({"a.pkl": b"x" * 99, "b.pt": b"y" * 99}), "a.pkl"),
    "zip-none": (lambda: zipped({"readme.txt": b"x" * 99}), "readme.txt"),
    "no-generator": (lambda: saved({"d": {"conv.weight": torch.ones(3)}, "epoch": 3}), "'d', 'epoch'"),
}
