"""Waiting for what no event tells."""

import time
from collections.abc import Callable

DEADLINE_S = 60.0


def wait_until(is_done: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Return as soon as is_done() holds."""
    end = time.monotonic() + deadline_s
    while not is_done():
        assert time.monotonic() < end, f"waited {deadline_s} s for {what}"
        time.sleep(0.002)
