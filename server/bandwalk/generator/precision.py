"""Which precision a picture is drawn in: half the bits where the machine computes with them, and sooner."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch

_ROUNDS = 3


def short_dtype(device: torch.device) -> torch.dtype | None:
    """Return the type of half the bits that a device multiplies in, None where it has none."""
    if device.type == "cuda":
        return torch.float16
    checks = [getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    has_bfloat16 = device.type == "cpu" and any(check is not None and check() for check in checks)
    return torch.bfloat16 if has_bfloat16 else None


def soonest(runs: Sequence[Callable[[], torch.Tensor]]) -> int:
    """Return the index of the run that takes the least time, each tried a few times in turn."""
    for run in runs:
        run()
    best = [float("inf")] * len(runs)
    for _ in range(_ROUNDS):  # in turn, so that what else the machine does falls on all
        for k, run in enumerate(runs):
            start = time.perf_counter()
            run().cpu()  # waits until a GPU has drawn it
            best[k] = min(best[k], time.perf_counter() - start)
    return best.index(min(best))


@contextmanager
def full_precision() -> Iterator[None]:
    """Keep CUDA from rounding float32 to TensorFloat-32."""
    was = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = was
