"""Workers that are processes of this machine."""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bandwalk.errors import WorkError
from bandwalk.farm.clip_setup import Chunk, ClipSetup
from bandwalk.farm.worker import DrawnChunk, draw_chunk

logger = logging.getLogger(__name__)

MAX_DEATHS = 5
"""How many times in a row workers may die before one of them has drawn the chunk that is waited for."""

_PAUSE_S = 0.25
"""Before workers begin again after a second death in a row, doubled each time: what kills several close together, a
memory that is full or a person, is one thing, and gone after some seconds."""

_TURN_S = 0.05
"""Longest wait for a picture before a look whether it is still wanted."""


def can_work() -> bool:
    """Return whether this system allows worker processes: a small container may not."""
    try:
        ProcessPoolExecutor(1).shutdown()  # begins none
    except (OSError, ImportError, NotImplementedError):
        return False
    return True


@dataclass(slots=True, eq=False)
class Task:
    """A chunk that was begun; future: None while no pool has it."""

    chunk: Chunk
    future: Future[DrawnChunk] | None = None


class Processes:
    """A pool of processes. When one dies, the pool is replaced, and its chunks are drawn again.

    Args:
        setup:   what they draw.
        workers: how many.
        stop:    once it is set nobody waits for pictures any more.
    """

    def __init__(self, setup: ClipSetup, workers: int, stop: threading.Event | None = None) -> None:
        self.workers = workers
        self._stop = stop or threading.Event()
        self._setup = setup
        self._tasks: list[Task] = []
        self._deaths = 0
        self._pool = self._new_pool()

    def begin(self, chunk: Chunk) -> Task:
        """Have a chunk drawn; returns at once."""
        task = Task(chunk)
        self._tasks.append(task)
        with suppress(BrokenProcessPool):  # the one that waits for a chunk starts them again
            self._submit()
        return task

    def end(self, task: Task) -> DrawnChunk:
        """Wait for a chunk that was begun.

        Raises:
            BandwalkError:     it cannot be drawn.
            KeyboardInterrupt: stop was set.
        """
        while not self._stop.is_set():
            try:
                self._submit()
                assert task.future is not None
                drawn = task.future.result(_TURN_S)
            except TimeoutError:
                continue
            except BrokenProcessPool as e:
                self._replace(e)
            else:
                self._tasks.remove(task)
                self._deaths = 0
                return drawn
        raise KeyboardInterrupt

    def close(self) -> None:
        """End the processes, whatever they are at: what is not drawn by now is not wanted."""
        processes = list((getattr(self._pool, "_processes", None) or {}).values())
        for process in processes:
            process.kill()
        self._pool.shutdown(cancel_futures=True)

    def _submit(self) -> None:
        try:
            with _deaf_to_ctrl_c():
                for task in self._tasks:
                    if task.future is None:
                        task.future = self._pool.submit(draw_chunk, self._setup, task.chunk)
        except OSError as e:
            raise WorkError(f"drawing by processes: one could not be started: {e.strerror or e}") from e

    def _replace(self, error: BrokenProcessPool) -> None:
        """Take a new pool for the chunks that the broken one has not drawn."""
        self._deaths += 1
        if self._deaths > MAX_DEATHS:
            died = f"{self._deaths} workers in a row died over the same pictures"
            raise WorkError(f"drawing by processes: {died}; --threads 1 without --farm draws in this one") from error
        self._pool.shutdown()  # waits until every future knows its end
        for task in self._tasks:
            if task.future is not None and isinstance(task.future.exception(), BrokenProcessPool):
                task.future = None
        lost = sum(task.future is None for task in self._tasks)
        logger.warning("a worker died; %d chunks are drawn again", lost)
        if self._deaths > 1:
            self._stop.wait(_PAUSE_S * 2 ** (self._deaths - 2))
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        # spawned: a fork would take over locks of threads that it does not have
        context = multiprocessing.get_context("spawn")
        try:
            return ProcessPoolExecutor(self.workers, context, _begin_work)
        except (OSError, ImportError, NotImplementedError) as e:
            raise WorkError(f"drawing by processes: this system has none to offer: {e}") from e


def _begin_work() -> None:
    """Prepare a worker: Ctrl-C is for the leading process, and without that one there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Let processes begin with SIGINT blocked: until they ignore it, a Ctrl-C would print what it broke."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
