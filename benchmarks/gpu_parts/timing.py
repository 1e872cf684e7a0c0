"""Times of pictures, as a show waits for them: from the call to the bytes in the host's memory."""

import time
from collections.abc import Callable

import numpy as np

from bandwalk.generator import cuda

FRAMES, SHORT_FRAMES = 120, 4
MAX_S = 5.0
"""Longest time for the pictures of one row."""

RESTED = cuda._RESTED + 2
"""Pictures after which a graph is used."""


def warm_up(device: str) -> int:
    """Return after how many pictures a show draws as fast as it will."""
    return RESTED if device.startswith("cuda") else 1


def timed(draw: Callable[[int], object], *, is_short: bool, before: int = 1) -> tuple[float, float]:
    """Return median and 99th percentile of draw(k), milliseconds, after some that are not counted."""
    for k in range(before):
        draw(k)
    times: list[float] = []
    end = time.perf_counter() + MAX_S
    while len(times) < (SHORT_FRAMES if is_short else FRAMES) and (not times or time.perf_counter() < end):
        begun = time.perf_counter()
        draw(before + len(times))
        times.append(1e3 * (time.perf_counter() - begun))
    return float(np.median(times)), float(np.percentile(times, 99))
