"""What was measured of models, kept from one start to the next: small JSON files in the user's cache folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bandwalk.machine import whole_file

MAX_KEPT_BYTES = 2**20
"""Bytes of such a file that are read."""


def read_kept(path: Path) -> dict[str, Any]:
    """Read what is kept, by key; a missing or broken file counts as empty."""
    try:
        with path.open("rb") as file:
            known = json.loads(file.read(MAX_KEPT_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def write_kept(path: Path, known: dict[str, Any]) -> None:
    """Write the whole file or nothing.

    Raises:
        OSError: the folder cannot be created or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_text(json.dumps(known, indent=1), encoding="utf-8")
