"""What commands do with files: beside control, on a thread of its own, so that nothing else waits for a disk.

Actions (a preset is saved, recalled; a model is asked for) come in their order. Questions (what is there?) come after
them, the newest first, and of one question asked again and again only the newest waits. What waits is bounded: where
there is too much, the oldest question is dropped, or else the oldest action.
"""

import threading
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from bandwalk.params.row import Value

MAX_WAITING = 32
"""Commands that wait for a disk."""

Reply = tuple[str, *tuple[Value, ...]]
"""(address, argument, ...) of an answer."""


class Later(NamedTuple):
    """The part of a command that touches a disk.

    act:         does it and returns the answers; may raise BandwalkError.
    is_question: it changes nothing.
    """

    act: Callable[[], Iterable[Reply] | None]
    is_question: bool = False


class Job(NamedTuple):
    """Work that waits.

    question: of a question, equal where the same one asks the same; None: an action.
    do:       does it; must not raise.
    drop:     called where it will not be done.
    """

    question: Hashable | None
    do: Callable[[], object]
    drop: Callable[[], object]


class Beside:
    """Does jobs on a thread of its own, from the first one on."""

    def __init__(self) -> None:
        self._actions: list[Job] = []
        self._questions: dict[Hashable, Job] = {}  # in the order in which they were asked
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_acting = False
        self._is_closed = False

    @property
    def has_actions(self) -> bool:
        """Tell whether an action waits or is being done."""
        with self._changed:
            return self._is_acting or bool(self._actions)

    def ask(self, job: Job) -> None:
        """Do this when it is its turn; never waits."""
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
        """Do no more; what is being done is not waited for: it may be a disk that hangs."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _take_oldest(self) -> Job:
        if self._questions:
            return self._questions.pop(next(iter(self._questions)))
        return self._actions.pop(0)

    def _take_next(self) -> Job:
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
