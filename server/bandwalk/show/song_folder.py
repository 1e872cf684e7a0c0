"""Takes songs into the music folder: whole, under a name that was free, and only what can be played."""

import errno
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from bandwalk.audio import list_songs
from bandwalk.audio.decode import open_decoder
from bandwalk.audio.song_names import numbered, song_name
from bandwalk.audio.songs import MAX_SONGS
from bandwalk.errors import AudioError, ParameterError
from bandwalk.web.incoming import UploadRefusedError

MIN_FREE = 256 << 20
"""Bytes that stay free on the disk: a show writes other files, too."""

STALE_S = 3600.0
"""What an ended server has left behind is removed after this time: an upload writes more often than that."""

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}

_HIDDEN = ".bandwalk-upload-"
"""Songs that are not whole begin so: nothing hidden is listed or played."""


class SongFolder:
    """The music folder, for songs that are sent to it. All calls may wait for the disk.

    Args:
        folder:  is made where there is none.
        arrived: called after each song that is whole.
    """

    def __init__(self, folder: Path, min_free: int = MIN_FREE, arrived: Callable[[], object] = lambda: None) -> None:
        self.folder = folder
        self.min_free = min_free
        self.arrived = arrived

    def begin(self, name: str, length: int) -> "IncomingSong":
        """Return a song that may be written.

        Args:
            length: bytes that will come; 0: not known.

        Raises:
            UploadRefusedError: the name, or there is no room.
        """
        try:
            name = song_name(name)
        except ParameterError as e:
            raise UploadRefusedError(400, str(e)) from e
        with _disk_errors(name):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._clear()
            if len(list_songs(self.folder)) >= MAX_SONGS:
                raise UploadRefusedError(507, f"{name}: the music folder holds {MAX_SONGS} songs, expected fewer")
            self.check_room(name, length)
            return IncomingSong(self, name)

    def check_room(self, name: str, length: int) -> None:
        """Refuse what would fill the disk.

        Raises:
            UploadRefusedError: it would.
        """
        free = shutil.disk_usage(self.folder).free - self.min_free
        if length > free:
            room = f"{max(free, 0) >> 20} MiB may be used"
            raise UploadRefusedError(507, f"{name}: the disk is full: {room}, and {self.min_free >> 20} stay free")

    def _clear(self) -> None:
        """Remove what servers have left behind that were ended."""
        for path in self.folder.glob(f"{_HIDDEN}*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > STALE_S:
                    path.unlink()


class IncomingSong:
    """One song that comes; see :class:`bandwalk.web.uploads.Incoming`."""

    def __init__(self, folder: SongFolder, name: str) -> None:
        self._folder, self._name = folder, name
        self._path = folder.folder / f"{_HIDDEN}{secrets.token_hex(8)}{Path(name).suffix}"
        self._lock = threading.Lock()
        self._file = self._path.open("xb", buffering=0)

    def write(self, piece: bytes) -> None:
        """Add bytes."""
        with self._lock, _disk_errors(self._name):
            self._folder.check_room(self._name, len(piece))
            rest = memoryview(piece)
            while rest:
                rest = rest[self._file.write(rest) :]

    def finish(self) -> tuple[str, float]:
        """Check the song and let it be seen under a name that is free; return the name, and seconds (0: not known)."""
        with self._lock, _disk_errors(self._name):
            self._file.close()
            seconds = self._check()
            name = self._rename()
        self._folder.arrived()
        return name, seconds

    def abandon(self) -> None:
        """Leave nothing behind; does nothing after it was finished."""
        with self._lock:
            self._file.close()
            with suppress(OSError):
                self._path.unlink()

    def _check(self) -> float:
        """Return the length, of a song whose first samples can be played."""
        try:
            with closing(open_decoder(self._path)) as decoder:
                if not len(decoder.read(1)):
                    raise AudioError(f"opening {self._path}: it holds no sound, expected a sound file")
                return (decoder.frames or 0) / decoder.sample_rate
        except AudioError as e:
            reason = str(e).replace(f"opening {self._path}", self._name)
            raise UploadRefusedError(415, reason) from e

    def _rename(self) -> str:
        for name in numbered(self._name):
            path = self._folder.folder / name
            try:
                path.open("xb").close()  # nobody else gets the name
            except FileExistsError:
                continue
            try:
                self._path.replace(path)
            except OSError:
                path.unlink()
                raise
            return name
        raise UploadRefusedError(409, f"{self._name}: all its numbers are taken, expected another name")


@contextmanager
def _disk_errors(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as e:
        status = 507 if e.errno in _FULL else 500
        raise UploadRefusedError(status, f"{name}: writing it: {e.strerror or e}") from e
