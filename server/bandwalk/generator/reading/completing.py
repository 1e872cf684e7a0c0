"""What a state dict does not say of its network, found by its shapes or taken from a model that is like it.

A state dict holds tensors and no settings, and programs leave out buffers that carry no training. Noise is made,
seeded; filters are the published ones; the rest is as the published training sets it, or as ``--like`` says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.buffers import fill_rosinality, fill_stylegan2
from bandwalk.generator.reading.stylegan3_plan import LAYERS, TAPS, Plan, plan
from bandwalk.generator.snapshot import Snapshot
from bandwalk.units import MAX_SIDE

# What a training measures or fixes beside its parameters: filters, noise, averages, the plane.
NOT_TRAINED = re.compile(
    r"(.*[./])?(noise\d+|noise_\d+|noise_const|resample_filter|up_filter|down_filter|kernel|freqs|phases|transform"
    r"|magnitude_ema|w_avg|dlatent_avg|latent_avg|lod)"
)

_CLAMP = 256.0  # of activations, as the published training of StyleGAN2-ada and StyleGAN3 sets it
_LIKE = "give the model it was trained from: --like MODEL.pkl"
_ASSUMED = (
    "a state dict says nothing of clamping and learning rates: taken as the published training sets them"
    " (256, and 0.01 in the mapping); --like MODEL.pkl takes them from a whole model"
)
_SAME = 1e-4  # taps of filters, which sum to 1

# What a StyleGAN3 draws with and a training does not learn: some programs save only what it learns.
_MEASURED = ("mapping.w_avg", *(f"synthesis.input.{name}" for name in ("freqs", "phases", "transform")))

_STYLEGAN2_LAYER = re.compile(r"synthesis\.b\d{1,5}\.(conv0|conv1|torgb)\.weight")
_STYLEGAN3_LAYER = re.compile(r"synthesis\.L(\d{1,2})_(\d{1,5})_\d{1,5}\.weight")

Tensors = dict[str, torch.Tensor]
Filling = tuple[Tensors, dict[str, Any], tuple[str, ...]]  # tensors, attributes, notes


def completed(snapshot: Snapshot, like: Snapshot | None = None) -> Snapshot:
    """Return a snapshot with what its file leaves out.

    Args:
        snapshot: As read.
        like:     A whole model of the same shapes; only used for a state dict.

    Raises:
        CheckpointError: the shapes do not tell it; or ``like`` has other shapes.
    """
    if snapshot.written_by == "rosinality":
        return _filled(snapshot, fill_rosinality(snapshot.tensors))
    if snapshot.written_by != "state dict":
        return snapshot
    if like is not None:
        return _filled(snapshot, _from(snapshot, like))
    fill = next((fill for mark, fill in _FILLERS.items() if mark in snapshot.tensors), None)
    return _filled(snapshot, fill(snapshot)) if fill else snapshot


def _filled(snapshot: Snapshot, filling: Filling) -> Snapshot:
    tensors, attrs, notes = filling
    merged = {**tensors, **snapshot.tensors}
    return replace(snapshot, tensors=merged, attrs={**attrs, **snapshot.attrs}, notes=(*snapshot.notes, *notes))


def _from(snapshot: Snapshot, like: Snapshot) -> Filling:
    """Return what a state dict lacks, from a model of the same shapes."""
    for name, tensor in like.tensors.items():
        own = snapshot.tensors.get(name)
        if own is None and not NOT_TRAINED.fullmatch(name):
            raise CheckpointError(f"--like {like.name}: has a tensor {name}, {snapshot.name} has not: another network")
        if own is not None and own.shape != tensor.shape:
            raise CheckpointError(
                f"--like {like.name}: {name} is {list(tensor.shape)}, in {snapshot.name} {list(own.shape)}"
            )
    return dict(like.tensors), dict(like.attrs), (f"what the state dict does not say is taken from {like.name}",)


def _fill_stylegan2(snapshot: Snapshot) -> Filling:
    """Return noise, filters and settings of a StyleGAN2."""
    tensors = snapshot.tensors
    attrs: dict[str, Any] = {}
    for place in (name.removesuffix(".weight") for name in tensors if _STYLEGAN2_LAYER.fullmatch(name)):
        attrs[f"{place}.conv_clamp"] = _CLAMP
        if not place.endswith("torgb"):
            attrs[f"{place}.use_noise"] = f"{place}.noise_strength" in tensors or f"{place}.noise_const" in tensors
    if "mapping.w_avg" not in tensors:
        attrs["mapping.w_avg_beta"] = None  # not measured: the mean of many draws stands for it
    made, notes = fill_stylegan2(tensors)
    return made, attrs, (*notes, _ASSUMED)


def _fill_stylegan3(snapshot: Snapshot) -> Filling:
    """Return the settings of a StyleGAN3 of a published configuration."""
    names = _stylegan3_layers(snapshot)
    missing = [name for name in _MEASURED if name not in snapshot.tensors]
    if missing:
        raise _unknown(f"no {missing[0]}")
    kernel = snapshot.tensors[f"{names[0]}.weight"].shape[-1]
    sizes = [int(name.split("_")[1]) for name in names]
    if len(names) != LAYERS or not 32 <= sizes[-1] <= MAX_SIDE or sizes[-1] & (sizes[-1] - 1):
        raise _unknown(f"{len(names)} layers up to {sizes[-1]} pixels")
    published = plan(sizes[-1], kernel=kernel)
    for name, size, layer in zip(names, sizes, published.layers, strict=True):
        if size != layer.size or not _has_filters(snapshot, name, published):
            raise _unknown(f"{name} with a size or filters that are not the published ones")
    attrs: dict[str, Any] = {
        "synthesis.input.size": [published.size, published.size],
        "synthesis.input.sampling_rate": published.rate,
        "synthesis.input.bandwidth": published.cutoff,
    }
    for name, layer in zip(names, published.layers, strict=True):
        attrs |= {f"{name}.up_factor": layer.up, f"{name}.down_factor": layer.down}
        attrs |= {f"{name}.padding": list(layer.padding), f"{name}.conv_clamp": _CLAMP}
    return {}, attrs, (_ASSUMED,)


def _stylegan3_layers(snapshot: Snapshot) -> list[str]:
    """Return the names of the layers, by their number."""
    found = {int(match[1]): match[0] for match in map(_STYLEGAN3_LAYER.fullmatch, snapshot.tensors) if match}
    if sorted(found) != list(range(len(found))) or not found:
        raise _unknown("layers that are not numbered 0, 1, 2...")
    return [found[number].removesuffix(".weight") for number in sorted(found)]


def _has_filters(snapshot: Snapshot, name: str, published: Plan) -> bool:
    """Tell whether a layer's filters are those of the plan: then its bandwidths are, too."""
    layer = published.layers[int(name.split(".L")[1].split("_", maxsplit=1)[0])]
    if layer.taps is None:
        return True
    up, down = (snapshot.tensors.get(f"{name}.{way}_filter") for way in ("up", "down"))
    if up is None or up.ndim != 1 or len(up) != len(layer.taps):
        return False
    if layer.down > 1 and (down is None or down.ndim not in {1, 2} or set(down.shape) != {TAPS * layer.down}):
        return False
    return bool((up.double() - torch.from_numpy(layer.taps)).abs().max() < _SAME)


def _unknown(what: str) -> CheckpointError:
    return CheckpointError(f"a state dict of a StyleGAN3 with {what}; its sizes and paddings are not in it: {_LIKE}")


# By a tensor that only networks of a family have.
_FILLERS: dict[str, Callable[[Snapshot], Filling]] = {
    "synthesis.b4.conv1.weight": _fill_stylegan2,
    "synthesis.input.weight": _fill_stylegan3,
}
