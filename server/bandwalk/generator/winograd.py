"""3x3 convolutions by Winograd's method: a quarter of the multiplications, and slightly larger rounding errors.

A tile of 4x4 results depends on 6x6 samples. Tiles and kernel are transformed to another basis (B, G), where the
convolution is one product at each of 36 places, and over all channels a product of matrices; A transforms it back:

    y = A [sum over channels of (G g G^T) * (B d B^T)] A^T

All steps are products of matrices, and one strip of tiles at a time stays in the cache. So this is faster on a
processor that has no special instructions for convolutions. Factors on the input and output channels are free: they are
part of the copies into and out of the tiles.

Source: A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, F(4x4, 3x3); the points
from B. Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural
Networks", 2020, whose rounding errors are smaller.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

_OUT, _IN = 4, 6  # samples across a tile: of the results, and of the input
_POINTS = (0.0, 1.0, -1.0, 0.5, -2.0)  # and infinity
_STRIP = 150_000  # minimum of numbers in a strip of tiles; more if the kernel, which is read for each strip, is larger

MIN_SIDE_TILED, MIN_CHANNELS_TILED = 32, 48
"""Below these, the changes of basis cost more than is saved."""


def gains(weight: Tensor, side: int) -> bool:
    """Tell whether this is faster for maps of a side, convolved with weight [O, I, kh, kw]."""
    out, fan_in, *kernel = weight.shape
    return kernel == [3, 3] and side >= MIN_SIDE_TILED and min(out, fan_in) >= MIN_CHANNELS_TILED


class Winograd:
    """One convolution of stride 1.

    Args:
        weight: [O, I, 3, 3], float32.
    """

    def __init__(self, weight: Tensor) -> None:
        back, kernel, into = _bases()
        spread = np.einsum("ax,by,oixy->abio", kernel, kernel, weight.double().cpu().numpy(), optimize=True)
        spread = torch.from_numpy(spread.astype(np.float32)).flatten(0, 1)
        self._weight = spread.contiguous().to(weight.device)  # [36, I, O]
        self._into = _in_two_axes(into).to(weight.device)  # [36, 36]
        self._back = _in_two_axes(back).to(weight.device)  # [16, 36]

    def __call__(
        self,
        x: Tensor,
        *,
        padding: int,
        before: Tensor | None = None,
        after: Tensor | None = None,
        bias: Tensor | None = None,
    ) -> Tensor:
        """Convolve.

        Args:
            x:       [1, I, h, w], channels last.
            padding: Number of zeros on each side.
            before:  Factors on the input channels [I].
            after:   Factors on the output channels [O].
            bias:    Added last [O].

        Returns:
            [1, O, h + 2 * padding - 2, w + 2 * padding - 2], channels last; cropped if the size is not a multiple of 4.
        """
        _, _, h, w = x.shape
        height, width = h + 2 * padding - 2, w + 2 * padding - 2
        down, across = -(-height // _OUT), -(-width // _OUT)  # tiles
        beyond = (down * _OUT - height, across * _OUT - width)
        around = (0, 0, padding, padding + beyond[1], padding, padding + beyond[0])
        around_x = functional.pad(x.permute(0, 2, 3, 1), around)[0].contiguous()  # [rows, columns, I]
        out = x.new_empty(down, _OUT, across, _OUT, self._weight.shape[2])
        rows = max(1, max(_STRIP, self._weight.numel()) // (_IN * _IN * across * max(self._weight.shape[1:])))
        for first in range(0, down, rows):
            strip = around_x[first * _OUT : (first + rows) * _OUT + _IN - _OUT]
            products = self._multiply(_tiles(strip, across, before))  # [4, 4, rows, across, O]
            _put(out[first : first + rows], products.permute(2, 0, 3, 1, 4), after, bias)
        # the batch axis comes first, so that torch recognises channels last
        return out.view(1, down * _OUT, across * _OUT, -1)[:, :height, :width].permute(0, 3, 1, 2)

    def _multiply(self, tiles: Tensor) -> Tensor:
        """Return the results [4, 4, rows, across, O] of tiles [6, 6, rows, across, I]."""
        *_, rows, across, channels = tiles.shape
        x = torch.mm(self._into, tiles.view(_IN * _IN, -1)).view(_IN * _IN, -1, channels)  # [36, rows * across, I]
        y = torch.bmm(x, self._weight)  # [36, rows * across, O]
        return torch.mm(self._back, y.view(_IN * _IN, -1)).view(_OUT, _OUT, rows, across, -1)


def _tiles(strip: Tensor, across: int, factor: Tensor | None) -> Tensor:
    """Return overlapping tiles of a strip [rows * 4 + 2, across * 4 + 2, I] times factor: [6, 6, rows, across, I]."""
    rows = (len(strip) - (_IN - _OUT)) // _OUT
    down, right, _ = strip.stride()
    shape = (_IN, _IN, rows, across, strip.shape[2])
    view = strip.as_strided(shape, (down, right, _OUT * down, _OUT * right, 1))
    if factor is None:
        return view.contiguous()
    return torch.mul(view, factor, out=strip.new_empty(shape))


def _put(out: Tensor, y: Tensor, factor: Tensor | None, bias: Tensor | None) -> None:
    """Write factor * y + bias to out."""
    if factor is not None and bias is not None:
        torch.addcmul(bias, y, factor, out=out)
    elif bias is not None:
        torch.add(y, bias, out=out)
    elif factor is not None:
        torch.mul(y, factor, out=out)
    else:
        out.copy_(y)


def _in_two_axes(matrix: np.ndarray) -> Tensor:
    """Return the matrix that transforms flattened tiles [n, n] along both axes."""
    return torch.from_numpy(np.kron(matrix, matrix).astype(np.float32))


def _bases() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return A [4, 6], G [6, 3] and B [6, 6], float64; they multiply polynomials by their values at the points.

    Source: Barabasz et al., section 2 (the construction of Toom and Cook).
    """
    points = np.array(_POINTS)
    others = [np.delete(points, k) for k in range(len(points))]
    scale = np.array([np.prod(p - rest) for p, rest in zip(points, others, strict=True)])
    back = np.zeros((_OUT, _IN))
    back[:, :-1] = np.vander(points, _OUT, increasing=True).T
    back[-1, -1] = 1.0
    kernel = np.zeros((_IN, 3))
    kernel[:-1] = np.vander(points, 3, increasing=True) / scale[:, None]
    kernel[-1, -1] = 1.0
    into = np.zeros((_IN, _IN))
    for k, rest in enumerate(others):
        into[k, :-1] = np.poly(rest)[::-1]
    into[-1] = np.poly(points)[::-1]
    return back, kernel, into
