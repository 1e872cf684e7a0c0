"""Presets by name: the files of the user's folder, and the looks that ship with bandwalk.

A user's file takes the place of a shipped look of the same name. What one file holds: :mod:`.preset_file`.
"""

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bandwalk.control import safe_toml
from bandwalk.control.preset_file import MAX_DESCRIPTION, Look, load, to_text
from bandwalk.errors import ParameterError
from bandwalk.machine import whole_file
from bandwalk.params.row import Row, Value
from bandwalk.units import inside

__all__ = ["Look", "Preset", "load", "recall"]

SUFFIX = ".toml"
MAP_SUFFIX = ".midi.toml"
"""End of the name of a file that says which MIDI control moves what: no preset."""

SCENES_SUFFIX = ".scenes.toml"
"""End of the name of the file with the list of scenes: no preset either."""


SHIPPED = Path(__file__).parents[1] / "looks"
"""Where the looks are that ship with bandwalk."""

KEYS_SUFFIX = ".keys.toml"
"""End of the name of a file of keyframes: no preset either."""

_OTHERS = (MAP_SUFFIX, SCENES_SUFFIX, KEYS_SUFFIX)

MAX_SAVED = 1000
"""Most presets in the folder: a controller cannot save more."""

MAX_FOLDERS = 1
"""Most parts of a preset's name: NAME or SET/NAME."""

_HEAD_BYTES = 4096
"""Of a file's beginning, where its sentence stands."""


class Preset(NamedTuple):
    """One line of the list.

    description: one sentence; empty: none.
    is_own:      a file in the user's folder, which can be renamed and deleted.
    """

    name: str
    description: str
    is_own: bool


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
    path = _named(folder, name, suffix, "saving")
    if not path.exists() and sum(1 for _ in saved(folder, suffix)) >= MAX_SAVED:
        raise ParameterError(f"saving preset {name[:80]}: the folder has {MAX_SAVED} presets; expected fewer")
    return path


def list_presets(folder: Path) -> list[str]:
    """Return the names of all presets: the user's own in alphabetical order, then those that ship with bandwalk.

    Presets in a subfolder are named SET/NAME; deeper folders are ignored.
    """
    own = sorted(saved(folder))
    return own + sorted(set(saved(SHIPPED)) - set(own))


def describe_all(folder: Path) -> list[Preset]:
    """Return all presets with their sentences, in the order of :func:`list_presets`."""
    own = set(saved(folder))
    return [
        Preset(name, _sentence(folder if name in own else SHIPPED, name), name in own) for name in list_presets(folder)
    ]


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


def recall(folder: Path, name: str) -> Look:
    """Return what a preset holds, by its name: a file in the folder, or a look that ships with bandwalk.

    Raises:
        ParameterError: no such preset, or as :func:`load`.
    """
    try:
        for place in (folder, SHIPPED):
            path = find(place, name)
            if path.is_file():
                return load(path)
    except OSError as e:  # a name too long for a file, a folder that cannot be read
        raise ParameterError(f"preset = {name[:80]}: {e.strerror}; expected a preset that can be read") from e
    raise ParameterError(f"preset = {name}: no such preset; expected one of {', '.join(list_presets(folder))}")


def save(path: Path, values: Mapping[str, Value], rows: Mapping[str, Row]) -> None:
    """Write those values that are part of a look to a complete preset file, as :func:`write`.

    A file that it replaces leaves its sentence, and what it has of a newer version.

    Args:
        values: by address.
        rows:   of all of them.

    Raises:
        ParameterError: the file cannot be written.
    """
    before = _before(path)
    write(path, to_text(values, rows, description=before.description, unknown=before.unknown))


def delete(folder: Path, name: str) -> None:
    """Delete a preset of the user's.

    Raises:
        ParameterError: it ships with bandwalk, it does not exist, or it cannot be deleted.
    """
    path = _own(folder, name, "deleting")
    try:
        path.unlink()
    except OSError as e:
        raise ParameterError(f"deleting preset {name[:80]}: {e.strerror}; expected a folder to write to") from e


def rename(folder: Path, name: str, new: str) -> None:
    """Give a preset of the user's a new name.

    Raises:
        ParameterError: it ships with bandwalk, or does not exist; the new name is taken or not valid; or the folder
            cannot be written.
    """
    path, target = _own(folder, name, "renaming"), _named(folder, new, SUFFIX, "renaming")
    if os.path.lexists(target):
        raise ParameterError(f"renaming preset {name[:80]}: there is a preset {new[:80]}; expected an unused name")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    except OSError as e:
        raise ParameterError(f"renaming preset {name[:80]}: {e.strerror}; expected a folder to write to") from e


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


def _replace(path: Path, data: bytes) -> None:
    """Write data to a temporary file next to path, flush it to the disk, and rename it to path."""
    with whole_file(path) as part, part.open("xb") as file:  # not with tempfile: other users could not read the file
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _named(folder: Path, name: str, suffix: str, doing: str) -> Path:
    """Return the path of NAME or SET/NAME, which a controller may write.

    Raises:
        ParameterError: the name leads out of the folder, is too deep or hidden, or that of a file of another kind.
    """
    path = find(folder, name, suffix)
    parts = Path(name).parts
    if len(parts) > MAX_FOLDERS + 1 or any(part.startswith(".") for part in parts):
        raise ParameterError(f"{doing} preset {name[:80]}: expected NAME or SET/NAME")
    other = next((each for each in _OTHERS if each != suffix and path.name.endswith(each)), None)
    if other is not None:
        ending = other.removesuffix(SUFFIX)
        raise ParameterError(f"{doing} preset {name[:80]}: expected a name that does not end with {ending}")
    return path


def _own(folder: Path, name: str, doing: str) -> Path:
    """Return the file of one of the user's presets.

    Raises:
        ParameterError: it ships with bandwalk, or does not exist.
    """
    path = _named(folder, name, SUFFIX, doing)
    if path.is_file():
        return path
    if find(SHIPPED, name).is_file():
        raise ParameterError(f"{doing} preset {name[:80]}: it ships with bandwalk; expected one of your own")
    raise ParameterError(f"{doing} preset {name[:80]}: no such preset; expected one of your own")


def _before(path: Path) -> Look:
    """Return what a file holds that is about to be replaced; nothing if it is not there or is broken."""
    try:
        return load(path)
    except ParameterError:
        return Look({})


def _sentence(folder: Path, name: str) -> str:
    """Return the sentence of a preset, empty where there is none."""
    try:
        path = find(folder, name)
        stat = path.stat()
        return _read_sentence(path, stat.st_mtime_ns, stat.st_size) if path.is_file() else ""
    except (OSError, ParameterError):  # it went, cannot be read, or leads out of the folder
        return ""


@lru_cache(maxsize=2 * MAX_SAVED)
def _read_sentence(path: Path, mtime_ns: int, size: int) -> str:
    """Return the sentence at the head of a file; its time and size say whether it is still the same file."""
    with path.open("rb") as file:
        head = b"\n" + file.read(_HEAD_BYTES)
    try:
        text = safe_toml.parse(head.partition(b"\n[")[0]).get("description", "")
    except ParameterError:
        return ""
    return text if isinstance(text, str) and len(text) <= MAX_DESCRIPTION and text.isprintable() else ""
