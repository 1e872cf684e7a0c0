"""Take the weights of a StyleGAN3 generator, config T or R, from a snapshot."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import torch

from bandwalk.errors import CheckpointError
from bandwalk.generator.dense import Dense
from bandwalk.generator.mapping_network import MappingNetwork
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan3.weights import Layer, Resampling, Size, Waves, Weights
from bandwalk.generator.tensors import COLOURS, Tensors, to_colours
from bandwalk.units import MAX_SIDE

_MAPPING_RATE = 0.01  # learning rate of the mapping, by which its weights are stored larger
_MAX_FACTOR = 16
_MAX_TAPS = 256
_MAX_KERNEL = 15

_LAYER = re.compile(r"synthesis\.(L(\d{1,3})_\d+_\d+)\.")  # number, size, channels
_DENSE = re.compile(r"mapping\.fc(\d{1,3})\.")


def read_weights(snapshot: Snapshot, device: torch.device) -> Weights:
    """Take the weights of a snapshot.

    Raises:
        CheckpointError: a tensor or an attribute is missing or does not fit; its name is told.
    """
    tensors = Tensors(snapshot, device)
    w_avg = tensors.take("mapping.w_avg", None)
    waves = _read_waves(tensors, len(w_avg))
    layers: list[Layer] = []
    channels, size = len(waves.phases), waves.size
    names = _layer_names(tensors)
    for name in names:
        layers.append(_read_layer(tensors, name, channels, (size, len(w_avg))))
        channels, size = len(layers[-1].bias), layers[-1].size
    last = layers[-1]
    if (
        len(layers) < 2
        or channels not in COLOURS
        or last.up.factor * last.down.factor * last.weight.shape[-1] != 1
        or last.size != layers[-2].size
    ):
        raise CheckpointError(
            f"model {tensors.name}: synthesis.{names[-1]} is no 1x1 layer of 1, 3 or 4 channels over others"
        )
    weight, bias = to_colours(last.weight, last.bias)
    layers[-1] = replace(last, weight=weight, bias=bias)
    scale = tensors.number("synthesis.output_scale", 0.0, 1e6, default=0.25)
    return Weights(_read_mapping(tensors, w_avg), waves, layers, scale)


def _layer_names(tensors: Tensors) -> list[str]:
    """Return the names of the synthesis layers in the order of their numbers.

    Raises:
        CheckpointError: there is none, or one of the row is missing.
    """
    found = {match[1]: int(match[2]) for match in map(_LAYER.match, tensors.names()) if match}
    if sorted(found.values()) != list(range(len(found))) or not found:
        numbers = ", ".join(map(str, sorted(found.values())[:32]))
        raise CheckpointError(
            f"model {tensors.name}: layers synthesis.L* number {numbers or 'none'}, expected 0, 1, 2..."
        )
    return sorted(found, key=found.__getitem__)


def _read_mapping(tensors: Tensors, w_avg: torch.Tensor) -> MappingNetwork:
    """Take the mapping; with classes its first layer reads z and as much as w_dim for the class."""
    w_dim = len(w_avg)
    embed = None
    if "mapping.embed.weight" in tensors or tensors.attr("c_dim", 0):
        embed = _read_dense(tensors, "mapping.embed", (w_dim, None))
    last = max((int(match[1]) for match in map(_DENSE.match, tensors.names()) if match), default=0)
    layers: list[Dense] = []
    for index in range(last + 1):
        shape = (w_dim if index == last else None, layers[-1].weight.shape[0] if layers else None)
        layers.append(_read_dense(tensors, f"mapping.fc{index}", shape, _MAPPING_RATE))
    z_dim = layers[0].weight.shape[1] - (0 if embed is None else w_dim)
    if z_dim < 1:
        raise CheckpointError(
            f"model {tensors.name}: mapping.fc0.weight leaves {z_dim} values to z, expected 1 or more"
        )
    return MappingNetwork(embed, joint=False, layers=layers, gain=math.sqrt(2.0), w_avg=w_avg)


def _read_dense(tensors: Tensors, name: str, shape: tuple[int | None, int | None], rate: float = 1.0) -> Dense:
    """Take a fully connected layer [out, in], stored larger by its learning rate."""
    weight = tensors.take(f"{name}.weight", *shape)
    out, fan_in = weight.shape
    gain = tensors.number(f"{name}.weight_gain", 0.0, 1e6, default=rate / math.sqrt(fan_in))
    bias_gain = tensors.number(f"{name}.bias_gain", 0.0, 1e6, default=rate)
    return Dense(weight * gain, tensors.take(f"{name}.bias", out) * bias_gain)


def _read_waves(tensors: Tensors, w_dim: int) -> Waves:
    name = "synthesis.input"
    frequencies = tensors.take(f"{name}.freqs", None, 2)
    channels = len(frequencies)
    rate = tensors.number(f"{name}.sampling_rate", 1.0, MAX_SIDE)
    width, height = tensors.integers(f"{name}.size", 2, 1, MAX_SIDE)
    return Waves(
        affine=_read_dense(tensors, f"{name}.affine", (4, w_dim)),
        frequencies=frequencies,
        phases=tensors.take(f"{name}.phases", channels),
        weight=tensors.take(f"{name}.weight", channels, channels) / math.sqrt(channels),
        transform=tensors.take(f"{name}.transform", 3, 3),
        size=(width, height),
        sampling_rate=rate,
        bandwidth=tensors.number(f"{name}.bandwidth", 0.0, rate / 2.0 * (1.0 - 1e-6)),
    )


def _read_layer(tensors: Tensors, name: str, fan_in: int, sizes: tuple[Size, int]) -> Layer:
    """Take a layer.

    Args:
        tensors: The model file.
        name:    The layer's name.
        fan_in:  Channels of what it reads.
        sizes:   Samples across and down of what it reads, and w_dim.
    """
    name = f"synthesis.{name}"
    size, w_dim = sizes
    weight = tensors.take(f"{name}.weight", None, fan_in, None, None)
    kernel = weight.shape[-1]
    if weight.shape[2] != kernel or kernel > _MAX_KERNEL:
        raise CheckpointError(
            f"model {tensors.name}: tensor {name}.weight is {list(weight.shape)}, expected a square kernel"
        )
    up, down = (_read_resampling(tensors, name, direction) for direction in ("up", "down"))
    left, right, top, bottom = tensors.integers(f"{name}.padding", 4, -MAX_SIDE, MAX_SIDE)
    across, below = (
        _drawn_size(side + kernel - 1, up, down, padding)
        for side, padding in zip(size, (left + right, top + bottom), strict=True)
    )
    if not (0 < across <= MAX_SIDE and 0 < below <= MAX_SIDE):
        raise CheckpointError(
            f"model {tensors.name}: {name} draws {across}x{below} samples, expected sides of 1..{MAX_SIDE}"
        )
    clamp = tensors.attr(f"{name}.conv_clamp", 256.0)
    return Layer(
        affine=_read_dense(tensors, f"{name}.affine", (fan_in, w_dim)),
        weight=weight,
        bias=tensors.take(f"{name}.bias", weight.shape[0]),
        gain=1.0 / math.sqrt(_magnitude(tensors, f"{name}.magnitude_ema")),
        up=up,
        down=down,
        padding=(left, right, top, bottom),
        clamp=math.inf if clamp is None else tensors.number(f"{name}.conv_clamp", 1e-6, 1e9, default=256.0),
        size=(across, below),
    )


def _drawn_size(size: int, up: Resampling, down: Resampling, padding: int) -> int:
    """Return how many samples are left of ``size`` after both filters."""
    between = size * up.factor + padding - (len(up.taps) - 1)
    return -(-(between - (len(down.taps) - 1)) // down.factor)


def _magnitude(tensors: Tensors, name: str) -> float:
    """Take the measured mean square of a layer's input."""
    value = float(tensors.take(name))
    if value <= 0.0:
        raise CheckpointError(f"model {tensors.name}: tensor {name} is {value:g}, expected more than 0")
    return value


def _read_resampling(tensors: Tensors, layer: str, direction: str) -> Resampling:
    """Take a filter [n] or [n, n]; a layer that does not resample has none."""
    (factor,) = tensors.integers(f"{layer}.{direction}_factor", 1, 1, _MAX_FACTOR)
    name = f"{layer}.{direction}_filter"
    if name not in tensors and factor == 1:
        return Resampling(1, torch.ones(1, device=tensors.device))
    taps = tensors.take(name, *[None] * min(max(tensors.rank(name), 1), 2))
    if taps.shape[0] != taps.shape[-1] or len(taps) > _MAX_TAPS:
        raise CheckpointError(f"model {tensors.name}: tensor {name} is {list(taps.shape)}, expected a square filter")
    return Resampling(factor, taps)
