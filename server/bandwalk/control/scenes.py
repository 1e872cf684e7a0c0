"""The scenes of a show: an ordered list of presets, kept as a file in the presets folder.

scene = [
    { preset = "tide" },
    { preset = "neon", model = "faces.pkl", at = 61.5 },
]
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from bandwalk.control import presets, safe_toml
from bandwalk.errors import ParameterError
from bandwalk.params.row import MAX_TEXT

FILE = f"show{presets.SCENES_SUFFIX}"
"""Name of the list's file."""

MAX_SCENES = 256

MAX_AT_S = 1e6
"""Latest second of a song."""

_DIGITS = 3
"""Most digits of a place."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A preset.

    model: that it is drawn with; empty: the one that draws already.
    at:    second of the song at which it lands in a clip; None: the file does not say. A show does not look at it.
    """

    preset: str
    model: str = ""
    at: float | None = None

    def entry(self) -> dict[str, str | float]:
        """Return what the file says of it."""
        found: dict[str, str | float] = {"preset": self.preset}
        found |= {"model": self.model} if self.model else {}
        return found | ({"at": self.at} if self.at is not None else {})


class SceneList:
    """The scenes in their order; places count from 1. Changed by one thread, read by any.

    A file that cannot be read is left as it is: the list is empty, and is not changed before it is mended.

    Args:
        folder: of the presets.

    Attributes:
        scenes: replaced, never changed.
        fault:  why the file cannot be read; empty: it can.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self.scenes: tuple[Scene, ...] = ()
        self.fault = ""
        self.read()

    def read(self) -> None:
        """Read the file."""
        try:
            self.scenes, self.fault = load(self._path), ""
        except ParameterError as e:
            self.scenes, self.fault = (), str(e)

    def add(self, scene: Scene) -> None:
        """Put a scene at the end.

        Raises:
            ParameterError: there are too many, or the list cannot be written.
        """
        if len(self.scenes) >= MAX_SCENES:
            raise ParameterError(f"/scene/add {scene.preset}: {MAX_SCENES} scenes; expected fewer")
        self._write((*self.scenes, scene))

    def remove(self, place: int) -> None:
        """Remove the scene at a place.

        Raises:
            ParameterError: there is none, or the list cannot be written.
        """
        self._check("/scene/remove", place)
        self._write(self.scenes[: place - 1] + self.scenes[place:])

    def move(self, place: int, to: int) -> None:
        """Move a scene to another place; the others keep their order.

        Raises:
            ParameterError: there is no such place, or the list cannot be written.
        """
        self._check("/scene/move", place)
        self._check("/scene/move", to)
        left = [*self.scenes]
        left.insert(to - 1, left.pop(place - 1))
        self._write(tuple(left))

    def find(self, name: str) -> int:
        """Return the place of the scene with this preset, or of this number as text; 0: there is none."""
        place = int(name) if name.isdecimal() and len(name) <= _DIGITS else 0
        return self.find_preset(name) or (place if place <= len(self.scenes) else 0)

    def find_preset(self, name: str) -> int:
        """Return the first place of a preset; 0: it is in no scene."""
        return next((place for place, scene in enumerate(self.scenes, 1) if scene.preset == name), 0)

    def _check(self, address: str, place: int) -> None:
        if not 1 <= place <= len(self.scenes):
            raise ParameterError(f"{address} {place}: expected a place in 1..{len(self.scenes)}")

    def _write(self, scenes: Sequence[Scene]) -> None:
        if self.fault:
            raise ParameterError(f"{self.fault}; the list is not changed before that")
        text = tomli_w.dumps({"scene": [each.entry() for each in scenes]})
        if len(text.encode()) > safe_toml.MAX_BYTES:
            raise ParameterError(f"{self._path.name}: more than {safe_toml.MAX_BYTES} bytes; expected shorter names")
        presets.write(self._path, text)
        self.scenes = tuple(scenes)


def load(path: Path) -> tuple[Scene, ...]:
    """Return the scenes of a file; none where there is no file.

    Raises:
        ParameterError: it cannot be read, is no list of scenes, or has too many.
    """
    try:
        with path.open("rb") as file:
            doc = safe_toml.parse(file.read(safe_toml.MAX_BYTES + 1))
        return _parse(doc)
    except FileNotFoundError:
        return ()
    except OSError as e:
        raise ParameterError(f"scenes {path}: {e.strerror}; expected a file that can be read") from e
    except ParameterError as e:
        raise ParameterError(f"scenes {path}: {e}") from e


def load_some(path: Path) -> tuple[Scene, ...]:
    """Return the scenes of a file that has to be there.

    Raises:
        ParameterError: as :func:`load`, or it is not there or has none.
    """
    scenes = load(path)
    if not scenes:
        raise ParameterError(f"scenes {path}: {'no scenes' if path.exists() else 'no such file'}; expected some")
    return scenes


def _parse(doc: dict[str, Any]) -> tuple[Scene, ...]:
    entries = doc.get("scene", [])
    if not isinstance(entries, list) or len(entries) > MAX_SCENES:
        raise ParameterError(f"expected a list of scenes, at most {MAX_SCENES}")
    return tuple(_parse_scene(place, entry) for place, entry in enumerate(entries, 1))


def _parse_scene(place: int, entry: object) -> Scene:
    fields = entry if isinstance(entry, dict) else {}
    preset, model = fields.get("preset"), fields.get("model", "")
    if not preset or not all(isinstance(text, str) and len(text) <= MAX_TEXT for text in (preset, model)):
        raise ParameterError(f'scene {place}: expected preset = "NAME", and if wanted model = "NAME"')
    return Scene(str(preset), str(model), _parse_at(place, fields.get("at")))


def _parse_at(place: int, at: object) -> float | None:
    if at is None:
        return None
    if isinstance(at, bool) or not isinstance(at, int | float) or not math.isfinite(at) or not 0 <= at <= MAX_AT_S:
        raise ParameterError(f"scene {place}: at = {str(at)[:40]}: expected a second of the song, 0..{MAX_AT_S:g}")
    return float(at)
