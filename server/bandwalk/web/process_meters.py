"""What the system says about this process, by the names that Prometheus' clients use."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_STATM, _DESCRIPTORS = Path("/proc/self/statm"), Path("/proc/self/fd")

_BEGUN = time.time()


def process_meters() -> Iterator[tuple[str, str, str, float]]:
    """Yield (name, kind, description, value); memory and descriptors only where /proc has them."""
    times = os.times()
    yield "process_cpu_seconds_total", "counter", "Time of all cores together.", times.user + times.system
    yield "process_start_time_seconds", "gauge", "Unix time at which the process began.", _BEGUN
    yield "process_threads", "gauge", "Threads that Python knows.", threading.active_count()
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
        size = os.sysconf("SC_PAGE_SIZE")
        descriptors = len(os.listdir(_DESCRIPTORS))
    except (OSError, AttributeError, ValueError):
        return
    yield "process_resident_memory_bytes", "gauge", "Memory in use.", pages * size
    yield "process_open_fds", "gauge", "Open files and connections.", descriptors
