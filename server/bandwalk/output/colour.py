"""Colour after the generator: one curve for all channels, then one matrix in linear light.

    curve   brightness, contrast, gamma, invert: a table of 256 levels
    matrix  hue, saturation, tint: a 3x3 matrix that keeps the luminance

Light is taken as the square of a level, which is near enough to sRGB that no hue jumps, and needs a multiplication and
a root where sRGB needs tables. Sources: luminance, ITU-R BT.709; rotation about the grey axis with the luminance kept,
P. Haeberli, "Matrix Operations for Image Processing" (1993).
"""

import colorsys
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Share of red, green and blue in the luminance of linear light."""

_FULL = 255.0**2
_NEAR_BLACK = 0.01
"""Light that is black when rounded: of zeros MKL takes roots ten times as slowly."""

_ROWS, _ROW = 1 << 12, 4
"""What is worked on at a time stays in the processor's cache: rows of the product, and pixels of a row, which with one
would be too short to be fast."""

_HALF = np.float32(0.5)

_PALE, _LIFT = 0.25, 0.5
"""Of a tint: its share of white, and how far it is lifted to the luminance of white, as an exponent."""


@dataclass(frozen=True, slots=True)
class Colour:
    """Plain values of ``/color/*``; the defaults change nothing."""

    hue: float = 0.0
    saturation: float = 1.0
    contrast: float = 1.0
    brightness: float = 0.0
    gamma: float = 1.0
    invert: bool = False
    tint_hue: float = 0.0
    tint_amount: float = 0.0


def recolour(rgb: np.ndarray, colour: Colour) -> np.ndarray:
    """Return the picture in other colours; where these change nothing, the same array.

    Args:
        rgb: [H, W, 3] uint8, or with opacity, which stays, [H, W, 4]; left as it is.
    """
    curve, matrix = _curve(colour), _matrix(colour)
    if curve is None and matrix is None:
        return rgb
    levels = np.ascontiguousarray(rgb[:, :, :3])
    if curve is not None:
        levels = np.frombuffer(bytearray(levels).translate(curve), np.uint8).reshape(levels.shape)
    if matrix is not None:
        levels = _mix(levels, matrix)
    return levels if rgb.shape[2] == levels.shape[2] else np.concatenate([levels, rgb[:, :, 3:]], axis=2)


def curve_of(colour: Colour) -> np.ndarray:
    """Return what becomes of each of the 256 levels, 0..255, not rounded.

    y = ((x - 1/2) contrast + 1/2 + brightness) ** (1 / gamma), then 1 - y if inverted
    """
    x = np.arange(256) / 255.0
    y = np.clip((x - 0.5) * colour.contrast + 0.5 + colour.brightness, 0.0, 1.0) ** (1.0 / colour.gamma)
    return 255.0 * (1.0 - y if colour.invert else y)


def matrix_of(colour: Colour) -> np.ndarray:
    """Return the 3x3 matrix from linear light to linear light.

    grey axis        1 l^T                      l: luminance
    colour           P = I - 1 l^T
    turned by a      cos(a) P + sin(a) P K      K: cross product with the grey axis
    tint t           1 l^T becomes t l^T
    """
    l = np.array(LUMINANCE)  # noqa: E741  as the formula has it
    grey = np.tile(l, (3, 1))
    P = np.eye(3) - grey
    K = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    angle = math.radians(colour.hue)
    turned = grey + colour.saturation * (math.cos(angle) * P + math.sin(angle) * P @ K)
    tint = np.array(colorsys.hsv_to_rgb(colour.tint_hue / 360.0 % 1.0, 1.0, 1.0)) * (1 - _PALE) + _PALE
    tinted = np.outer(tint / (l @ tint) ** _LIFT, l)
    mixed: np.ndarray = (1 - colour.tint_amount) * turned + colour.tint_amount * tinted
    return mixed


def recolour_reference(rgb: np.ndarray, colour: Colour) -> np.ndarray:
    """Return what :func:`recolour` does, step by step."""
    levels = np.floor(curve_of(colour) + 0.5)[rgb[:, :, :3]]  # [H, W, 3] float64
    light = levels**2 @ matrix_of(colour).T
    mixed = np.floor(np.sqrt(np.clip(light, 0, _FULL)) + 0.5).astype(np.uint8)
    return np.concatenate([mixed, rgb[:, :, 3:]], axis=2)


@lru_cache(maxsize=8)
def _curve(colour: Colour) -> bytes | None:
    """Return the table of levels; None: it changes nothing."""
    table = np.floor(curve_of(colour) + 0.5).astype(np.uint8)
    return None if np.array_equal(table, np.arange(256)) else table.tobytes()


@lru_cache(maxsize=8)
def _matrix(colour: Colour) -> torch.Tensor | None:
    """Return the matrix for rows of _ROW pixels; None: it changes nothing."""
    M = matrix_of(colour)
    if np.allclose(M, np.eye(3), atol=1e-9):
        return None
    return torch.kron(torch.eye(_ROW), torch.from_numpy(M.T.astype(np.float32)).contiguous())


def _mix(levels: np.ndarray, matrix: torch.Tensor) -> np.ndarray:
    """Apply a matrix to the light of levels [H, W, 3] uint8."""
    flat, mixed = torch.from_numpy(levels).view(-1), np.empty_like(levels)
    out = mixed.reshape(-1)
    light, turned = torch.zeros(2, min(_ROWS, -(-len(flat) // len(matrix))), len(matrix))
    every_light, every_turned = light.view(-1), turned.view(-1).numpy()
    step = len(every_turned)
    for first in range(0, len(flat), step):
        n = min(step, len(flat) - first)
        every_light[:n].copy_(flat[first : first + n])  # of a last part that is shorter, the rest is of no use
        every_light[:n].square_()
        torch.mm(light, matrix, out=turned)
        turned.clamp_(_NEAR_BLACK, _FULL).sqrt_()
        np.add(every_turned, _HALF, out=every_turned)
        np.copyto(out[first : first + n], every_turned[:n], casting="unsafe")  # cuts off: with the half, rounds
    return mixed
