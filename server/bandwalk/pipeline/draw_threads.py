"""How many threads draw: measured at start, under the load of a show."""

import logging
import math
import threading
import time

import numpy as np
import torch

from bandwalk.generator import Generator
from bandwalk.machine import cores
from bandwalk.output.jpeg import Encoder
from bandwalk.units import seed_to_z

logger = logging.getLogger(__name__)

_ROUNDS = 4
_RUNS = 8
"""Frames of a candidate in a round; the candidates take turns, so that a busy moment of the machine meets all."""

_BUDGET_S = 3.0
"""Maximum time for all of it, seconds: a few frames show that a model is slow."""

_BETTER = 0.9
"""What more threads must bring, at the median and at the 95th percentile: they cost the rest of the show."""


def set_threads(n: int) -> None:
    """Let torch draw on n threads; the thread that draws calls it, since OpenMP keeps the count per thread."""
    torch.set_num_threads(n)


def choose_threads(G: Generator, encoder: Encoder, *, fps: float) -> int:
    """Return the number of drawing threads that is fastest beside an encoder at work.

    More threads are not always faster: where they meet at a barrier, each waits for the one that the rest of
    the show has just interrupted.
    """
    candidates = sorted({1, max(1, cores() - 1), cores()})
    if G.device.type != "cpu" or len(candidates) == 1:
        return 1
    best, (best_median, best_p95) = 1, (math.inf, math.inf)
    for n, times in _measure(G, encoder, candidates, fps=fps).items():
        median, p95 = float(np.median(times)), float(np.percentile(times, 95))
        logger.debug("%d drawing threads: median %.1f, 95 %% within %.1f ms", n, median * 1e3, p95 * 1e3)
        if median < _BETTER * best_median and p95 < _BETTER * best_p95:
            best, best_median, best_p95 = n, median, p95
    return best


def _measure(G: Generator, encoder: Encoder, candidates: list[int], *, fps: float) -> dict[int, list[float]]:
    """Return the seconds of some frames drawn by each number of threads."""
    ws = G.map(seed_to_z(0, G.z_dim)[None])
    rgb = G.render(ws)
    stop = threading.Event()
    beside = threading.Thread(target=_encode, args=(encoder, rgb, 0.5 / fps, stop), daemon=True)
    beside.start()
    times: dict[int, list[float]] = {n: [] for n in candidates}
    begun = time.perf_counter()
    for _ in range(_ROUNDS):
        for n in candidates:
            set_threads(n)
            times[n] += [_time(G, ws) for _ in range(_RUNS)]
        if time.perf_counter() - begun > _BUDGET_S / 2:  # another round would be too much
            break
    stop.set()
    beside.join()
    return times


def _time(G: Generator, ws: torch.Tensor) -> float:
    begun = time.perf_counter()
    G.render(ws)
    return time.perf_counter() - begun


def _encode(encoder: Encoder, rgb: np.ndarray, pause_s: float, stop: threading.Event) -> None:
    while not stop.wait(pause_s):
        encoder.encode(rgb, quality=85, chroma="420")
