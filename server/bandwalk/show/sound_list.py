"""What can be heard, listed for menus: the demo, what the computer plays, inputs, lists and songs."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bandwalk.audio import ALL, LISTS, list_inputs, list_songs, song_length
from bandwalk.control import Controller
from bandwalk.control.file_jobs import Reply
from bandwalk.errors import AudioError, DeviceError
from bandwalk.show.survey import Surveyor
from bandwalk.show.survey.surveyor import Song, song_at
from bandwalk.show.threads import LatestWorker

MAX_LISTED = 200
"""Most songs that are listed: all answers fit into what waits for one client."""

MAX_KEPT = 5000
"""Lengths that are kept, by file and time of its last change."""

MAX_TOLD = 64
"""Controllers that are told of a tempo that is found later: those that asked last."""

ADDRESS, TEMPO = "/audio/name", "/audio/tempo"


class SoundList:
    """Answers /audio/list, on a thread of its own: a sound system may take long to answer.

    Args:
        folder: the music folder.
        answer: sends a controller one message.
    """

    def __init__(self, folder: Path, answer: Callable[[Controller, Reply], object]) -> None:
        self._folder, self._answer = folder, answer
        self._asked: dict[Controller, None] = {}
        self._told: dict[Controller, None] = {}
        self._lengths: dict[Song, float] = {}
        self.surveyor = Surveyor(self._tell_tempo)
        self._worker: LatestWorker[None] = LatestWorker("sounds", lambda _: self._work())

    def ask(self, controller: Controller) -> None:
        """Send the list to a controller, and tempi that are found later."""
        self._asked[controller] = None
        self._worker.ask(None)

    def renew(self) -> None:
        """Send the list again to all that have asked for it: a song has come to the folder. From any thread."""
        self._asked.update(dict(self._told))
        self._worker.ask(None)

    def close(self) -> None:
        """Find no more tempi."""
        self.surveyor.close()

    def _tell_tempo(self, path: Path, bpm: float) -> None:
        for controller in list(self._told):
            self._answer(controller, (TEMPO, path.relative_to(self._folder).as_posix(), bpm))

    def _work(self) -> None:
        asked, self._asked = list(self._asked), {}
        if not asked:
            return
        for controller in asked:
            self._told.pop(controller, None)
        self._told = dict.fromkeys([*self._told, *asked][-MAX_TOLD:])
        for reply in [*self._fixed(), *self._files()]:
            for controller in asked:
                self._answer(controller, reply)

    def _fixed(self) -> list[Reply]:
        """Return the demo and the inputs."""
        replies: list[Reply] = [(ADDRESS, "demo", "demo", "demo", 0.0, 0.0)]
        try:
            inputs = list_inputs()
        except DeviceError:
            return replies
        if any(device.is_computer for device in inputs):
            replies.append((ADDRESS, "live:computer", "computer", "what the computer plays", 0.0, 0.0))
        for device in inputs:
            if not device.is_computer:
                replies.append((ADDRESS, f"live:{device.key or device.name}", "input", device.name, 0.0, 0.0))
        return replies

    def _files(self) -> list[Reply]:
        """Return the lists and the songs of the music folder; no song that cannot be read."""
        lists, songs = (self._named(paths) for paths in (list_songs(self._folder, LISTS), list_songs(self._folder)))
        replies: list[Reply] = [(ADDRESS, name, "list", name, 0.0, 0.0) for name, _ in lists[:MAX_LISTED]]
        if songs:
            replies.insert(0, (ADDRESS, ALL, "list", "all songs", 0.0, 0.0))
        for name, path in songs[:MAX_LISTED]:
            with suppress(OSError, AudioError):
                song = song_at(path)
                length = self._length(song)
                replies.append((ADDRESS, name, "song", path.stem, length, self.surveyor.tempo(song)))
        return replies[: MAX_LISTED + 1]

    def _named(self, paths: list[Path]) -> list[tuple[str, Path]]:
        return [(path.relative_to(self._folder).as_posix(), path) for path in paths]

    def _length(self, song: Song) -> float:
        """Return a song's length, seconds, 0 if its header does not say.

        Raises:
            AudioError: it cannot be read.
        """
        if song not in self._lengths:
            if len(self._lengths) >= MAX_KEPT:
                self._lengths.clear()
            self._lengths[song] = song_length(song.path)
        return self._lengths[song]
