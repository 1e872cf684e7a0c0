"""A model's network for OpenVINO: read from disk, or converted first by a process of its own.

Reading holds Python's lock for no longer than a few milliseconds, converting for a tenth of a second at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

from bandwalk.errors import WorkError
from bandwalk.generator.convert_child import Order
from bandwalk.generator.engines import Replaceable
from bandwalk.generator.network_files import NetworkFiles
from bandwalk.generator.precision import decisions
from bandwalk.machine import python_command

FOLDER = "networks"
"""In the folder of what is kept."""

MAX_WALL_S = 900.0
"""Longest time for a conversion: it stands behind all others, and seconds may become minutes."""

_LOOK_S = 0.1
_NICE = 10


def network_of(G: Replaceable, kept: Path, is_given_up: Callable[[], bool] = lambda: False) -> Any:
    """Return a model's network.

    Args:
        G:           The model.
        kept:        Folder of what is kept.
        is_given_up: Asked ten times a second; when it says so, the process is ended.

    Returns:
        The network of OpenVINO; None: it was given up.

    Raises:
        WorkError: it cannot be converted, or not be kept.
    """
    files = NetworkFiles(kept / FOLDER)
    try:
        path = files.path(G)
        network = files.read(path)
        if network is None:
            files.folder.mkdir(parents=True, exist_ok=True)  # before work that would be lost
            answer = _convert(G, files.folder, is_given_up)
            if answer is None:
                return None
            network = None if answer else files.read(path)
            if network is None:
                raise WorkError(f"converting {G.name} for OpenVINO: {answer or 'it cannot be read back'}")
    except OSError as e:
        raise WorkError(f"converting {G.name} for OpenVINO: {e.filename}: {e.strerror}") from e
    return network


def _convert(G: Replaceable, folder: Path, is_given_up: Callable[[], bool]) -> str | None:
    """Convert a model in a process of its own; return what went wrong; None: it was given up."""
    screen = None if G.screen is None else astuple(G.screen)
    decided = tuple((sha256, way, is_better) for (sha256, way), is_better in decisions().items() if sha256 == G.sha256)
    order = Order(G.files, G.sha256, screen, decided, str(folder))
    process = subprocess.Popen(
        python_command("-m", "bandwalk.generator.convert_child", order.packed()),
        stdin=subprocess.PIPE,  # closed with this process, however that ends
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        creationflags=getattr(subprocess, "IDLE_PRIORITY_CLASS", 0),  # of Windows
    )
    try:
        _step_back(process.pid)
        return _answer(process, is_given_up)
    finally:
        process.kill()
        process.communicate()


def _step_back(pid: int) -> None:
    if sys.platform != "win32":
        with suppress(OSError):  # it has ended
            os.setpriority(os.PRIO_PROCESS, pid, max(_NICE, os.getpriority(os.PRIO_PROCESS, pid)))


def _answer(process: subprocess.Popen[str], is_given_up: Callable[[], bool]) -> str | None:
    """Wait for a process's answer; it writes less than a pipe holds."""
    latest = time.monotonic() + MAX_WALL_S
    while not _has_ended(process):
        if is_given_up():
            return None
        if time.monotonic() > latest:
            return f"not done after {MAX_WALL_S:.0f} s"
    assert process.stdout is not None
    try:
        return str(json.loads(process.stdout.readline()))
    except ValueError:
        return f"its process ended with code {process.returncode}"


def _has_ended(process: subprocess.Popen[str]) -> bool:
    """Wait a moment for a process; return whether it has ended."""
    try:
        process.wait(_LOOK_S)
    except subprocess.TimeoutExpired:
        return False
    return True
