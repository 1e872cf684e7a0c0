"""The two filters around a nonlinearity as depthwise convolutions, channels last, with few wasted products.

On the way up, a transposed convolution skips the zeros between the samples. On the way down, a convolution with a
stride computes only the samples that are kept; it filters across first, which is the cheaper way to halve the map.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from bandwalk.generator.stylegan3.reference import split
from bandwalk.generator.stylegan3.weights import Resampling, Size

Padding = tuple[int, int, int, int]  # added after the zeros are inserted: left, right, top, bottom; below 0: cropped


class Up:
    """The filter on the way up of maps [1, C, h, w], with its padding or cropping."""

    def __init__(self, up: Resampling, padding: Padding, *, size: Size, channels: int) -> None:
        reach, factor = len(up.taps) - 1, up.factor
        left, right, top, bottom = padding
        # A transposed convolution returns all samples that the filter reaches; its padding crops both sides by the
        # same number, which is what the published configurations need.
        trim = (left - reach, right - reach + factor - 1, top - reach, bottom - reach + factor - 1)
        is_even = trim[0] == trim[1] <= 0 and trim[2] == trim[3] <= 0
        self._trim = None if is_even else trim
        down, across = (-trim[2], -trim[0]) if is_even else (0, 0)
        taps = split(up.taps)  # [kh, kw] each
        self._kernels = [for_each(step[None] * factor ** (2 // len(taps)), step.new_ones(channels)) for step in taps]
        if len(taps) == 1:
            self._steps = [((factor, factor), (down, across))]  # stride, crop
        else:
            self._steps = [((factor, 1), (down, 0)), ((1, factor), (0, across))]
        self.height = size[1] * factor + top + bottom - reach
        self.width = size[0] * factor + left + right - reach
        self.reach = float(factor**2 * up.taps.abs().sum() ** len(taps))  # the largest output for inputs of at most 1

    def __call__(self, x: torch.Tensor, gain: torch.Tensor) -> list[torch.Tensor]:
        """Draw x [1, C, h, w] times gain [C] as [1, C, height, width]: one map."""
        kernels = [self._kernels[0] * gain[:, None, None, None], *self._kernels[1:]]
        for kernel, (stride, crop) in zip(kernels, self._steps, strict=True):
            x = functional.conv_transpose2d(x, kernel, None, stride, crop, groups=len(gain))
        return [x if self._trim is None else functional.pad(x, self._trim)]


class Down:
    """The filter on the way down."""

    def __init__(self, down: Resampling, *, channels: int, dtype: torch.dtype) -> None:
        self._factor = down.factor
        self._first = None
        self._last = down.taps.flip(list(range(down.taps.ndim)))  # [kh, kw]
        if down.taps.ndim == 1:
            self._first = round_taps(for_each(self._last[None, None], down.taps.new_ones(channels)), dtype)
            self._last = self._last[:, None]

    def __call__(self, x: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        """Filter x [1, C, H, W] without padding, times gain [C], and keep each ``factor``-th sample."""
        across = self._factor
        if self._first is not None:
            x, across = functional.conv2d(x, self._first, None, (1, across), groups=len(gain)), 1
        kernel = round_taps(for_each(self._last[None], gain), x.dtype)
        return functional.conv2d(x, kernel, None, (self._factor, across), groups=len(gain))


def for_each(kernels: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
    """Return kernels [P, kh, kw] for each channel times gain [C], one after the other: [P * C, 1, kh, kw]."""
    return (kernels[:, None] * gain[:, None, None]).flatten(0, 1)[:, None]


def round_taps(kernel: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Round a kernel [..., kh, kw]. In bfloat16, the rounding error of each tap is added to the next.

    This keeps the sum of the taps, and so the level of a channel; it halves the error of a picture.
    """
    if dtype is not torch.bfloat16:
        return kernel.to(dtype)
    along = -1 if kernel.shape[-1] > 1 else -2
    taps: list[torch.Tensor] = []
    error = torch.zeros_like(kernel.select(along, 0))
    for tap in kernel.unbind(along):
        wanted = tap + error
        taps.append(wanted.to(dtype))
        error = wanted - taps[-1]
    return torch.stack(taps, dim=along)
