"""Which precision a picture is drawn in: half the bits where the machine computes with them, and sooner."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from bandwalk.generator.stylegan2.fast import FastSynthesis

_ROUNDS = 3


def fastest(plain: FastSynthesis, ws: Tensor) -> FastSynthesis:
    """Return what draws ws [num_ws, w_dim] soonest: float32, or bfloat16 where the processor has it."""
    if ws.device.type != "cpu" or not has_bfloat16():
        return plain
    short = plain.in_precision(torch.bfloat16)
    runs: list[Callable[[], Tensor]] = [lambda: plain.draw(ws, 1.0), lambda: short.draw(ws, 1.0)]
    for run in runs:
        run()
    best = [float("inf")] * len(runs)
    for _ in range(_ROUNDS):  # in turn, so that what else the machine does falls on both
        for k, run in enumerate(runs):
            start = time.thread_time()
            run()
            best[k] = min(best[k], time.thread_time() - start)
    return short if best[1] < best[0] else plain


@contextmanager
def full_precision() -> Iterator[None]:
    """Keep CUDA's convolutions from rounding float32 to TensorFloat-32."""
    was = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = was


def has_bfloat16() -> bool:
    """Tell whether the processor multiplies in bfloat16; where torch cannot say, it does not."""
    checks = [getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    return any(check is not None and check() for check in checks)
