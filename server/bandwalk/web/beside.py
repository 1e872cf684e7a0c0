"""Work that may wait for a disk, beside the event loop: on a thread of its own, which keeps no program from ending."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def beside(work: Callable[[], T], name: str) -> T:
    """Return what work returns, or raise its error; the loop goes on meanwhile.

    Args:
        name: of the thread.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def post(act: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop was closed
            loop.call_soon_threadsafe(lambda: None if future.done() else act())

    def run() -> None:
        try:
            result = work()
        except Exception as e:  # noqa: BLE001  raised again where it is waited for
            error = e
            post(lambda: future.set_exception(error))
        else:
            post(lambda: future.set_result(result))

    threading.Thread(target=run, name=name, daemon=True).start()
    return await future
