"""A snapshot to weights: sizes from the tensors, gains of equalised learning rates applied once."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan2.layouts import ROSINALITY, TENSORFLOW
from bandwalk.generator.stylegan2.named_tensors import Source
from bandwalk.generator.stylegan2.weights import Affine, Block, Conv, Mapping, Skip, ToRGB, Weights
from bandwalk.generator.tensors import to_colours

_LR_MULTIPLIER = 0.01  # of the mapping, where the file says nothing
_FILTER = (1.0, 3.0, 3.0, 1.0)  # TensorFlow's resample_kernel, where the file says nothing
_MOST_TAPS = 32
_MOST_CLASSES = 65536
_LABELS = "mapping/LabelConcat/weight"  # [c_dim, z_dim], the first TensorFlow release


def prepare(snapshot: Snapshot) -> Weights:
    """Return the weights of a snapshot.

    Raises:
        CheckpointError: a tensor is missing or has another shape than its neighbours ask for; its name is told.
    """
    source = Source(snapshot)
    const = source.take("synthesis.b4.const", None, None, None)
    source.check_size(*const.shape[1:])
    w_dim = source.take("synthesis.b4.conv1.affine.weight", const.shape[0], None).shape[1]
    architecture = _architecture(source)
    blocks: list[Block] = []
    channels, size = const.shape[0], (const.shape[1], const.shape[2])
    for k in range(source.blocks):
        blocks.append(_block(source, 4 << k, channels, size=size, w_dim=w_dim, architecture=architecture))
        channels = blocks[-1].conv1.weight.shape[0]
        size = 2 * size[0], 2 * size[1]
    return Weights(_mapping(source, w_dim), const, tuple(blocks))


def _architecture(source: Source) -> str:
    """Return "skip", "resnet" or "orig": as the file says, or as the tensors tell."""
    if source.layout is ROSINALITY:
        return "skip"  # it knows no other
    last = 2 << source.blocks
    told = source.setting(f"synthesis.b{last}", "architecture")
    if told in {"skip", "resnet", "orig"}:
        return str(told)
    below = [4 << k for k in range(source.blocks - 1)]
    if any(source.has(f"synthesis.b{2 * res}.skip.weight") for res in below):
        return "resnet"
    leaves = ("weight", "bias", "affine.weight", "affine.bias")
    return "skip" if any(source.has(f"synthesis.b{res}.torgb.{leaf}") for res in below for leaf in leaves) else "orig"


def _block(source: Source, res: int, channels: int, *, size: tuple[int, int], w_dim: int, architecture: str) -> Block:
    """Return the block of the name ``res`` that draws at a size, height and width, from a map of ``channels``."""
    place = f"synthesis.b{res}"
    conv0 = skip = image_filter = None
    inside = channels
    if res > 4:
        conv0 = _conv(source, f"{place}.conv0", size, channels, w_dim=w_dim)
        inside = conv0.weight.shape[0]
    conv1 = _conv(source, f"{place}.conv1", size, inside, w_dim=w_dim)
    if res > 4 and architecture == "resnet":
        skip = _skip(source, f"{place}.skip", conv1.weight.shape[0], channels)
    if res > 4 and architecture == "skip":
        image_filter = _filter(source, place)
    wants_rgb = architecture == "skip" or res == 2 << source.blocks
    torgb = _torgb(source, f"{place}.torgb", conv1.weight.shape[0], w_dim) if wants_rgb else None
    return Block(conv0, conv1, torgb, skip, image_filter)


def _conv(source: Source, place: str, size: tuple[int, int], channels: int, *, w_dim: int) -> Conv:
    source.expect(place, "activation", "lrelu")
    source.expect(place, "nonlinearity", "lrelu")
    weight = source.take(f"{place}.weight", None, channels, 3, 3)
    noise = None
    if source.setting(place, "use_noise") is not False:
        noise = source.take(f"{place}.noise_const", *size) * source.take(f"{place}.noise_strength")
    return Conv(
        weight=weight,
        bias=source.take(f"{place}.bias", weight.shape[0]),
        style=_style(source, place, channels, w_dim),
        noise=noise,
        filter=_filter(source, place) if place.endswith("conv0") else None,
        clamp=source.number(place, "conv_clamp"),
    )


def _style(source: Source, place: str, channels: int, w_dim: int) -> Affine:
    weight = source.take(f"{place}.affine.weight", channels, w_dim) / math.sqrt(w_dim)
    return Affine(weight, source.take(f"{place}.affine.bias", channels))


def _torgb(source: Source, place: str, channels: int, w_dim: int) -> ToRGB:
    """Return the layer of colours."""
    weight = source.take(f"{place}.weight", None, channels, 1, 1) / math.sqrt(channels)
    try:
        weight, bias = to_colours(weight, source.take(f"{place}.bias", weight.shape[0]))
    except ValueError as e:
        raise source.error(f"{place}.weight {e}") from e
    return ToRGB(weight, bias, _style(source, place, channels, w_dim), source.number(place, "conv_clamp"))


def _skip(source: Source, place: str, out_channels: int, channels: int) -> Skip:
    weight = source.take(f"{place}.weight", out_channels, channels, 1, 1) / math.sqrt(channels)
    return Skip(weight, _filter(source, place), source.number(place, "conv_clamp"))


def _filter(source: Source, place: str) -> Tensor:
    """Return the filter [f, f] that a layer doubles with."""
    if source.layout is TENSORFLOW:
        return _square(source, source.setting(place, "resample_kernel") or _FILTER)
    name = f"{place}.resample_filter"
    one_row = source.rank(name) == 1  # long filters are stored as a row and a column at once
    taps = source.take(name, *(None,) * (1 if one_row else 2))
    if max(taps.shape) > _MOST_TAPS or taps.shape[0] != taps.shape[-1]:
        raise source.error(f"{name} is {list(taps.shape)}: expected a square of at most {_MOST_TAPS} taps")
    return torch.outer(taps, taps) if one_row else taps


def _square(source: Source, taps: object) -> Tensor:
    try:
        row = torch.tensor(taps, dtype=torch.float32)
    except (TypeError, ValueError, RuntimeError) as e:
        raise source.error(f"resample_kernel = {taps!r:.40}: expected a list of numbers") from e
    if row.ndim != 1 or not 0 < len(row) <= _MOST_TAPS or not 0.0 < float(row.sum()) < math.inf:
        raise source.error(f"resample_kernel = {taps!r:.40}: expected 1 to {_MOST_TAPS} numbers, their sum positive")
    row = row / row.sum()
    return torch.outer(row, row)


def _mapping(source: Source, w_dim: int) -> Mapping:
    source.expect("mapping", "normalize_latents", True)
    source.expect("mapping", "mapping_nonlinearity", "lrelu")
    embed, joint = _embed(source)
    if embed is not None and embed.weight.shape[1] > _MOST_CLASSES:
        raise source.error(f"mapping: {embed.weight.shape[1]} classes, expected at most {_MOST_CLASSES}")
    layers: list[Affine] = []
    size: int | None = None
    for k in range(source.count_dense()):
        layers.append(_dense(source, f"mapping.fc{k}", size))
        size = layers[-1].weight.shape[0]
    if not layers or size != w_dim:
        raise source.error(f"mapping: its {len(layers)} layers give {size} numbers, the styles take {w_dim}")
    embedded = 0 if embed is None else embed.weight.shape[0]
    if layers[0].weight.shape[1] <= embedded:
        raise source.error(f"mapping: takes {layers[0].weight.shape[1]} numbers, {embedded} of them from the class")
    return Mapping(embed, joint, tuple(layers), _w_avg(source, w_dim))


def _embed(source: Source) -> tuple[Affine | None, bool]:
    """Return what embeds the class, and whether it is normalised together with z."""
    if source.layout is TENSORFLOW and source.has_stored(_LABELS):
        weight = source.take_stored(_LABELS)
        if weight.ndim != 2 or 0 in weight.shape:
            raise source.error(f"tensor {_LABELS} is {list(weight.shape)}: expected [any, any]")
        return Affine(weight.t().contiguous(), torch.zeros(weight.shape[1])), True
    if source.layout is ROSINALITY:
        return None, False  # it has no classes
    told = source.setting("mapping", "c_dim") or source.setting("mapping", "label_size")
    if not told and not any(source.has(f"mapping.embed.{leaf}") for leaf in ("weight", "bias")):
        return None, False
    weight = source.take("mapping.embed.weight", None, None)
    bias = source.take("mapping.embed.bias", weight.shape[0])
    return Affine(weight / math.sqrt(weight.shape[1]), bias), False


def _dense(source: Source, place: str, size: int | None) -> Affine:
    """Return a mapping layer of ``size`` inputs, the leaky ReLU's gain of sqrt(2) in it."""
    source.expect(place, "activation", "lrelu")
    rate = source.number(place, "bias_gain") or source.number(place, "mapping_lrmul") or _LR_MULTIPLIER
    weight = source.take(f"{place}.weight", None, size)
    bias = source.take(f"{place}.bias", weight.shape[0])
    gain = rate * math.sqrt(2.0)
    return Affine(weight * (gain / math.sqrt(weight.shape[1])), bias * gain)


def _w_avg(source: Source, w_dim: int) -> Tensor | None:
    """Return the mean style; None in files of a kind that need not have it."""
    name = "mapping.w_avg"
    if source.has(name) or source.must_have_mean():
        return source.take(name, w_dim)
    return None
