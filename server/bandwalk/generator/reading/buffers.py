"""Buffers that carry no training, made where a StyleGAN2's file leaves them out: noise, seeded, and the filters.

Noise is as large as the layer's map: the constant's height and width, doubled by each block.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch

from bandwalk.units import MAX_SIDE

MADE_NOISE = "the file has no noise: made, the same at each load"

_SEED = 0x6E6F6973
_FILTER = (1.0, 3.0, 3.0, 1.0)
_MAX_DOUBLINGS = 12  # of a single pixel: 4096

_ROSINALITY_CONV = re.compile(r"convs\.(\d{1,2})\.noise\.weight")
_TORCH_CONV = re.compile(r"synthesis\.b(\d{1,5})\.(conv0|conv1)\.weight")

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
        noise = f"synthesis.b{size}.{layer}.noise_const"
        if noise not in tensors and f"synthesis.b{size}.{layer}.noise_strength" in tensors:
            doublings[noise] = size.bit_length() - 3
        for place in (f"synthesis.b{size}", f"synthesis.b{size}.{layer}"):
            made[f"{place}.resample_filter"] = _filter()
        if f"synthesis.b{size}.skip.weight" in tensors:
            made[f"synthesis.b{size}.skip.resample_filter"] = _filter()
    planes = _noise(doublings, tensors.get("synthesis.b4.const"))
    return made | planes, (MADE_NOISE,) if planes else ()


def _filter() -> torch.Tensor:
    """Return the filter [4, 4] of the published networks, sum 1."""
    taps = torch.tensor(_FILTER) / sum(_FILTER)
    return torch.outer(taps, taps)


def _noise(doublings: dict[str, int], constant: torch.Tensor | None) -> Tensors:
    """Return noise [H, W] by name, for a constant [..., H, W] that is doubled so often; none if too large."""
    if constant is None or constant.ndim < 3:
        return {}
    height, width = constant.shape[-2:]
    made: Tensors = {}
    for index, (name, k) in enumerate(sorted(doublings.items(), key=lambda item: (item[1], item[0]))):
        if 0 <= k <= _MAX_DOUBLINGS and max(height, width) << k <= MAX_SIDE:
            rng = np.random.Generator(np.random.PCG64((_SEED, index)))
            made[name] = torch.from_numpy(rng.standard_normal((height << k, width << k), np.float32))
    return made
