"""The fixed numbers of the model as tensors, made once: a drawing on a GPU must copy nothing from the host."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from bandwalk.generator.builtin import appearance, coarse, materials, palette
from bandwalk.generator.builtin.coarse import WarpBank
from bandwalk.generator.builtin.weights import Weights


@dataclass(frozen=True, eq=False)
class Constants:
    """Numbers of one dtype on one device; names and shapes are those of the modules that they come from."""

    affine: Tensor  # [num_ws, w_dim, n_params]
    waves: Tensor  # [4, WAVES, 2]
    pushes: Tensor  # [4, 2, WAVES]
    materials: Tensor  # [materials, numbers]
    material_bias: Tensor
    fold_bias: Tensor
    folds: Tensor  # number of mirrors of each kaleidoscope
    nodes: Tensor
    fit: Tensor  # [DEGREE + 1, nodes]
    to_lms: Tensor  # [3, 3]
    to_rgb: Tensor  # [3, 3]

    @classmethod
    def of(cls, weights: Weights, dtype: torch.dtype, device: torch.device) -> Constants:
        """Convert all of them."""
        bank = WarpBank(weights.waves, weights.pushes)
        numbers = (
            weights.affine, bank.waves, bank.pushes, materials.TABLE, appearance.MATERIAL_BIAS, coarse.FOLD_BIAS,
            coarse.FOLDS, palette.NODES, palette.FIT, palette.TO_LMS, palette.TO_RGB,
        )  # fmt: skip
        return cls(*(torch.as_tensor(each, dtype=dtype, device=device) for each in numbers))
