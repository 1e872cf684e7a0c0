"""Stored synthesis noise, still or drifting: every wave in it moves, and keeps its amplitude."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch

SPEEDS = (1.0, (math.sqrt(5.0) - 1.0) / 2.0)
"""Radians of a wave's phase per radian of drift; each wave has one of the two speeds. Their ratio is the golden one, so
that the pattern never repeats; with a single speed it would repeat every 2 pi."""

_SEED = 0x6E6F6973

Form = Callable[[torch.Tensor], torch.Tensor]


class Noise:
    """One stored pattern [..., H, W], drifting.

        n(drift) = still + sum over speeds of (cos(speed * drift) * here + sin(speed * drift) * ahead)

    ``here`` holds the waves of the pattern that have this speed; ``ahead`` holds the same waves moved by a quarter of
    their length, each in its own direction; ``still`` holds the mean and the waves that are two samples long. So n(0)
    is the pattern, and spectrum and variance are the same at any drift. The parts are made when first used.

    Args:
        stored: The pattern [..., H, W].
        form:   Linear function applied to each part once: a gain, a dtype, an order of samples.
    """

    def __init__(self, stored: torch.Tensor, form: Form = lambda n: n) -> None:
        self._stored, self._form = stored, form
        self._fixed = form(stored)
        self._parts: list[torch.Tensor] | None = None

    def to(self, dtype: torch.dtype) -> Noise:
        """Return the same in another dtype."""
        form = self._form
        return Noise(self._stored, lambda n: form(n).to(dtype))

    def at(self, drift: float) -> torch.Tensor:
        """Return the pattern at a drift, radians; at 0 the stored one itself."""
        if drift == 0.0:
            return self._fixed
        if self._parts is None:
            self._parts = [self._form(part) for part in split_waves(self._stored)]
        still, *waves = self._parts
        out = still.clone()
        for speed, here, ahead in zip(SPEEDS, waves[::2], waves[1::2], strict=True):
            out.add_(here, alpha=math.cos(speed * drift)).add_(ahead, alpha=math.sin(speed * drift))
        return out


def split_waves(stored: torch.Tensor) -> list[torch.Tensor]:
    """Return the parts of a pattern [..., H, W] for `Noise`: still, then here and ahead for each speed."""
    rng = np.random.Generator(np.random.PCG64(_SEED))
    pattern = stored.detach().cpu().numpy().astype(np.float64)
    spectrum = np.fft.fft2(pattern)
    side = _odd_part(rng.standard_normal(pattern.shape))  # its sign is the direction in which a wave moves
    fast = _even_part(rng.standard_normal(pattern.shape)) > 0.0
    parts = []
    for chosen in (fast, ~fast):
        waves = np.where(chosen & (side != 0.0), spectrum, 0.0)
        parts += [np.fft.ifft2(waves).real, np.fft.ifft2(waves * 1j * np.sign(side)).real]
    still = pattern - parts[0] - parts[2]
    return [torch.tensor(part, dtype=stored.dtype, device=stored.device) for part in (still, *parts)]


def _odd_part(x: np.ndarray) -> np.ndarray:
    """Return the part of a map of frequencies [..., H, W] that changes its sign with the frequency."""
    return np.asarray(x - np.roll(x[..., ::-1, ::-1], 1, (-2, -1)))


def _even_part(x: np.ndarray) -> np.ndarray:
    """Return the part of a map of frequencies [..., H, W] that is the same for a frequency and its negative."""
    return np.asarray(x + np.roll(x[..., ::-1, ::-1], 1, (-2, -1)))
