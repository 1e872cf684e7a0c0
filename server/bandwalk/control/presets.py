"""Presets: the live parameters as a readable TOML file, grouped as their addresses are.

    [walk.low]
    kind = "orbit"
    max_step = 10.0

A preset may name only some parameters; the others stay as they are. ``page`` and ``code`` need no file: they are
the two published tables of the styles that each band drives. A user's file of that name takes their place.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomli_w

from bandwalk.control import safe_toml
from bandwalk.control.store import parse_live
from bandwalk.errors import ParameterError
from bandwalk.machine import whole_file
from bandwalk.params.row import Value
from bandwalk.params.strips import MIX_TABLES
from bandwalk.units import inside

SUFFIX = ".toml"
MAP_SUFFIX = ".midi.toml"
"""End of the name of a file that says which MIDI control moves what: no preset."""

SCENES_SUFFIX = ".scenes.toml"
"""End of the name of the file with the list of scenes: no preset either."""

_OTHERS = (MAP_SUFFIX, SCENES_SUFFIX)

MAX_SAVED = 1000
"""Most presets in the folder: a controller cannot save more."""

MAX_FOLDERS = 1
"""Most parts of a preset's name: NAME or SET/NAME."""

_MAX_DEPTH = 8


def find(folder: Path, name: str, suffix: str = SUFFIX) -> Path:
    """Return the path of a preset, or of a file of another kind, inside the folder; the file need not exist.

    Raises:
        ParameterError: the name leads out of the folder.
    """
    return inside(folder, name.removesuffix(suffix) + suffix)


def find_room(folder: Path, name: str, suffix: str = SUFFIX) -> Path:
    """Return the path at which a controller may save a preset: NAME or SET/NAME, if there are not too many.

    Raises:
        ParameterError: the name leads out of the folder, is too deep or hidden, is that of a file of another kind, or
            there are too many presets.
    """
    path = find(folder, name, suffix)
    parts = Path(name).parts
    if len(parts) > MAX_FOLDERS + 1 or any(part.startswith(".") for part in parts):
        raise ParameterError(f"saving preset {name[:80]}: expected NAME or SET/NAME")
    other = next((each for each in _OTHERS if each != suffix and path.name.endswith(each)), None)
    if other is not None:
        ending = other.removesuffix(SUFFIX)
        raise ParameterError(f"saving preset {name[:80]}: expected a name that does not end with {ending}")
    if not path.exists() and sum(1 for _ in saved(folder, suffix)) >= MAX_SAVED:
        raise ParameterError(f"saving preset {name[:80]}: the folder has {MAX_SAVED} presets; expected fewer")
    return path


def list_presets(folder: Path) -> list[str]:
    """Return the names of all presets in alphabetical order, including those that ship with bandwalk.

    Presets in a subfolder are named SET/NAME; deeper folders are ignored.
    """
    return sorted({*saved(folder), *MIX_TABLES})


def saved(folder: Path, suffix: str = SUFFIX, depth: int = MAX_FOLDERS, prefix: str = "") -> Iterator[str]:
    """Yield the names of the presets, or maps, in a folder and its subfolders, without hidden ones."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError:  # missing, or not readable
        return
    for entry in found:
        if entry.name.endswith(suffix):
            if suffix in _OTHERS or not entry.name.endswith(_OTHERS):
                yield prefix + entry.name.removesuffix(suffix)
        elif depth and entry.is_dir():
            yield from saved(Path(entry.path), suffix, depth - 1, f"{prefix}{entry.name}/")


def recall(folder: Path, name: str) -> dict[str, Value]:
    """Return the values of a preset by its name: a file in the folder, or one that ships with bandwalk.

    Raises:
        ParameterError: no such preset, or as :func:`load`.
    """
    path = find(folder, name)
    try:
        if path.is_file():
            return load(path)
        shipped = MIX_TABLES.get(name.removesuffix(SUFFIX))
        if shipped is None:
            raise ParameterError(f"preset = {name}: no such preset; expected one of {', '.join(list_presets(folder))}")
    except OSError as e:  # a name too long for a file, a folder that cannot be read
        raise ParameterError(f"preset = {name[:80]}: {e.strerror}; expected a preset that can be read") from e
    return dict(shipped)


def save(path: Path, values: Mapping[str, Value]) -> None:
    """Write values, by address, to a preset file; at any moment either the old or the complete new file exists.

    Raises:
        ParameterError: the file cannot be written.
    """
    write(path, tomli_w.dumps(_to_tables(values)))


def write(path: Path, text: str) -> None:
    """Write a text to a file of the folder; at any moment either the old or the complete new file exists.

    Raises:
        ParameterError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text.encode())
    except OSError as e:
        raise ParameterError(f"saving preset {path}: {e.strerror}; expected a folder that can be written") from e


def load(path: Path) -> dict[str, Value]:
    """Return the values in a preset file, by address, each checked by its row.

    Raises:
        ParameterError: the file cannot be read, is not TOML, is larger than 64 KB, names an unknown parameter, or
            has a value that the parameter's row refuses.
    """
    try:
        with path.open("rb") as file:
            doc = safe_toml.parse(file.read(safe_toml.MAX_BYTES + 1))
        return {address: parse_live(address, value, clamp=False) for address, value in _to_addresses(doc)}
    except OSError as e:
        raise ParameterError(f"preset {path}: {e.strerror}; expected a file that can be read") from e
    except ParameterError as e:
        raise ParameterError(f"preset {path}: {e}") from e


def _replace(path: Path, data: bytes) -> None:
    """Write data to a temporary file next to path, flush it to the disk, and rename it to path."""
    with whole_file(path) as part, part.open("xb") as file:  # not with tempfile: other users could not read the file
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _to_tables(values: Mapping[str, Value]) -> dict[str, Any]:
    """Return {"walk": {"low": {"gain": 1.0}}} for {"/walk/low/gain": 1.0}, in the same order."""
    doc: dict[str, Any] = {}
    for address, value in values.items():
        *groups, name = address.strip("/").split("/")
        table = doc
        for group in groups:
            table = table.setdefault(group, {})
        table[name] = value
    return doc


def _to_addresses(doc: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    if depth > _MAX_DEPTH:
        raise ParameterError(f"{prefix}: nested deeper than any parameter")
    for name, value in doc.items():
        address = f"{prefix}/{name}"
        if isinstance(value, dict):
            yield from _to_addresses(value, address, depth + 1)
        else:
            yield address, value
