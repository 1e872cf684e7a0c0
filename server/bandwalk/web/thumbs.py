"""What the panel asks for besides the tree: pictures (/thumb), looks (/look), the wave of the song (/wave/NAME)."""

import hashlib
from functools import partial

from aiohttp import hdrs, web

from bandwalk.web.asked import found
from bandwalk.web.show_calls import Reply, ShowCalls

TOP = "/thumb/"
LOOK = "/look/"
WAVE = "/wave/"

_HEADERS = {hdrs.CACHE_CONTROL: "private, no-cache", "X-Content-Type-Options": "nosniff"}


class Thumbs:
    """Answers requests for pictures, looks and waves.

    Args:
        calls: of the show.
    """

    def __init__(self, calls: ShowCalls) -> None:
        self._calls = calls

    @staticmethod
    def is_for(path: str) -> bool:
        """Return whether a request is answered here."""
        return path.startswith((TOP, LOOK, WAVE))

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Return what is asked for, or that the browser has it already, or why there is none."""
        for top, read in ((LOOK, self._calls.look), (WAVE, self._calls.wave)):
            if request.path.startswith(top):
                name = request.path.removeprefix(top)
                content = await found(partial(read, name), name)
                return _tagged(request, content, "application/json")
        kind, _, name = request.path.removeprefix(TOP).partition("/")
        content = await found(lambda reply: self._draw(kind, name, reply), name)
        return _tagged(request, content, "image/jpeg")

    def _draw(self, kind: str, name: str, reply: Reply) -> None:
        self._calls.thumbnail(kind, name, reply)


def _tagged(request: web.BaseRequest, content: bytes | web.Response, kind: str) -> web.Response:
    """Return the answer with a tag by which a browser knows what it has already."""
    if isinstance(content, web.Response):
        return content
    headers = _HEADERS | {hdrs.ETAG: f'"{hashlib.sha256(content).hexdigest()[:16]}"'}
    if request.headers.get(hdrs.IF_NONE_MATCH) == headers[hdrs.ETAG]:
        return web.Response(status=304, headers=headers)
    return web.Response(body=content, content_type=kind, headers=headers)
