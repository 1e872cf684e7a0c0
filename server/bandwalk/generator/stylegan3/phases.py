"""The filter on the way up, separated into its phases, so that nothing is multiplied by zeros.

Each ``factor``-th sample is a short convolution of the input. Across, the phases are channels: with channels last they
are neighbouring samples, so that no copy is needed to interleave them. Down, the phases are separate maps, which the
nonlinearity interleaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from bandwalk.generator.stylegan3.resampling import Padding, for_each, round_taps
from bandwalk.generator.stylegan3.weights import Resampling, Size


class PhasedUp:
    """`resampling.Up`, by phases."""

    def __init__(self, up: Resampling, padding: Padding, *, size: Size, channels: int, dtype: torch.dtype) -> None:
        left, right, top, bottom = padding
        self._factor = up.factor
        self._across = _Phases.of(up.factor, len(up.taps), (left, right), size[0])
        self._down = _Phases.of(up.factor, len(up.taps), (top, bottom), size[1])
        self._first = None
        if up.taps.ndim == 1:
            taps = up.taps * float(up.factor)
            first = self._across.split(taps, dim=0)[:, None]  # [P, 1, n]
            self._first = round_taps(for_each(first, taps.new_ones(channels)), dtype)
            self._rows = self._down.split(taps, dim=0)[:, None, :, None]  # [P, 1, m, 1]
            reach = float(first.abs().sum(dim=2).max())
        else:
            split = self._down.split(up.taps * float(up.factor**2), dim=0)  # [P, m, taps]
            self._rows = self._across.split(split, dim=2).transpose(1, 2)  # [P, P, m, n]
            reach = 1.0
        self.reach = reach * float(self._rows.abs().sum(dim=(2, 3)).max())  # the largest output for inputs of at most 1
        self.height, self.width = self._down.drawn, self._across.drawn

    def __call__(self, x: torch.Tensor, gain: torch.Tensor) -> list[torch.Tensor]:
        """Draw x [1, C, h, w] times gain [C]: the n-th map has the rows n, n + factor, ...

        At the bottom and on the right they may be larger than ``height`` and ``width``.
        """
        channels = x.shape[1]
        x = torch.cat([x] * self._factor, dim=1)  # [1, P * C, h, w]
        if self._first is not None:
            x, margins = _pad(x, across=self._across)
            x = functional.conv2d(x, self._first, None, padding=margins, groups=len(self._first))
            x, margins = _pad(_side_by_side(x, channels), down=self._down)  # [1, C, h, columns]
        else:
            x, margins = _pad(x, down=self._down, across=self._across)
        kernels = [round_taps(for_each(row, gain), x.dtype) for row in self._rows]
        drawn = [functional.conv2d(x, kernel, None, padding=margins, groups=len(kernel)) for kernel in kernels]
        return [_side_by_side(phase, channels) for phase in drawn]


@dataclass(frozen=True, slots=True)
class _Phases:
    """The phases of a filter on the way up, along one axis."""

    firsts: tuple[int, ...]  # first tap of each phase
    shifts: tuple[int, ...]  # position of that tap in the phase's kernel
    length: int  # of a kernel
    before: int  # samples to add before; negative: to crop
    after: int  # samples to add after
    drawn: int  # samples of the result

    @classmethod
    def of(cls, factor: int, taps: int, padding: tuple[int, int], size: int) -> _Phases:
        """Return the phases of a filter.

        Sample factor * q + p is the sum of taps[-1 - k] x[(factor * q + p + k - padding[0]) / factor]
        over all k for which that index is an integer.
        """
        firsts = tuple((padding[0] - p) % factor for p in range(factor))
        starts = [-((padding[0] - p) // factor) for p in range(factor)]  # the index for q = 0 and that tap
        shifts = tuple(start - starts[0] for start in starts)
        length = max(shift + len(range(k, taps, factor)) for k, shift in zip(firsts, shifts, strict=True))
        drawn = size * factor + sum(padding) - taps + 1
        after = starts[0] + -(-drawn // factor) + length - 1 - size
        return cls(firsts, shifts, length, -starts[0], after, drawn)

    def split(self, taps: torch.Tensor, dim: int) -> torch.Tensor:
        """Return the kernels of the phases: axis ``dim`` becomes two axes, [factor, length]."""
        turned = taps.flip(dim).movedim(dim, 0)
        kernels = taps.new_zeros(len(self.firsts), self.length, *turned.shape[1:])
        for kernel, k, shift in zip(kernels, self.firsts, self.shifts, strict=True):
            phase = turned[k :: len(self.firsts)]
            kernel[shift : shift + len(phase)] = phase
        return kernels.movedim((0, 1), (dim, dim + 1))


_ALONG = _Phases((0,), (0,), 1, 0, 0, 0)  # an axis without a filter


def _pad(x: torch.Tensor, *, down: _Phases = _ALONG, across: _Phases = _ALONG) -> tuple[torch.Tensor, tuple[int, int]]:
    """Return x padded for its filters, and the padding that the convolution must add itself."""
    if down.before == down.after >= 0 and across.before == across.after >= 0:
        return x, (down.before, across.before)
    return functional.pad(x, (across.before, across.after, down.before, down.after)), (0, 0)


def _side_by_side(x: torch.Tensor, channels: int) -> torch.Tensor:
    """Return phases [1, P * C, h, w] as columns [1, C, h, w * P]; with channels last this is a view."""
    return x.permute(0, 2, 3, 1).reshape(1, x.shape[2], -1, channels).permute(0, 3, 1, 2)
