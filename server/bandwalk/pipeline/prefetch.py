"""Stages of a render beside each other: what comes next is made on a thread while this is worked on."""

import queue
import threading
from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_TURN_S = 0.1
"""Longest wait before a stage looks whether it is still wanted."""


@dataclass(frozen=True, slots=True)
class _End:
    """What follows the last thing: nothing, or what broke."""

    error: BaseException | None = None


def ahead(
    things: Generator[T, None, None], depth: int, name: str, stop: threading.Event | None = None
) -> Generator[T, None, None]:
    """Yield things in their order, made on a thread of their own, at most ``depth`` of them ahead.

    Once stop is set, no more of them are waited for.

    What they raise is raised here. When this is closed, the thread ends and the things are closed on it.
    """
    made: queue.Queue[T | _End] = queue.Queue(depth)
    unwanted, stop = threading.Event(), stop or threading.Event()
    thread = threading.Thread(target=_make, args=(things, made, unwanted), name=name, daemon=True)
    thread.start()
    try:
        while not stop.is_set():
            try:
                thing = made.get(timeout=_TURN_S)
            except queue.Empty:
                continue
            if not isinstance(thing, _End):
                yield thing
            elif thing.error is not None and not stop.is_set():
                raise thing.error
            else:
                return
    finally:
        unwanted.set()
        thread.join()


def _make(things: Generator[T, None, None], made: queue.Queue[T | _End], unwanted: threading.Event) -> None:
    """Make things until they end, fail, or are not wanted any more."""
    end = _End()
    try:
        for thing in things:
            if not _put(made, thing, unwanted):
                return
    except BaseException as e:  # noqa: BLE001  it is raised where the things are wanted
        end = _End(e)
    finally:
        things.close()
    _put(made, end, unwanted)


def _put(made: queue.Queue[T | _End], thing: T | _End, unwanted: threading.Event) -> bool:
    """Hand over a thing; False: nobody wants it any more."""
    while not unwanted.is_set():
        try:
            made.put(thing, timeout=_TURN_S)
        except queue.Full:
            continue
        return True
    return False
