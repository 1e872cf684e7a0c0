"""Which engine draws a model fastest on this machine: kept after it was measured."""

from __future__ import annotations

import importlib.metadata
import logging
import platform
from pathlib import Path
from typing import Protocol

from bandwalk.generator.kept import read_kept, write_kept
from bandwalk.machine import cores, processor_name

_FILE = "engines.json"
_MAX_CHOICES = 256  # kept; the oldest go first
_PARTS = ("torch", "openvino")

logger = logging.getLogger(__name__)


class Sized(Protocol):
    """The part of a model that is used here."""

    sha256: str
    width: int
    height: int


def known_choice(G: Sized, threads: int, folder: Path) -> str:
    """Return the engine that was fastest for a model of this size on this machine; empty: not measured yet."""
    chosen = read_kept(folder / _FILE).get(_key(G, threads))
    return chosen if chosen in _PARTS else ""


def keep_choice(G: Sized, threads: int, folder: Path, engine: str) -> None:
    """Keep the fastest engine; a folder that cannot be written is logged."""
    path = folder / _FILE
    known = read_kept(path) | {_key(G, threads): engine}
    try:
        write_kept(path, dict(list(known.items())[-_MAX_CHOICES:]))
    except OSError as e:
        logger.warning("keeping the engine in %s: %s; it will be measured at each start", path, e.strerror)


def _key(G: Sized, threads: int) -> str:
    """Name all that the choice depends on: weights, size, machine, threads, versions."""
    machine = f"{processor_name()}, {platform.machine()}, {threads} of {cores()} cores"
    return f"{G.sha256} {G.width}x{G.height} on {machine}, {', '.join(map(_version, _PARTS))}"


def _version(part: str) -> str:
    try:
        return f"{part} {importlib.metadata.version(part)}"
    except importlib.metadata.PackageNotFoundError:
        return f"no {part}"
