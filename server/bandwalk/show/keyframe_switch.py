"""Reads keyframes again whenever a controller names a file; the walks never wait for the disk."""

import logging
from collections.abc import Callable
from pathlib import Path

from bandwalk.control import Store
from bandwalk.errors import ParameterError
from bandwalk.params.row import Value
from bandwalk.params.values import text
from bandwalk.pipeline import keyframe_files
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.show.threads import LatestWorker
from bandwalk.walk import Keyframes

logger = logging.getLogger(__name__)


class KeyframeSwitch:
    """Follows /walk/{band}/keyframes. A walk whose file cannot be used rests, and the controller is told in a line.

    Args:
        report: called with (controller, address, reason).
    """

    def __init__(
        self, store: Store, folder: Path, pipeline: Pipeline, report: Callable[[object, str, str], None]
    ) -> None:
        self._store = store
        self._folder = folder
        self._pipeline = pipeline
        self._report = report
        self._worker = LatestWorker("keyframes", self._read)

    def follow(self, address: str, value: Value, controller: object) -> None:
        """Read what the rows now name: a listener of the store."""
        if address in keyframe_files.ROWS and value:
            self._worker.ask(controller)

    def follow_model(self) -> None:
        """Read what the rows name, for a model that draws from now on."""
        self._worker.ask(self)

    def _read(self, controller: object) -> None:
        """Read all files that are named: one that was changed since is read again."""
        found: dict[str, Keyframes] = {}
        for address in keyframe_files.ROWS:
            name = text(self._store.values, address)
            try:
                if name:
                    read = {name: keyframe_files.load(self._folder, name)}
                    for note in keyframe_files.check_keyframes(self._pipeline.scene.G, read):
                        self._tell(controller, address, note)
                    found |= read
            except ParameterError as e:
                self._tell(controller, address, f"{e}; the walk rests")
        self._pipeline.keyframes = found

    def _tell(self, controller: object, address: str, line: str) -> None:
        if controller is self:  # another model asks
            logger.warning(line)
        else:
            self._report(controller, address, line)
