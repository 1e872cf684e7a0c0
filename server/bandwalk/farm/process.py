"""A worker's process: begins when there is a chunk for it, is asked over a pipe of its own, ends whatever it is at."""

import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from bandwalk.errors import BandwalkError, WorkError
from bandwalk.farm.clip_setup import Chunk, ClipSetup
from bandwalk.farm.worker import DrawnChunk, draw_chunk

_ONE_AT_A_TIME = threading.Lock()
"""Held while a process begins or is reaped: what multiprocessing knows of its children is for one thread."""


class DiedError(Exception):
    """The process died, or was closed, before it had drawn the chunk."""


class WorkerProcess:
    """A process that draws chunks, one at a time; after a death the next chunk begins another one.

    Not pickled, not shared: one thread draws, and any other may close it.

    Args:
        setup: what it draws.
    """

    def __init__(self, setup: ClipSetup) -> None:
        self._setup = setup
        self._is_closed = False
        self._begun: tuple[SpawnProcess, Connection] | None = None

    def draw(self, chunk: Chunk) -> DrawnChunk:
        """Have a chunk drawn, and wait for it.

        Raises:
            BandwalkError: it cannot be drawn.
            DiedError:     the process died; it is gone.
        """
        try:
            process, pipe = self._begun or self._begin()
            pipe.send(chunk)
            wait([pipe, process.sentinel])
            if not pipe.poll():
                raise EOFError
            answer = pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError) as e:
            self.end()
            raise DiedError from e
        if isinstance(answer, BandwalkError):
            raise answer
        assert isinstance(answer, DrawnChunk)
        return answer

    def close(self) -> None:
        """Kill the process, now and for good; who waits for a chunk is told that it died."""
        with _ONE_AT_A_TIME:
            self._is_closed = True
            if self._begun is not None:
                self._begun[0].kill()

    def end(self) -> None:
        """Kill the process and wait for its end, by the thread that draws."""
        with _ONE_AT_A_TIME:
            if self._begun is None:
                return
            (process, pipe), self._begun = self._begun, None
            process.kill()
            process.join()
            pipe.close()

    def _begin(self) -> tuple[SpawnProcess, Connection]:
        # spawned: a fork would take over locks of threads that it does not have
        context = multiprocessing.get_context("spawn")
        with _ONE_AT_A_TIME:
            if self._is_closed:
                raise EOFError
            try:
                ours, theirs = context.Pipe()
                with theirs:  # closed here, so that its death is the end of the pipe
                    process = context.Process(target=_work, args=(theirs, self._setup))
                    process.start()
            except BrokenPipeError:  # killed before it had read what it is to do
                raise
            except (OSError, ImportError, NotImplementedError) as e:
                reason = getattr(e, "strerror", None) or e
                raise WorkError(f"drawing by processes: one could not be started: {reason}") from e
            self._begun = process, ours
        return self._begun


def _work(pipe: Connection, setup: ClipSetup) -> None:
    """Draw what comes; Ctrl-C is for the leading process, and without that one there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    with suppress(EOFError, OSError):  # nobody wants more
        while True:
            pipe.send(_answer(setup, pipe.recv()))


def _answer(setup: ClipSetup, chunk: Chunk) -> DrawnChunk | BandwalkError:
    try:
        return draw_chunk(setup, chunk)
    except BandwalkError as e:
        return e
    except Exception as e:  # noqa: BLE001  the leading process reports it; a death would only be tried again
        return WorkError(f"drawing by processes: {type(e).__name__}: {e}")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
