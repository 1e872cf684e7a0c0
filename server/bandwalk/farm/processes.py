"""Workers that are processes of this machine."""

import logging
import queue
import signal
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

from bandwalk.errors import WorkError
from bandwalk.farm.clip_setup import Chunk, ClipSetup
from bandwalk.farm.process import DiedError, WorkerProcess
from bandwalk.farm.worker import DrawnChunk

logger = logging.getLogger(__name__)

MAX_DEATHS = 5
"""How many times in a row workers may die over the same chunk."""

_PAUSE_S = 0.25
"""Before a worker begins again after a second death in a row, doubled each time: what kills several close together, a
memory that is full or a person, is one thing, and gone after some seconds."""

_TURN_S = 0.05
"""Longest wait for a picture before a look whether it is still wanted."""

_CLOSE_S = 5.0
"""Longest wait for a process that was killed."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A chunk that was begun, and what becomes of it."""

    chunk: Chunk
    drawn: Future[DrawnChunk] = field(default_factory=Future)


class Processes:
    """Processes that draw. When one dies, another one draws its chunk; the others do not notice.

    Each process has a thread here, which gives it chunks and waits for their pictures. We use no pool of the standard
    library: in Python 3.11.2 the end of a pool that lost a process may wait for ever for a thread that feeds it.

    Args:
        setup:   what they draw.
        workers: how many.
        stop:    once it is set nobody waits for pictures any more.
    """

    def __init__(self, setup: ClipSetup, workers: int, stop: threading.Event | None = None) -> None:
        self.workers = workers
        self._stop = stop or threading.Event()
        self._closing = threading.Event()
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()  # ordering bounds how many are begun
        self._processes = [WorkerProcess(setup) for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._serve, args=(process,), name=f"worker-{n}", daemon=True)
            for n, process in enumerate(self._processes, 1)
        ]
        for thread in self._threads:
            thread.start()

    def begin(self, chunk: Chunk) -> Task:
        """Have a chunk drawn; returns at once."""
        task = Task(chunk)
        self._tasks.put(task)
        return task

    def end(self, task: Task) -> DrawnChunk:
        """Wait for a chunk that was begun.

        Raises:
            BandwalkError:     it cannot be drawn.
            KeyboardInterrupt: stop was set.
        """
        while not self._stop.is_set():
            try:
                return task.drawn.result(_TURN_S)
            except TimeoutError:
                continue
        raise KeyboardInterrupt

    def close(self) -> None:
        """End the processes, whatever they are at: what is not drawn by now is not wanted."""
        self._closing.set()
        for process in self._processes:
            process.close()
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(_CLOSE_S)

    def _serve(self, process: WorkerProcess) -> None:
        """Have one process draw chunks until the end."""
        if hasattr(signal, "pthread_sigmask"):  # its processes begin deaf to Ctrl-C, and print nothing if one comes
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while (task := self._tasks.get()) is not None and not self._closing.is_set():
            try:
                task.drawn.set_result(self._draw(process, task.chunk))
            except Exception as e:  # noqa: BLE001  for the one that waits for the chunk, whatever it is
                task.drawn.set_exception(e)
        process.end()

    def _draw(self, process: WorkerProcess, chunk: Chunk) -> DrawnChunk:
        """Have a chunk drawn, again if the process dies."""
        for deaths in range(MAX_DEATHS + 1):
            if deaths > 1:
                self._closing.wait(_PAUSE_S * 2 ** (deaths - 2))
            try:
                return process.draw(chunk)
            except DiedError:
                if self._closing.is_set():
                    raise
                if deaths < MAX_DEATHS:
                    logger.warning("a worker died; its %d frames are drawn again", len(chunk.poses))
        died = f"{MAX_DEATHS + 1} workers in a row died over the same pictures"
        raise WorkError(f"drawing by processes: {died}; --threads 1 without --farm draws in this one")
