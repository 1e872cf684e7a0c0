"""Take the weights of a StyleGAN1 generator from a snapshot of TensorFlow's file."""

from __future__ import annotations

import math
import re

import torch

from bandwalk.errors import CheckpointError
from bandwalk.generator.dense import Dense
from bandwalk.generator.mapping_network import MappingNetwork
from bandwalk.generator.scopes import Scopes
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan1.weights import Layer, ToRGB, Weights
from bandwalk.generator.tensors import Tensors, to_colours
from bandwalk.units import MAX_SIDE

_GAIN = math.sqrt(2.0)  # of every layer that leaky ReLU follows; it sits in the weights
_DENSE = re.compile(r"mapping/Dense(\d{1,3})/")
_MAX_TAPS = 32
_MAX_LOG2 = int(math.log2(MAX_SIDE))

# Options of the original whose default alone is built here.
_FIXED: dict[str, object] = {
    "use_styles": True,
    "use_wscale": True,
    "use_pixel_norm": False,
    "const_input_layer": True,
    "nonlinearity": "lrelu",
    "mapping_nonlinearity": "lrelu",
    "normalize_latents": True,
}
_BLUR = [1, 2, 1]  # where the file says nothing


def read_weights(snapshot: Snapshot, device: torch.device) -> Weights:
    """Take the weights of G_style from a model file.

    Raises:
        CheckpointError: a tensor is missing or has a wrong shape, or an option is not known here.
    """
    tensors = Tensors(snapshot, device, Scopes(snapshot.tensors).stored)
    for option, only in _FIXED.items():
        if tensors.attr(option, only) != only:
            raise CheckpointError(f"model {tensors.name}: {option} = {tensors.attr(option)!r:.40}, expected {only!r}")
    w_avg = tensors.take("dlatent_avg", None)
    const = tensors.take("synthesis/4x4/Const/const", 1, None, None, None)
    top = _last_log2(tensors)
    first = _first_size(tensors, const, top)
    layers: list[Layer] = []
    channels = [const.shape[1]]
    for index in range(2 * top - 2):
        layers.append(_read_layer(tensors, index, channels[-1], (first, len(w_avg))))
        channels.append(len(layers[-1].bias))
    lod = _read_lod(tensors, top)
    last = int(lod)
    rgb = _read_rgb(tensors, last, channels[2 * (top - last) - 2])
    rgb_before = _read_rgb(tensors, last + 1, channels[2 * (top - last) - 4]) if lod > last else None
    return Weights(_read_mapping(tensors, w_avg), const, layers, rgb, rgb_before, lod)


def _last_log2(tensors: Tensors) -> int:
    """Return the binary logarithm of the resolution: as far as there are blocks."""
    top = 2
    while top < _MAX_LOG2 and any(f"{_block(top + 1)}/{conv}/weight" in tensors for conv in ("Conv0_up", "Conv1")):
        top += 1
    return top


def _first_size(tensors: Tensors, const: torch.Tensor, top: int) -> tuple[int, int]:
    """Return the height and width of the constant.

    Raises:
        CheckpointError: what it would be doubled to is beyond what can be drawn.
    """
    height, width = const.shape[2:]
    if max(height, width) << (top - 2) > MAX_SIDE:
        raise CheckpointError(
            f"model {tensors.name}: a constant of {height}x{width} doubled {top - 2} times,"
            f" expected at most {MAX_SIDE} pixels"
        )
    return height, width


def _block(log2: int) -> str:
    return f"synthesis/{2**log2}x{2**log2}"


def _read_layer(tensors: Tensors, index: int, fan_in: int, sizes: tuple[tuple[int, int], int]) -> Layer:
    """Take layer ``index``: 0 is the constant, 1 the convolution of its size, then two for each size.

    Args:
        tensors: The model file.
        index:   Of the layer.
        fan_in:  Channels of what it reads.
        sizes:   Height and width of the constant, and w_dim.
    """
    (height, width), w_dim = sizes
    size = height << (index // 2), width << (index // 2)
    doubles = index >= 2 and index % 2 == 0
    name = f"{_block(index // 2 + 2)}/{_LAYER_NAMES.get(index, ('Conv0_up', 'Conv1')[index % 2])}"
    bias = tensors.take(f"{name}/bias", fan_in if index == 0 else None)
    out = len(bias)
    noisy = tensors.attr("use_noise", True)
    return Layer(
        size=size,
        up=_up_kind(tensors, min(size)) if doubles else "",
        weight=None if index == 0 else _GAIN * _read_conv(tensors, name, 3, (fan_in, out)),
        blur=_read_blur(tensors) if doubles else None,
        norms=bool(tensors.attr("use_instance_norm", True)),
        noise=tensors.take(f"synthesis/noise{index}", 1, 1, *size) if noisy else None,
        noise_gain=tensors.take(f"{name}/Noise/weight", out) if noisy else torch.zeros_like(bias),
        bias=bias,
        style=Dense(
            tensors.take(f"{name}/StyleMod/weight", w_dim, 2 * out).T / math.sqrt(w_dim),
            tensors.take(f"{name}/StyleMod/bias", 2 * out),
        ),
    )


_LAYER_NAMES = {0: "Const", 1: "Conv"}  # at 4x4; all other resolutions have the same two


def _up_kind(tensors: Tensors, size: int) -> str:
    """Return how the original doubles to ``size``, the shorter side; it changed its way from 128 pixels on."""
    fused = tensors.attr("fused_scale", "auto")
    return "fused" if fused is True or (fused == "auto" and size >= 128) else "nearest"


def _read_blur(tensors: Tensors) -> torch.Tensor | None:
    """Return the filter [k, k] that follows a doubling, its sum 1; None where the network has none.

    Raises:
        CheckpointError: it is not a row of numbers, or their sum is 0.
    """
    told = tensors.attr("blur_filter", _BLUR)
    if not told:
        return None
    try:
        taps = torch.tensor(told, dtype=torch.float32)
    except (TypeError, ValueError, RuntimeError):
        taps = torch.zeros(0)
    total = float(taps.sum())
    if taps.ndim != 1 or not 0 < len(taps) <= _MAX_TAPS or not 0.0 < abs(total) < math.inf:
        raise CheckpointError(
            f"model {tensors.name}: blur_filter = {told!r:.40}, expected 1 to {_MAX_TAPS} numbers, their sum not 0"
        )
    return torch.outer(taps / total, taps / total).to(tensors.device)


def _read_conv(tensors: Tensors, name: str, kernel: int, channels: tuple[int, int]) -> torch.Tensor:
    """Take a convolution [k, k, in, out] as [out, in, k, k], scaled by 1 / sqrt(fan-in)."""
    fan_in, out = channels
    weight = tensors.take(f"{name}/weight", kernel, kernel, fan_in, out)
    return weight.permute(3, 2, 0, 1).contiguous() / math.sqrt(fan_in * kernel**2)


def _read_rgb(tensors: Tensors, lod: int, channels: int) -> ToRGB:
    """Take the colours of a size."""
    name = f"synthesis/ToRGB_lod{lod}"
    bias = tensors.take(f"{name}/bias", None)
    try:
        return ToRGB(*to_colours(_read_conv(tensors, name, 1, (channels, len(bias))), bias))
    except ValueError as e:
        raise CheckpointError(f"model {tensors.name}: {name} {e}") from e


def _read_mapping(tensors: Tensors, w_avg: torch.Tensor) -> MappingNetwork:
    """Take the mapping network; with classes its first layer reads z and as much again for the class.

    Files store matrices [in, out]; only the order of the axes is changed here, not that of the memory.
    """
    rate = tensors.number("mapping_lrmul", 1e-6, 1e6, default=0.01)
    embed = None
    if "mapping/LabelConcat/weight" in tensors or tensors.attr("label_size", 0):
        labels = tensors.take("mapping/LabelConcat/weight", None, None)  # [c_dim, z_dim]
        embed = Dense(labels.T, labels.new_zeros(labels.shape[1]))
    last = max((int(found[1]) for found in map(_DENSE.match, tensors.names()) if found), default=0)
    layers: list[Dense] = []
    fan_in = None if embed is None else 2 * len(embed.bias)
    for index in range(last + 1):
        weight = tensors.take(f"mapping/Dense{index}/weight", fan_in, len(w_avg) if index == last else None)
        fan_in, out = weight.shape
        bias = tensors.take(f"mapping/Dense{index}/bias", out)
        layers.append(Dense(weight.T * (_GAIN * rate / math.sqrt(fan_in)), bias * rate))
        fan_in = out
    return MappingNetwork(embed, joint=True, layers=layers, gain=1.0, w_avg=w_avg)


def _read_lod(tensors: Tensors, top: int) -> float:
    """Return the level of detail that training had come to, 0 where it was finished or never grew."""
    if tensors.attr("structure") == "fixed":
        return 0.0
    lod = float(tensors.take("lod" if "lod" in tensors else "synthesis/lod"))
    return min(max(lod, 0.0), float(top - 2))
