"""Answers of the web server that must be read first: on a thread of their own, so that nobody waits for a disk."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from bandwalk.control.file_jobs import FileJob, FileThread


class FileAnswers(ABC):
    """Answers requests by name; a subclass says what is read for one."""

    def __init__(self) -> None:
        self._files = FileThread()

    def ask(self, name: str, reply: Callable[[bytes | None], object]) -> None:
        """Call reply with the answer for a name, a JSON object; None: there is none. Never waits."""
        self._files.ask(FileJob(object(), lambda: reply(self._read(name)), lambda: reply(None)))

    def close(self) -> None:
        """Answer no more."""
        self._files.close()

    @abstractmethod
    def _read(self, name: str) -> bytes | None:
        """Return the answer for a name; None: there is none."""
