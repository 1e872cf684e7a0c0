"""What can be heard, listed for menus: the demo, what the computer plays, inputs, lists and songs."""

from collections.abc import Callable
from pathlib import Path

from bandwalk.audio import ALL, LISTS, list_inputs, list_songs, song_length
from bandwalk.control import Controller
from bandwalk.control.file_jobs import Reply
from bandwalk.errors import AudioError, DeviceError
from bandwalk.show.threads import LatestWorker

MAX_LISTED = 200
"""Most songs that are listed: all answers fit into what waits for one client."""

MAX_KEPT = 5000
"""Lengths that are kept, by file and time of its last change."""

ADDRESS = "/audio/name"


class SoundList:
    """Answers /audio/list, on a thread of its own: a sound system may take long to answer.

    Args:
        folder: the music folder.
        answer: sends a controller one message.
    """

    def __init__(self, folder: Path, answer: Callable[[Controller, Reply], object]) -> None:
        self._folder, self._answer = folder, answer
        self._asked: dict[Controller, None] = {}
        self._lengths: dict[tuple[Path, int, int], float] = {}
        self._worker: LatestWorker[None] = LatestWorker("sounds", lambda _: self._work())

    def ask(self, controller: Controller) -> None:
        """Send the list to a controller."""
        self._asked[controller] = None
        self._worker.ask(None)

    def _work(self) -> None:
        asked, self._asked = list(self._asked), {}
        if not asked:
            return
        for reply in [*self._fixed(), *self._files()]:
            for controller in asked:
                self._answer(controller, reply)

    def _fixed(self) -> list[Reply]:
        """Return the demo and the inputs."""
        replies: list[Reply] = [(ADDRESS, "demo", "demo", "demo", 0.0)]
        try:
            inputs = list_inputs()
        except DeviceError:
            return replies
        if any(device.is_computer for device in inputs):
            replies.append((ADDRESS, "live:computer", "computer", "what the computer plays", 0.0))
        for device in inputs:
            if not device.is_computer:
                replies.append((ADDRESS, f"live:{device.key or device.name}", "input", device.name, 0.0))
        return replies

    def _files(self) -> list[Reply]:
        """Return the lists and the songs of the music folder; no song that cannot be read."""
        lists, songs = (self._named(paths) for paths in (list_songs(self._folder, LISTS), list_songs(self._folder)))
        replies: list[Reply] = [(ADDRESS, name, "list", name, 0.0) for name, _ in lists[:MAX_LISTED]]
        if songs:
            replies.insert(0, (ADDRESS, ALL, "list", "all songs", 0.0))
        for name, path in songs[:MAX_LISTED]:
            length = self._length(path)
            if length is not None:
                replies.append((ADDRESS, name, "song", path.stem, length))
        return replies[: MAX_LISTED + 1]

    def _named(self, paths: list[Path]) -> list[tuple[str, Path]]:
        return [(path.relative_to(self._folder).as_posix(), path) for path in paths]

    def _length(self, path: Path) -> float | None:
        """Return a song's length, seconds, 0 if its header does not say; None if it cannot be read."""
        try:
            stat = path.stat()
            key = (path, stat.st_mtime_ns, stat.st_size)
            if key not in self._lengths:
                if len(self._lengths) >= MAX_KEPT:
                    self._lengths.clear()
                self._lengths[key] = song_length(path)
            return self._lengths[key]
        except (OSError, AudioError):
            return None
