"""What the machine offers to this process."""

import os
import platform
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WANTED_DESCRIPTORS = 8192
"""Open files and connections that are asked for; many systems begin a process with 1,024, macOS with 256."""

KEPT_DESCRIPTORS = 512
"""Of them those that no frame subscriber gets: panel and WebSockets (up to 256), files, sound, the process's own."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor_name() -> str:
    """Return the processor's name from Linux, else what Python knows of it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
            return next(names, "") or platform.processor() or platform.machine()
    except OSError:
        return platform.processor() or platform.machine()


def raise_descriptors() -> tuple[int, int]:
    """Let the process open more files and connections, as far as the system allows it.

    Returns:
        (before, now).
    """
    if sys.platform == "win32":  # no such limit
        return WANTED_DESCRIPTORS, WANTED_DESCRIPTORS
    import resource

    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_DESCRIPTORS if most == resource.RLIM_INFINITY else min(WANTED_DESCRIPTORS, most)
    if before != resource.RLIM_INFINITY and before < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
        except (OSError, ValueError):  # macOS allows less than it says
            return before, before
        return before, wanted
    return before, before if before != resource.RLIM_INFINITY else WANTED_DESCRIPTORS


def python_command(*args: str) -> list[str]:
    """Return the command that runs this program's Python without the present folder in its path."""
    return [sys.executable, "-P", *args]


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield the place of a new file that takes path's name when the body ends; if the body fails, path stays as it is.

    Raises:
        OSError: it cannot take the name.
    """
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        with suppress(OSError):  # it is there only where writing failed half way
            part.unlink()
