"""Networks that were converted for OpenVINO, kept on disk: whole, checked, of a bounded number and size.

A network is a folder, named by all that it depends on: the model file, the size, the versions, and the code that draws.
It holds OpenVINO's own two files, which are text and numbers and execute nothing, and their checksums. What is damaged
is as if it were not there, and what has another name stays as it is.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import os
import re
import secrets
import shutil
import time
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from bandwalk.generator.engines import import_openvino
from bandwalk.generator.kept import read_kept, write_kept

MAX_NETWORKS, MAX_BYTES = 12, 2**31
"""Networks that are kept; those that were used last."""

_XML, _BIN, _SUMS = "network.xml", "network.bin", "sums.json"
_NAME = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"\.[0-9a-f]{16}\.part")
_OLD_PART_S = 3600.0  # what is half written for so long has no writer any more

logger = logging.getLogger(__name__)


class FromFile(Protocol):
    """The part of a model that is used here."""

    sha256: str
    width: int
    height: int
    files: tuple[str, ...]


class NetworkFiles:
    """The networks in a folder, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, G: FromFile) -> Path:
        """Return where the network of a model is, or would be."""
        versions = [f"{part} {importlib.metadata.version(part)}" for part in ("openvino", "torch")]
        parts = [G.sha256, f"{G.width}x{G.height}", *map(_state, G.files[1:]), *versions, _code()]
        return self.folder / hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()

    def read(self, path: Path) -> Any:
        """Return a network of OpenVINO; None: there is none that is whole."""
        sums = read_kept(path / _SUMS)
        try:
            if not sums or sums != _sums(path):
                return None
            os.utime(path / _SUMS)
            return import_openvino().Core().read_model(path / _XML)
        except (OSError, RuntimeError) as e:  # of another version, whatever its name says
            logger.debug("reading the network %s: %s", path, e)
            return None

    def write(self, path: Path, network: Any) -> None:
        """Write a network, all of it or nothing, and remove what is too much.

        Raises:
            OSError: the folder cannot be written.
        """
        part = self.folder / f".{secrets.token_hex(8)}.part"
        try:
            part.mkdir(parents=True)
            import_openvino().save_model(network, part / _XML, compress_to_fp16=False)
            write_kept(part / _SUMS, _sums(part))
            shutil.rmtree(path, ignore_errors=True)  # it is damaged
            part.rename(path)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        self._tidy(path)

    def _tidy(self, newest: Path) -> None:
        """Remove the networks that were not used for longest, and what nobody finished."""
        found = list(self.folder.iterdir())
        for part in found:
            if _PART.fullmatch(part.name) and time.time() - _used(part) > _OLD_PART_S:
                shutil.rmtree(part, ignore_errors=True)
        networks = [each for each in found if _NAME.fullmatch(each.name) and each != newest]
        left = MAX_BYTES - _bytes(newest)
        for n, each in enumerate(sorted(networks, key=lambda each: -_used(each / _SUMS)), start=1):
            left -= _bytes(each)
            if left < 0 or n >= MAX_NETWORKS:
                shutil.rmtree(each, ignore_errors=True)


def _sums(path: Path) -> dict[str, str]:
    sums = {}
    for name in (_XML, _BIN):
        with (path / name).open("rb") as file:
            sums[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return sums


def _state(path: str) -> str:
    """Name a file as it is now, without reading it."""
    stat = Path(path).stat()
    return f"{path} {stat.st_size} {stat.st_mtime_ns}"


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _bytes(path: Path) -> int:
    return sum(each.stat().st_size for each in path.glob("*") if each.is_file())


@cache
def _code() -> str:
    """Name the code that draws model files: networks of any other code are not its own."""
    folder = Path(__file__).parent
    code = hashlib.sha256(importlib.metadata.version("bandwalk").encode())
    for path in sorted(folder.rglob("*.py")):
        code.update(path.read_bytes())
    return code.hexdigest()
