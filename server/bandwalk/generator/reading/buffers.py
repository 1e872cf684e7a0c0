"""Buffers that carry no training, made where a StyleGAN2's file leaves them out: noise, seeded, and the filters.

Noise is as large as the layer's map: the constant's height and width, doubled by each block.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch

MADE_NOISE = "the file has no noise: made, the same at each load"

_SEED = 0x6E6F6973
_FILTER = (1.0, 3.0, 3.0, 1.0)
_MAX_DOUBLINGS = 10  # of a constant of 4: 4096 pixels
_MAX_CONSTANT = 16  # pixels

_ROSINALITY_CONV = re.compile(r"convs\.(\d{1,2})\.noise\.weight")
_TORCH_CONV = re.compile(r"synthesis\.b(\d{1,5})\.(conv0|conv1)\.noise_strength")

Tensors = dict[str, torch.Tensor]


def fill_rosinality(tensors: Tensors) -> tuple[Tensors, dict[str, Any], tuple[str, ...]]:
    """Return the noise and the kernels that a file of rosinality's lacks, settings (none), and notes."""
    doublings = {"noises.noise_0": 0} if "conv1.noise.weight" in tensors else {}
    made: Tensors = {}
    for index in (int(found[1]) for found in map(_ROSINALITY_CONV.fullmatch, tensors) if found):
        doublings[f"noises.noise_{index + 1}"] = index // 2 + 1
        if index % 2 == 0:
            made[f"convs.{index}.conv.blur.kernel"] = 4.0 * _filter()
            made[f"to_rgbs.{index // 2}.upsample.kernel"] = 4.0 * _filter()
    noise = _noise({name: k for name, k in doublings.items() if name not in tensors}, tensors.get("input.input"))
    return made | {name: plane[None, None] for name, plane in noise.items()}, {}, (MADE_NOISE,) if noise else ()


def fill_stylegan2(tensors: Tensors) -> tuple[Tensors, tuple[str, ...]]:
    """Return the noise and the filters that a state dict of NVIDIA's names lacks, and notes."""
    doublings: dict[str, int] = {}
    made: Tensors = {}
    for found in filter(None, map(_TORCH_CONV.fullmatch, tensors)):
        size, layer = int(found[1]), found[2]
        if f"synthesis.b{size}.{layer}.noise_const" not in tensors and size >= 4:
            doublings[f"synthesis.b{size}.{layer}.noise_const"] = size.bit_length() - 3
        for place in (f"synthesis.b{size}", f"synthesis.b{size}.{layer}"):
            made[f"{place}.resample_filter"] = _filter()
        if f"synthesis.b{size}.skip.weight" in tensors:
            made[f"synthesis.b{size}.skip.resample_filter"] = _filter()
    noise = _noise(doublings, tensors.get("synthesis.b4.const"))
    return made | noise, (MADE_NOISE,) if noise else ()


def _filter() -> torch.Tensor:
    """Return the filter [4, 4] of the published networks, sum 1."""
    taps = torch.tensor(_FILTER) / sum(_FILTER)
    return torch.outer(taps, taps)


def _noise(doublings: dict[str, int], constant: torch.Tensor | None) -> Tensors:
    """Return noise [H, W] by name, for a constant [..., H, W] that is doubled so often; none for odd sizes."""
    if constant is None or constant.ndim < 3 or max(constant.shape[-2:]) > _MAX_CONSTANT:
        return {}
    height, width = constant.shape[-2:]
    made: Tensors = {}
    for index, (name, k) in enumerate(sorted(doublings.items(), key=lambda item: (item[1], item[0]))):
        if 0 <= k <= _MAX_DOUBLINGS and height << k <= 4096 and width << k <= 4096:
            rng = np.random.Generator(np.random.PCG64((_SEED, index)))
            made[name] = torch.from_numpy(rng.standard_normal((height << k, width << k), np.float32))
    return made
