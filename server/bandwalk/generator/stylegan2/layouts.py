"""Names of the tensors in each kind of file.

Tensors are requested by the names of the PyTorch releases, such as ``synthesis.b8.conv0.affine.weight``. A layout gives
the name in another kind of file, and converts the tensor to the same form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from torch import Tensor

from bandwalk.generator.scopes import CONSTANT, Scopes

Place = tuple[str, Callable[[Tensor], Tensor]]  # stored name, conversion


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of file."""

    mark: re.Pattern[str]  # the name of a tensor that only files of this kind have
    locate: Callable[[str], Place]
    dense: re.Pattern[str]  # matches the number of a mapping layer
    dense_first: int  # number of the first one
    count_blocks: Callable[[Iterable[str]], int]  # from the name of the last one, so that a gap is noticed

    def count_dense(self, names: Iterable[str]) -> int:
        """Return the number of mapping layers, from the name of the last one, so that a gap is noticed."""
        return max(_numbers(self.dense, names), default=self.dense_first - 1) - self.dense_first + 1


_TORCH_BLOCK = re.compile(r"synthesis\.b(\d{1,5})\.")
_ROSINALITY_BLOCK = re.compile(r"convs\.(\d{1,2})\.")


def _numbers(pattern: re.Pattern[str], names: Iterable[str]) -> list[int]:
    return [int(found[1]) for found in map(pattern.match, names) if found]


def _same(x: Tensor) -> Tensor:
    return x


def _first(x: Tensor) -> Tensor:
    return x[0]


def _flat(x: Tensor) -> Tensor:
    return x.reshape(-1)


def _scalar(x: Tensor) -> Tensor:
    return x.reshape(())


def _plane(x: Tensor) -> Tensor:
    return x[0, 0]  # [1, 1, h, w] -> [h, w]


# ada, StyleGAN3


def _locate_torch(name: str) -> Place:
    return name, _same


# TensorFlow: kernels [k, k, I, O], flipped for up-convolutions; matrices [I, O]; a style's bias is around 0, not 1

_TF_LAYERS = {"conv0": "Conv0_up", "conv1": "Conv1", "torgb": "ToRGB", "skip": "Skip"}
_TF_LEAVES: dict[str, Place] = {
    "weight": ("weight", lambda x: x.permute(3, 2, 0, 1)),
    "bias": ("bias", _same),
    "affine.weight": ("mod_weight", Tensor.t),
    "affine.bias": ("mod_bias", lambda x: x + 1.0),
    "noise_strength": ("noise_strength", _scalar),
}


def _locate_tensorflow(name: str) -> Place:
    if name == "mapping.w_avg":
        return "dlatent_avg", _same
    if name == "synthesis.b4.const":
        return "synthesis/4x4/Const/const", _first
    net, module, rest = name.split(".", 2)
    if net == "mapping":
        layer = "LabelEmbed" if module == "embed" else module.replace("fc", "Dense")
        return f"mapping/{layer}/{rest}", Tensor.t if rest == "weight" else _same
    layer, leaf = rest.split(".", 1)
    res = int(module[1:])
    if leaf == "noise_const":
        return f"synthesis/noise{_noise_index(res, layer)}", _plane
    folder = f"synthesis/{res}x{res}/{'Conv' if res == 4 and layer == 'conv1' else _TF_LAYERS[layer]}"
    if leaf == "weight" and layer in {"conv0", "skip"}:
        return f"{folder}/weight", lambda x: x.flip(0, 1).permute(3, 2, 0, 1)
    stored, convert = _TF_LEAVES[leaf]
    return f"{folder}/{stored}", convert


def _noise_index(res: int, layer: str) -> int:
    """Return the index of a noise: one at 4x4, then two in each block."""
    return 2 * _log2(res) - (5 if layer == "conv0" else 4)


def _log2(res: int) -> int:
    return res.bit_length() - 1


# rosinality: convolutions numbered through, weights with one more axis; filters contain the gain 4 of doubling

_ROSINALITY_CONV: dict[str, Place] = {
    "weight": ("conv.weight", _first),
    "affine.weight": ("conv.modulation.weight", _same),
    "affine.bias": ("conv.modulation.bias", _same),
    "bias": ("activate.bias", _same),
    "noise_strength": ("noise.weight", _scalar),
    "resample_filter": ("conv.blur.kernel", lambda x: x / 4.0),
}
_ROSINALITY_RGB = _ROSINALITY_CONV | {"bias": ("bias", _flat)}


def _locate_rosinality(name: str) -> Place:
    if name == "mapping.w_avg":
        return "latent_avg", _flat
    if name == "synthesis.b4.const":
        return "input.input", _first
    net, module, rest = name.split(".", 2)
    if net == "mapping":
        return f"style.{int(module[2:]) + 1}.{rest}", _same
    res = int(module[1:])
    if rest == "resample_filter":
        return f"to_rgbs.{_log2(res) - 3}.upsample.kernel", lambda x: x / 4.0
    layer, leaf = rest.split(".", 1)
    if leaf == "noise_const":
        return f"noises.noise_{_noise_index(res, layer)}", _plane
    leaves = _ROSINALITY_RGB if layer == "torgb" else _ROSINALITY_CONV
    stored, convert = leaves[leaf]
    return f"{_rosinality_folder(res, layer)}.{stored}", convert


def _rosinality_folder(res: int, layer: str) -> str:
    if layer == "torgb":
        return "to_rgb1" if res == 4 else f"to_rgbs.{_log2(res) - 3}"
    return "conv1" if res == 4 else f"convs.{_noise_index(res, layer) - 1}"


TORCH = Layout(
    mark=re.compile(r"synthesis\.b4\.const"),
    locate=_locate_torch,
    dense=re.compile(r"mapping\.fc(\d{1,3})\."),
    dense_first=0,
    count_blocks=lambda names: max(map(_log2, _numbers(_TORCH_BLOCK, names)), default=2) - 1,
)
TENSORFLOW = Layout(
    mark=CONSTANT,
    locate=_locate_tensorflow,
    dense=re.compile(r"mapping/Dense(\d{1,3})/"),
    dense_first=0,
    count_blocks=lambda names: Scopes(names).blocks,
)
ROSINALITY = Layout(
    mark=re.compile(r"input\.input"),
    locate=_locate_rosinality,
    dense=re.compile(r"style\.(\d{1,3})\."),
    dense_first=1,
    count_blocks=lambda names: 2 + max((k // 2 for k in _numbers(_ROSINALITY_BLOCK, names)), default=-1),
)
LAYOUTS = (TORCH, TENSORFLOW, ROSINALITY)
