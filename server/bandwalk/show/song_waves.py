"""The wave of the song that plays, for the panel: found behind the show, and shown as it grows."""

import json
from collections.abc import Callable

from bandwalk.control.file_jobs import FileJob, FileThread
from bandwalk.show.player import Player
from bandwalk.show.survey import Surveyor
from bandwalk.show.survey.surveyor import song_at


class SongWaves:
    """Answers requests for waves.

    Args:
        player:   only the song that plays has one: nobody can ask for work on other files.
        surveyor: finds it.
    """

    def __init__(self, player: Player, surveyor: Surveyor) -> None:
        self._player, self._surveyor = player, surveyor
        self._files = FileThread()

    def ask(self, name: str, reply: Callable[[bytes | None], object]) -> None:
        """Call reply with the wave of the song of this name, a JSON object; None: it does not play. Never waits."""
        self._files.ask(FileJob(object(), lambda: reply(self._read(name)), lambda: reply(None)))

    def close(self) -> None:
        """Answer no more."""
        self._files.close()

    def _read(self, name: str) -> bytes | None:
        path = self._player.path
        if path is None or name != self._player.song:
            return None
        try:
            return json.dumps(self._surveyor.wave(song_at(path)), separators=(",", ":")).encode()
        except OSError:
            return None
