"""A snapshot to weights: sizes from the tensors, gains of equalised learning rates applied once."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from bandwalk.generator.dense import Dense
from bandwalk.generator.mapping_network import MappingNetwork, mean_w
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan2.layouts import ROSINALITY, TENSORFLOW
from bandwalk.generator.stylegan2.named_tensors import NamedTensors
from bandwalk.generator.stylegan2.weights import ModulatedConv, Skip, SynthesisBlock, ToRGB, Weights
from bandwalk.generator.tensors import to_colours

_LR_MULTIPLIER = 0.01  # of the mapping, where the file says nothing
_FILTER = (1.0, 3.0, 3.0, 1.0)  # TensorFlow's resample_kernel, where the file says nothing
_MAX_TAPS = 32
_MAX_CLASSES = 65536
_LABELS = "mapping/LabelConcat/weight"  # [c_dim, z_dim], the first TensorFlow release


def read_weights(snapshot: Snapshot, device: torch.device) -> Weights:
    """Take the weights from a snapshot.

    Raises:
        CheckpointError: a tensor is missing or has another shape than its neighbours ask for; its name is told.
    """
    tensors = NamedTensors(snapshot, device)
    const = tensors.take("synthesis.b4.const", None, None, None)
    tensors.check_size(*const.shape[1:])
    w_dim = tensors.take("synthesis.b4.conv1.affine.weight", const.shape[0], None).shape[1]
    architecture = _architecture(tensors)
    blocks: list[SynthesisBlock] = []
    channels, size = const.shape[0], (const.shape[1], const.shape[2])
    for k in range(tensors.blocks):
        blocks.append(_block(tensors, 4 << k, channels, size=size, w_dim=w_dim, architecture=architecture))
        channels = blocks[-1].conv1.weight.shape[0]
        size = 2 * size[0], 2 * size[1]
    return Weights(_mapping(tensors, w_dim), const, tuple(blocks))


def _architecture(tensors: NamedTensors) -> str:
    """Return "skip", "resnet" or "orig": as the file says, or as the tensors tell."""
    if tensors.layout is ROSINALITY:
        return "skip"  # it knows no other
    last = 2 << tensors.blocks
    told = tensors.setting(f"synthesis.b{last}", "architecture")
    if told in {"skip", "resnet", "orig"}:
        return str(told)
    below = [4 << k for k in range(tensors.blocks - 1)]
    if any(tensors.has(f"synthesis.b{2 * res}.skip.weight") for res in below):
        return "resnet"
    leaves = ("weight", "bias", "affine.weight", "affine.bias")
    return "skip" if any(tensors.has(f"synthesis.b{res}.torgb.{leaf}") for res in below for leaf in leaves) else "orig"


def _block(
    tensors: NamedTensors, res: int, channels: int, *, size: tuple[int, int], w_dim: int, architecture: str
) -> SynthesisBlock:
    """Return the block of the name ``res`` that draws at a size, height and width, from a map of ``channels``."""
    place = f"synthesis.b{res}"
    conv0 = skip = image_filter = None
    inside = channels
    if res > 4:
        conv0 = _conv(tensors, f"{place}.conv0", size, channels, w_dim=w_dim)
        inside = conv0.weight.shape[0]
    conv1 = _conv(tensors, f"{place}.conv1", size, inside, w_dim=w_dim)
    if res > 4 and architecture == "resnet":
        skip = _skip(tensors, f"{place}.skip", conv1.weight.shape[0], channels)
    if res > 4 and architecture == "skip":
        image_filter = _filter(tensors, place)
    wants_rgb = architecture == "skip" or res == 2 << tensors.blocks
    torgb = _torgb(tensors, f"{place}.torgb", conv1.weight.shape[0], w_dim) if wants_rgb else None
    return SynthesisBlock(conv0, conv1, torgb, skip, image_filter)


def _conv(tensors: NamedTensors, place: str, size: tuple[int, int], channels: int, *, w_dim: int) -> ModulatedConv:
    tensors.expect(place, "activation", "lrelu")
    tensors.expect(place, "nonlinearity", "lrelu")
    weight = tensors.take(f"{place}.weight", None, channels, 3, 3)
    noise = None
    if tensors.setting(place, "use_noise") is not False:
        noise = tensors.take(f"{place}.noise_const", *size) * tensors.take(f"{place}.noise_strength")
    return ModulatedConv(
        weight=weight,
        bias=tensors.take(f"{place}.bias", weight.shape[0]),
        style=_style(tensors, place, channels, w_dim),
        noise=noise,
        filter=_filter(tensors, place) if place.endswith("conv0") else None,
        clamp=tensors.number(place, "conv_clamp"),
    )


def _style(tensors: NamedTensors, place: str, channels: int, w_dim: int) -> Dense:
    weight = tensors.take(f"{place}.affine.weight", channels, w_dim) / math.sqrt(w_dim)
    return Dense(weight, tensors.take(f"{place}.affine.bias", channels))


def _torgb(tensors: NamedTensors, place: str, channels: int, w_dim: int) -> ToRGB:
    """Return the layer of colours."""
    weight = tensors.take(f"{place}.weight", None, channels, 1, 1) / math.sqrt(channels)
    try:
        weight, bias = to_colours(weight, tensors.take(f"{place}.bias", weight.shape[0]))
    except ValueError as e:
        raise tensors.error(f"{place}.weight {e}") from e
    return ToRGB(weight, bias, _style(tensors, place, channels, w_dim), tensors.number(place, "conv_clamp"))


def _skip(tensors: NamedTensors, place: str, out_channels: int, channels: int) -> Skip:
    weight = tensors.take(f"{place}.weight", out_channels, channels, 1, 1) / math.sqrt(channels)
    return Skip(weight, _filter(tensors, place), tensors.number(place, "conv_clamp"))


def _filter(tensors: NamedTensors, place: str) -> Tensor:
    """Return the filter [f, f] that a layer doubles with."""
    if tensors.layout is TENSORFLOW:
        return _square(tensors, tensors.setting(place, "resample_kernel") or _FILTER)
    name = f"{place}.resample_filter"
    one_row = tensors.rank(name) == 1  # long filters are stored as a row and a column at once
    taps = tensors.take(name, *(None,) * (1 if one_row else 2))
    if max(taps.shape) > _MAX_TAPS or taps.shape[0] != taps.shape[-1]:
        raise tensors.error(f"{name} is {list(taps.shape)}: expected a square of at most {_MAX_TAPS} taps")
    return torch.outer(taps, taps) if one_row else taps


def _square(tensors: NamedTensors, taps: object) -> Tensor:
    try:
        row = torch.tensor(taps, dtype=torch.float32)
    except (TypeError, ValueError, RuntimeError) as e:
        raise tensors.error(f"resample_kernel = {taps!r:.40}: expected a list of numbers") from e
    if row.ndim != 1 or not 0 < len(row) <= _MAX_TAPS or not 0.0 < float(row.sum()) < math.inf:
        raise tensors.error(f"resample_kernel = {taps!r:.40}: expected 1 to {_MAX_TAPS} numbers, their sum positive")
    row = row / row.sum()
    return torch.outer(row, row).to(tensors.device)


def _mapping(tensors: NamedTensors, w_dim: int) -> MappingNetwork:
    tensors.expect("mapping", "normalize_latents", True)
    tensors.expect("mapping", "mapping_nonlinearity", "lrelu")
    embed, joint = _embed(tensors)
    if embed is not None and embed.weight.shape[1] > _MAX_CLASSES:
        raise tensors.error(f"mapping: {embed.weight.shape[1]} classes, expected at most {_MAX_CLASSES}")
    layers: list[Dense] = []
    size: int | None = None
    for k in range(tensors.count_dense()):
        layers.append(_dense(tensors, f"mapping.fc{k}", size))
        size = layers[-1].weight.shape[0]
    if not layers or size != w_dim:
        raise tensors.error(f"mapping: its {len(layers)} layers give {size} numbers, the styles take {w_dim}")
    embedded = 0 if embed is None else embed.weight.shape[0]
    if layers[0].weight.shape[1] <= embedded:
        raise tensors.error(f"mapping: takes {layers[0].weight.shape[1]} numbers, {embedded} of them from the class")
    mapping = MappingNetwork(embed, joint, layers, gain=1.0, w_avg=layers[-1].bias)
    w_avg = _w_avg(tensors, w_dim)
    return replace(mapping, w_avg=mean_w(mapping) if w_avg is None else w_avg)


def _embed(tensors: NamedTensors) -> tuple[Dense | None, bool]:
    """Return what embeds the class, and whether it is normalised together with z."""
    if tensors.layout is TENSORFLOW and tensors.has_stored(_LABELS):
        weight = tensors.take_stored(_LABELS)
        if weight.ndim != 2 or 0 in weight.shape:
            raise tensors.error(f"tensor {_LABELS} is {list(weight.shape)}: expected [any, any]")
        return Dense(weight.t().contiguous(), weight.new_zeros(weight.shape[1])), True
    if tensors.layout is ROSINALITY:
        return None, False  # it has no classes
    told = tensors.setting("mapping", "c_dim") or tensors.setting("mapping", "label_size")
    if not told and not any(tensors.has(f"mapping.embed.{leaf}") for leaf in ("weight", "bias")):
        return None, False
    weight = tensors.take("mapping.embed.weight", None, None)
    bias = tensors.take("mapping.embed.bias", weight.shape[0])
    return Dense(weight / math.sqrt(weight.shape[1]), bias), False


def _dense(tensors: NamedTensors, place: str, size: int | None) -> Dense:
    """Return a mapping layer of ``size`` inputs, the leaky ReLU's gain of sqrt(2) in it."""
    tensors.expect(place, "activation", "lrelu")
    rate = tensors.number(place, "bias_gain") or tensors.number(place, "mapping_lrmul") or _LR_MULTIPLIER
    weight = tensors.take(f"{place}.weight", None, size)
    bias = tensors.take(f"{place}.bias", weight.shape[0])
    gain = rate * math.sqrt(2.0)
    return Dense(weight * (gain / math.sqrt(weight.shape[1])), bias * gain)


def _w_avg(tensors: NamedTensors, w_dim: int) -> Tensor | None:
    """Return the mean style; None in files of a kind that need not have it."""
    name = "mapping.w_avg"
    if tensors.has(name) or tensors.must_have_mean():
        return tensors.take(name, w_dim)
    return None
