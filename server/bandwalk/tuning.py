"""How many threads draw: measured at start, under the load of a show."""

import logging
import os
import threading
import time

import numpy as np
import torch

from bandwalk.generator import Generator
from bandwalk.output.jpeg import Encoder
from bandwalk.units import seed_to_z

logger = logging.getLogger(__name__)

_RUNS = 24
_BUDGET_S = 1.5
"""Most seconds that one candidate may take: a slow model is told by few frames."""


def set_threads(n: int) -> None:
    """Let torch draw on n threads; the thread that draws calls it, since OpenMP keeps the count per thread."""
    torch.set_num_threads(n)


def choose_threads(G: Generator, encoder: Encoder, *, fps: float) -> int:
    """Return the number of drawing threads with the best 95th percentile beside an encoder at work.

    More threads are not always faster: where they meet at a barrier, each waits for the one that the rest of
    the show has just interrupted. A larger number must win by a tenth.
    """
    if G.device.type != "cpu":
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    best, best_ms = 1, float("inf")
    for n in sorted({1, max(1, cores - 1), cores}):
        p95_ms = _measure(G, encoder, n, fps=fps)
        logger.debug("%d drawing threads: 95 %% of frames within %.1f ms", n, p95_ms)
        if p95_ms < 0.9 * best_ms:
            best, best_ms = n, p95_ms
    return best


def _measure(G: Generator, encoder: Encoder, n: int, *, fps: float) -> float:
    """Return the 95th percentile of a frame's time, milliseconds."""
    set_threads(n)
    ws = G.map(seed_to_z(0, G.z_dim)[None])
    rgb = G.render(ws)
    stop = threading.Event()
    beside = threading.Thread(target=_encode, args=(encoder, rgb, 0.5 / fps, stop), daemon=True)
    beside.start()
    times: list[float] = []
    begun = time.perf_counter()
    while len(times) < _RUNS and time.perf_counter() - begun < _BUDGET_S:
        frame = time.perf_counter()
        G.render(ws)
        times.append(time.perf_counter() - frame)
    stop.set()
    beside.join()
    return float(np.percentile(times, 95) * 1e3)


def _encode(encoder: Encoder, rgb: np.ndarray, pause_s: float, stop: threading.Event) -> None:
    while not stop.wait(pause_s):
        encoder.encode(rgb, quality=85, chroma="420")
