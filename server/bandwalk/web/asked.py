"""Waits in the event loop for what another thread finds or draws, no longer than a browser can be let wait."""

import asyncio
from collections.abc import Callable

from aiohttp import hdrs, web

from bandwalk.web.answers import plain
from bandwalk.web.show_calls import Reply

WAIT_S = 2.0
"""Longest wait: a browser has few connections, and needs them for other things."""


async def found(ask: Callable[[Reply], object], what: str) -> bytes | web.Response:
    """Return what was found, or the answer that there is none, or none yet.

    Args:
        ask:  must not wait.
        what: the name in the answer.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[bytes | None] = loop.create_future()

    def take(content: bytes | None) -> None:
        if not future.done():
            future.set_result(content)

    ask(lambda content: loop.call_soon_threadsafe(take, content))
    try:
        content = await asyncio.wait_for(future, WAIT_S)
    except TimeoutError:
        return plain(503, "it takes long; expected to be asked again", {hdrs.RETRY_AFTER: "1"})
    return content if content else plain(404, f"{what[:80]}: there is none")
