"""How a model's live pictures are drawn: in the fastest way that looks the same.

In half precision if the machine supports it; otherwise in float32 by `winograd`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch

_MAX_ERROR = 0.025  # rms error, in standard deviations of the picture
_MAX_LEVELS = 1.5  # mean error, grey levels of 255
_PROBES = 4  # pictures drawn to compare two ways

Draw = Callable[[torch.Tensor], torch.Tensor]

_MAX_KNOWN = 256
_known: dict[tuple[str, str], bool] = {}


def short_dtype(device: torch.device) -> torch.dtype | None:
    """Return the 16-bit dtype that a device multiplies in; None if it has none."""
    if device.type == "cuda":
        return torch.float16
    checks = [getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    has_bfloat16 = device.type == "cpu" and any(check is not None and check() for check in checks)
    return torch.bfloat16 if has_bfloat16 else None


class Mapped(Protocol):
    """The part of a generator that is used here."""

    sha256: str
    z_dim: int
    device: torch.device

    def map(self, z: Any) -> torch.Tensor:
        """Map z [N, z_dim] to styles [N, num_ws, w_dim]."""


def way_of(dtype: torch.dtype, tiles: Iterable[object]) -> str:
    """Name how a path differs from plain float32: a dtype, "tiles" if any layer has them, or ""."""
    if dtype is not torch.float32:
        return str(dtype)
    return "tiles" if any(each is not None for each in tiles) else ""


def is_preferred(other: Draw, full: Draw, G: Mapped, way: str) -> bool:
    """Tell whether another way of drawing, by its name, is better on this machine than full precision."""
    return known(G.sha256, f"{G.device} {way}", lambda: is_better(other, full, probes_of(G)))


def probes_of(G: Mapped) -> torch.Tensor:
    """Return the styles [n, num_ws, w_dim] on which two ways of drawing are compared."""
    return G.map(np.random.Generator(np.random.PCG64(0)).standard_normal((_PROBES, G.z_dim)))


def known(sha256: str, way: str, decide: Callable[[], bool]) -> bool:
    """Return the decision for a model and a way of drawing, made once in a process: it takes several pictures.

    Args:
        sha256: Of the model file; empty: there is no file, and the decision is made each time.
        way:    Names the way of drawing and the device.
        decide: Makes the decision.
    """
    key = (sha256, way)
    if key in _known:
        return _known[key]
    decision = decide()
    if sha256 and len(_known) < _MAX_KNOWN:
        _known[key] = decision
    return decision


def decisions() -> dict[tuple[str, str], bool]:
    """Return all decisions of this process, for :func:`take_over` in another one."""
    return dict(_known)


def take_over(decided: Mapping[tuple[str, str], bool]) -> None:
    """Take the decisions of another process, so that both draw the same pictures."""
    _known.update(decided)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one way of drawing compares with another one.

    gain:   How many times as fast.
    error:  Root of the mean square difference, in standard deviations of the picture.
    levels: Mean difference, grey levels of 255.
    """

    gain: float
    error: float
    levels: float

    @property
    def is_the_same(self) -> bool:
        """Whether nobody sees which of both drew a picture."""
        return self.error <= _MAX_ERROR and self.levels <= _MAX_LEVELS

    @property
    def is_better(self) -> bool:
        """Whether it draws faster and looks the same."""
        return self.gain > 1.0 and self.is_the_same


def is_better(short: Draw, full: Draw, probes: torch.Tensor) -> bool:
    """Tell whether ``short`` draws faster than ``full``, and looks the same (see `compare`)."""
    return compare(short, full, probes).is_better


def compare(
    short: Draw, full: Draw, probes: torch.Tensor, between: Callable[[float], None] = lambda took_s: None
) -> Comparison:
    """Compare two ways of drawing.

    Args:
        short:   Draws ws [num_ws, w_dim] as a picture.
        full:    The same in full precision.
        probes:  Styles to draw [n, num_ws, w_dim]; the first picture is the warm-up.
        between: Called after each picture with the seconds that it took: others may want the machine.
    """
    times: dict[Draw, list[float]] = {short: [], full: []}
    error = spread = levels = 0.0
    for ws in probes:
        drawn = []
        for draw in (short, full):  # in turn, so that other work on the machine slows both
            start = time.perf_counter()
            drawn.append(draw(ws).cpu())  # waits until a GPU has drawn it
            times[draw].append(time.perf_counter() - start)
            between(times[draw][-1])
        error += float((drawn[0] - drawn[1]).square().mean())
        spread += float(drawn[1].var())
        seen = [img.clamp(-1.0, 1.0) for img in drawn]
        levels += 127.5 * float((seen[0] - seen[1]).abs().mean()) / len(probes)
    gain = min(times[full][1:]) / max(min(times[short][1:]), 1e-9)
    return Comparison(gain, (error / max(spread, 1e-20)) ** 0.5, levels)


@contextmanager
def full_precision() -> Iterator[None]:
    """Forbid CUDA to round float32 to TensorFloat-32."""
    was = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = was
