"""The values of looks for the panel, which shows what differs from them; files are read beside the show."""

import json
from pathlib import Path

from bandwalk.control import Store
from bandwalk.errors import BandwalkError
from bandwalk.show.file_answers import FileAnswers
from bandwalk.show.sheet_subjects import look_values


class LookFiles(FileAnswers):
    """Reads looks.

    Args:
        store:  has the live parameters: what the model lacks is left out.
        folder: of presets.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__()
        self._store, self._folder = store, folder

    def _read(self, name: str) -> bytes | None:
        try:
            return json.dumps(look_values(self._folder, name, self._store.rows())).encode()
        except BandwalkError:
            return None
