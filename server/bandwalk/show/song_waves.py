"""The wave of the song that plays, for the panel: found behind the show, and shown as it grows."""

import json

from bandwalk.show.file_answers import FileAnswers
from bandwalk.show.player import Player
from bandwalk.show.survey import Surveyor
from bandwalk.show.survey.surveyor import song_at


class SongWaves(FileAnswers):
    """Answers requests for waves.

    Args:
        player:   only the song that plays has one: nobody can ask for work on other files.
        surveyor: finds it.
    """

    def __init__(self, player: Player, surveyor: Surveyor) -> None:
        super().__init__()
        self._player, self._surveyor = player, surveyor

    def _read(self, name: str) -> bytes | None:
        path = self._player.path
        if path is None or name != self._player.song:
            return None
        try:
            return json.dumps(self._surveyor.wave(song_at(path)), separators=(",", ":")).encode()
        except OSError:
            return None
