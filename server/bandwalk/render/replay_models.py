"""The models of a session: their files are looked for by name and hash, in the folder of models and nowhere else."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bandwalk.errors import ParameterError
from bandwalk.generator import Generator, is_embedded
from bandwalk.generator.reading import bare_name, is_model_name
from bandwalk.params.settings import Settings
from bandwalk.params.values import Values
from bandwalk.pipeline.drawn_size import screen_for
from bandwalk.pipeline.models import ExtraFiles, load_model
from bandwalk.pipeline.session import Log
from bandwalk.pipeline.session.log import ModelName


class ReplayModels:
    """Loads the models of a session.

    Args:
        settings: ``--model`` may name the file of the first one; the others are in ``--models``.
        values:   that say at which size it is drawn.

    Raises:
        ParameterError: a file is missing, or all that are called so have other weights.
    """

    def __init__(self, log: Log, settings: Settings, values: Values) -> None:
        self._settings, self._values = settings, values
        self._first = ModelName(log.header.model, log.header.sha256)
        others = {event.said["m"] for event in log.events("b") if "m" in event.said}
        self._paths: Mapping[ModelName, str] = {name: self._find(name) for name in {self._first, *others}}

    def first(self) -> Generator:
        """Load the model that the session began with."""
        return self.load(self._first, self._values)

    def load(self, name: ModelName, values: Values) -> Generator:
        """Load a model that the session has.

        Raises:
            BandwalkError: it cannot be read, or the log has not said before that it comes.
        """
        if name not in self._paths:
            raise ParameterError(
                f"--replay: the log draws with {name.name[:80]} and never goes over to it; expected a session log"
            )
        draw, path = self._settings.draw, self._paths[name]
        extra = ExtraFiles.of(draw)
        if name != self._first:  # as a show does it
            extra = replace(extra, directions="", w="")
        screen = screen_for(path, self._values, is_chosen=True)
        return load_model(path, screen, device=draw.device, exact=draw.exact, extra=extra)

    def _find(self, name: ModelName) -> str:
        """Return what loads a model: its embedded name, or a path."""
        if is_embedded(name.name):
            return name.name
        folder, given = self._settings.folders.models, self._settings.draw.model
        named = [Path(given)] if name == self._first and not is_embedded(given) else []
        called = [path for path in _files(folder) if bare_name(path.name) == name.name]
        files = [path for path in (*named, *called) if path.is_file()]
        right = next((path for path in files if _hash(path) == name.sha256), None)
        if right is not None:
            return str(right)
        wanted = f"expected the model file {name.name[:80]} with the hash {name.sha256[:12]} in --models {folder}"
        found = f"{files[0]} has other weights" if files else f"{name.name[:80]} is missing"
        raise ParameterError(f"--replay: {found}; {wanted}")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if is_model_name(path.name))


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
