"""How much memory drawing with a model takes, computed from sizes before the memory is allocated.

A small file can describe a huge picture: the sizes in a file decide how large its maps are, not its weights. The
largest published network, StyleGAN3-R at 1024 pixels, has 2.7 billion samples in all maps, and 0.73 in the largest.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from bandwalk.errors import CheckpointError

MAX_MAP = 10**9
"""Samples in one map, all channels together."""

MAX_MAPS = 4 * 10**9
"""Samples in all maps of a picture."""

_AT_ONCE = 3  # maps of the largest size that exist at once while a layer is drawn
_SAMPLE = 4  # bytes
_CGROUP = Path("/sys/fs/cgroup")


def check_cost(name: str, maps: Iterable[int], device: torch.device) -> None:
    """Refuse a model that takes more memory than any published network, or than is free here.

    Args:
        name:   Of the model.
        maps:   Samples in each map of a picture.
        device: Where it draws; on a GPU, torch reports when the memory is full.

    Raises:
        CheckpointError: its maps are too large.
    """
    sizes = list(maps)
    largest, total = max(sizes, default=0), sum(sizes)
    if largest > MAX_MAP or total > MAX_MAPS:
        raise CheckpointError(
            f"model {name}: a picture goes through {total / 1e9:.1f} billion samples, {largest / 1e9:.1f} in one map;"
            f" expected at most {MAX_MAPS / 1e9:g} and {MAX_MAP / 1e9:g}, as the largest published networks have"
        )
    needed, free = _AT_ONCE * largest * _SAMPLE, free_memory()
    if device.type == "cpu" and free is not None and needed > free:
        raise CheckpointError(
            f"model {name}: drawing takes about {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free"
        )


def doubled(constant: Sequence[int], maps: Iterable[tuple[int, int]]) -> list[int]:
    """Return the samples in each map.

    Args:
        constant: Shape of the constant [..., h, w].
        maps:     Channels of each map, and how many times the constant is doubled for it.
    """
    height, width = constant[-2:]
    return [channels * (height << times) * (width << times) for channels, times in maps]


def free_memory() -> int | None:
    """Return the bytes that this process may still allocate; None if the system does not say."""
    found = [bytes_ for bytes_ in (_free_of_machine(), _free_of_process(), _free_of_group()) if bytes_ is not None]
    return min(found, default=None)


def _free_of_machine() -> int | None:
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _free_of_process() -> int | None:
    """Return the rest of the process's limit on address space."""
    if sys.platform == "win32":
        return None
    import resource  # does not exist on Windows

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    pages = _lines(Path("/proc/self/statm"))
    if limit == resource.RLIM_INFINITY or not pages:
        return None
    return max(0, limit - int(pages[0].split()[0]) * resource.getpagesize())


def _free_of_group() -> int | None:
    """Return the rest of a container's limit."""
    limit, used = (_lines(_CGROUP / f"memory.{name}") for name in ("max", "current"))
    if not limit or not used or not limit[0].isdigit():
        return None
    return max(0, int(limit[0]) - int(used[0]))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
