"""Runs the file work of commands on a separate thread, so that nothing else waits for a disk.

Actions (save or recall a preset, request a model) run in order. Questions (which files are there?) run after them, the
newest first; if the same question is asked again, only the newest waits. The queue is bounded: when it is full, the
oldest question is dropped, or else the oldest action.
"""

import threading
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from bandwalk.params.row import Value

MAX_WAITING = 32
"""Most commands that wait for the disk."""

Reply = tuple[str, *tuple[Value, ...]]
"""(address, argument, ...) of an answer."""


class DiskWork(NamedTuple):
    """The part of a command that needs the disk.

    act:         does the work and returns the answers; may raise BandwalkError.
    is_question: it changes nothing.
    """

    act: Callable[[], Iterable[Reply] | None]
    is_question: bool = False


class FileJob(NamedTuple):
    """Work that waits for the disk.

    question: identifies a question: equal for the same controller and address; None: an action.
    do:       does the work; must not raise.
    drop:     called if the job is dropped.
    """

    question: Hashable | None
    do: Callable[[], object]
    drop: Callable[[], object]


class FileThread:
    """Runs jobs on a thread that starts with the first job."""

    def __init__(self) -> None:
        self._actions: list[FileJob] = []
        self._questions: dict[Hashable, FileJob] = {}  # oldest first
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_acting = False
        self._is_closed = False

    @property
    def has_actions(self) -> bool:
        """Return whether an action is waiting or running."""
        with self._changed:
            return self._is_acting or bool(self._actions)

    def ask(self, job: FileJob) -> None:
        """Queue a job; never waits."""
        with self._changed:
            if job.question is None:
                self._actions.append(job)
            else:
                self._questions.pop(job.question, None)
                self._questions[job.question] = job
            dropped = self._take_oldest() if len(self._actions) + len(self._questions) > MAX_WAITING else None
            self._changed.notify()
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._work, name="files", daemon=True)
                self._thread.start()
        if dropped is not None:
            dropped.drop()

    def close(self) -> None:
        """Start no more jobs; do not wait for the running one: the disk may hang."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _take_oldest(self) -> FileJob:
        if self._questions:
            return self._questions.pop(next(iter(self._questions)))
        return self._actions.pop(0)

    def _take_next(self) -> FileJob:
        return self._actions.pop(0) if self._actions else self._questions.popitem()[1]

    def _work(self) -> None:
        while True:
            with self._changed:
                self._is_acting = False
                self._changed.wait_for(lambda: self._actions or self._questions or self._is_closed)
                if self._is_closed:
                    return
                job = self._take_next()
                self._is_acting = job.question is None
            job.do()
