"""The weights of a StyleGAN3 generator in the one form that is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import torch

Size = tuple[int, int]  # samples across and down


@dataclass(frozen=True, eq=False, slots=True)
class Dense:
    """A fully connected layer, its gains applied."""

    weight: torch.Tensor  # [out, in]
    bias: torch.Tensor  # [out]


@dataclass(frozen=True, eq=False, slots=True)
class Mapping:
    """z and a class -> w."""

    embed: Dense | None  # class weights -> what is appended to z [c_dim -> w_dim]
    layers: list[Dense]
    w_avg: torch.Tensor  # [w_dim]


@dataclass(frozen=True, eq=False, slots=True)
class Input:
    """Waves over the picture plane: the constant of the earlier kinds, made continuous."""

    affine: Dense  # w -> cos, sin, x, y of the plane's turn and shift [w_dim -> 4]
    frequencies: torch.Tensor  # [C, 2], cycles per unit, a unit being the picture's longer side
    phases: torch.Tensor  # [C], cycles
    weight: torch.Tensor  # mixes the waves [C, C], gain applied
    transform: torch.Tensor  # stored inverse transform of the plane [3, 3]
    size: Size  # margins included
    sampling_rate: float  # samples per unit
    bandwidth: float  # cycles per unit; waves beyond fade until half the sampling rate


@dataclass(frozen=True, eq=False, slots=True)
class Resampling:
    """One of the two filters around a nonlinearity."""

    factor: int
    taps: torch.Tensor  # [n] for both axes in turn, or [n, n]


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """A modulated convolution and a filtered leaky ReLU."""

    affine: Dense  # w -> factors on the input's channels [w_dim -> in]
    weight: torch.Tensor  # [out, in, k, k]
    bias: torch.Tensor  # [out]
    gain: float  # on the input, what makes its measured magnitude 1
    up: Resampling
    down: Resampling
    padding: tuple[int, int, int, int]  # samples added after ``up``: left, right, top, bottom; negative: cropped
    clamp: float  # of the activation
    size: Size  # of what it draws


@dataclass(frozen=True, eq=False, slots=True)
class Weights:
    """A StyleGAN3 generator: everything that its file holds and a picture needs."""

    mapping: Mapping
    input: Input
    layers: list[Layer]  # the last one draws the picture, with or without opacity: neither demodulated nor bent
    output_scale: float
