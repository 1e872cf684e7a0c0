"""Small pictures of styles, for the panel: GET /thumb/style/NAME and /thumb/seed/N."""

import asyncio
import hashlib

from aiohttp import hdrs, web

from bandwalk.web.answers import plain
from bandwalk.web.show_calls import Thumbnail

TOP = "/thumb/"
WAIT_S = 2.0
"""Longest wait for a picture: a browser has few connections, and needs them for other things."""

_HEADERS = {hdrs.CACHE_CONTROL: "private, no-cache", "X-Content-Type-Options": "nosniff"}


class Thumbs:
    """Answers requests for pictures.

    Args:
        thumbnail: of the show.
    """

    def __init__(self, thumbnail: Thumbnail) -> None:
        self._thumbnail = thumbnail

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Return a picture, or that the browser has it already, or why there is none."""
        kind, _, name = request.path.removeprefix(TOP).partition("/")
        loop = asyncio.get_running_loop()
        found: asyncio.Future[bytes | None] = loop.create_future()

        def take(picture: bytes | None) -> None:
            if not found.done():
                found.set_result(picture)

        self._thumbnail(kind, name, lambda picture: loop.call_soon_threadsafe(take, picture))
        try:
            picture = await asyncio.wait_for(found, WAIT_S)
        except TimeoutError:
            return plain(503, "the picture takes long; expected to be asked again", {hdrs.RETRY_AFTER: "1"})
        if not picture:
            return plain(404, f"{name[:80]}: no such picture")
        headers = _HEADERS | {hdrs.ETAG: f'"{hashlib.sha256(picture).hexdigest()[:16]}"'}
        if request.headers.get(hdrs.IF_NONE_MATCH) == headers[hdrs.ETAG]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=picture, content_type="image/jpeg", headers=headers)
