"""The site: checks the sender of each request and answers it.

No request may end in a traceback or status 500: every request is answered here, and invalid ones are counted.
"""

import logging

from aiohttp import hdrs, web

from bandwalk.records import Counters
from bandwalk.web import frame_sockets as frames
from bandwalk.web import metrics
from bandwalk.web.answers import plain
from bandwalk.web.guard import Guard
from bandwalk.web.hub import Hub
from bandwalk.web.page import PanelFiles
from bandwalk.web.query import Query
from bandwalk.web.show_calls import ShowCalls
from bandwalk.web.sockets import Sockets
from bandwalk.web.thumbs import Thumbs
from bandwalk.web.token import Token
from bandwalk.web.uploads import Uploads

_READS = (hdrs.METH_GET, hdrs.METH_HEAD)

logger = logging.getLogger(__name__)


class Site:
    """Answers requests.

    Args:
        calls:    the show.
        hub:      the connected clients.
        guard:    judges Host and Origin.
        token:    that is needed.
        port:     of this server.
        counters: gets ``web_malformed``, ``web_denied`` and ``web_failed``.
    """

    def __init__(
        self, calls: ShowCalls, hub: Hub, *, guard: Guard, token: Token, port: int, counters: Counters
    ) -> None:
        self.sockets = Sockets(counters)
        self._calls = calls
        self._hub = hub
        self._guard = guard
        self._token = token
        self._counters = counters
        self._page = PanelFiles()
        self._thumbs = Thumbs(calls)
        self._uploads = Uploads(calls.upload, has_token=token.is_set)
        self._query = Query(calls, hub, sockets=self.sockets, page=self._page, port=port)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer any request."""
        try:
            refusal = self._guard.refusal_of(request)
            if refusal is not None:
                if refusal.status == 400:
                    self._counters.add("web_malformed")
                return refusal
            response = await self._allowed(request)
        except web.HTTPException as e:  # an invalid handshake
            self._counters.add("web_malformed")
            response = plain(e.status, e.text or e.reason)
        except ConnectionError:
            raise  # the client left
        except UnicodeError as e:
            self._counters.add("web_malformed")
            response = plain(400, f"{e}: expected UTF-8")
        except Exception as e:  # noqa: BLE001  any error is counted, and logged once without a traceback
            if not self._counters.counts.get("web_failed"):
                logger.error("answering a request: %s: %s", type(e).__name__, ascii(str(e)[:200]))
            self._counters.add("web_failed")
            response = plain(500, "the request could not be answered")
        if not response.prepared:
            response.headers.update(self._guard.headers_for(request))
        return response

    async def _allowed(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request from an allowed sender."""
        if request.method == hdrs.METH_OPTIONS:
            return web.Response(status=204, headers={"Access-Control-Allow-Methods": "GET, HEAD, POST"})
        if request.method == hdrs.METH_POST and request.path == "/token" and self._token.is_set:
            return await self._token.enter(request)
        is_song = Uploads.is_for(request)
        if request.method not in _READS and not is_song:
            return plain(405, f"{request.method[:20]}: expected GET", {hdrs.ALLOW: "GET, HEAD, OPTIONS"})
        if self._asks_for_more(request) and not self._token.is_shown(request):
            self._counters.add("web_denied")
            if self._query.is_for_page(request):
                return self._page.entry()
            return plain(401, "expected Authorization: Bearer TOKEN", {hdrs.WWW_AUTHENTICATE: "Bearer"})
        return await (self._uploads.take(request) if is_song else self._route(request))

    def _asks_for_more(self, request: web.BaseRequest) -> bool:
        """Return whether a request needs the token, if there is one: all but reading the tree."""
        if Uploads.is_for(request):
            return True
        is_socket = "websocket" in request.headers.get(hdrs.UPGRADE, "").lower()
        is_content = request.path in ("/metrics", "/frames") or Thumbs.is_for(request.path)
        return is_socket or is_content or self._query.is_for_page(request)

    async def _route(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/frames":
            return await frames.stream(self._hub, request, self.sockets)
        if request.path == "/metrics":
            return self._metrics()
        if request.path == "/health":
            return self._health()
        if Thumbs.is_for(request.path):
            return await self._thumbs.answer(request)
        folder, _, name = request.path.rpartition("/")
        if folder == "/panel":
            return self._page.file(name, request.headers.get(hdrs.IF_NONE_MATCH, ""))
        return await self._query.answer(request)

    def _health(self) -> web.Response:
        is_well, said = self._calls.health()
        return web.json_response(said, status=200 if is_well else 503, headers={hdrs.CACHE_CONTROL: "no-store"})

    def _metrics(self) -> web.Response:
        clients = {"control": len(self._hub.clients), "frames": len(self._hub.watchers)}
        text = metrics.to_text(self._calls.readings(), clients, is_well=self._calls.health()[0])
        return web.Response(body=text.encode(), headers={hdrs.CONTENT_TYPE: metrics.CONTENT_TYPE})
