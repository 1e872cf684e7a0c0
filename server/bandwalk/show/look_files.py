"""The values of looks for the panel, which shows what differs from them; files are read beside the show."""

import json
from collections.abc import Callable
from pathlib import Path

from bandwalk.control import Store
from bandwalk.control.file_jobs import FileJob, FileThread
from bandwalk.errors import BandwalkError
from bandwalk.show.sheet_subjects import look_values


class LookFiles:
    """Reads looks.

    Args:
        store:  has the live parameters: what the model lacks is left out.
        folder: of presets.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._folder = store, folder
        self._files = FileThread()

    def ask(self, name: str, reply: Callable[[bytes | None], object]) -> None:
        """Call reply with a look's values by address, a JSON object; None: there is none. Never waits."""
        self._files.ask(FileJob(object(), lambda: reply(self._read(name)), lambda: reply(None)))

    def close(self) -> None:
        """Read no more looks."""
        self._files.close()

    def _read(self, name: str) -> bytes | None:
        try:
            return json.dumps(look_values(self._folder, name, self._store.rows())).encode()
        except BandwalkError:
            return None
