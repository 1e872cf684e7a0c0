"""What the machine offers to this process."""

import gc
import importlib.util
import os
import platform
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

WANTED_DESCRIPTORS = 8192
"""Open files and connections that are asked for; many systems begin a process with 1,024, macOS with 256."""

KEPT_DESCRIPTORS = 512
"""Of them those that no frame subscriber gets: panel and WebSockets (up to 256), files, sound, the process's own."""

_BEHIND = 10
"""Niceness of work beside the show: a tenth of a core where the show wants both."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def lower_priority() -> None:
    """Let the calling thread run behind the others, where the system can do that for one thread (Linux).

    For good: to come forward again takes privileges.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(_BEHIND, os.getpriority(os.PRIO_PROCESS, thread)))


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


def check_installed(package: str) -> None:
    """Check that a package is there, for those who import it later.

    Raises:
        ModuleNotFoundError: it is not.
    """
    if importlib.util.find_spec(package) is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)


def compiled_part(package: str, *names: str) -> ModuleType:
    """Return a compiled module of a package without importing the packages that it is in.

    Args:
        package: installed, such as "scipy".
        names:   the folders in it, and the module.

    Raises:
        ImportError: this version of the package has no such module, or it cannot be loaded by itself.
    """
    check_installed(package)
    top = importlib.util.find_spec(package)
    folders = [str(Path(each, *names[:-1])) for each in (top and top.submodule_search_locations) or ()]
    found = PathFinder.find_spec(names[-1], folders)
    if found is None or found.loader is None:
        raise ImportError(f"{package} has no {'.'.join(names)}")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


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


@contextmanager
def collector_waits() -> Iterator[None]:
    """Let no collection of garbage run in the body, and leave what exists at its end out of all later ones.

    A full collection looks at each object of all modules: in a show 100 to 150 ms, while no Python code runs.
    What is in use is still freed when nothing refers to it; only circles among what exists now stay.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
