"""OSCQuery over HTTP (the path is an address, the answer its node as JSON) and over a WebSocket."""

import json
from typing import Any

from aiohttp import WSMessage, hdrs, web

from bandwalk.web import tree
from bandwalk.web.answers import plain
from bandwalk.web.connection_limit import counted
from bandwalk.web.guard import reached
from bandwalk.web.hub import Client, Hub
from bandwalk.web.page import PAGES, PanelFiles
from bandwalk.web.show_calls import ShowCalls
from bandwalk.web.sockets import Sockets, counted_socket_of

MAX_MESSAGE = 64 * 1024
"""Most bytes of a message from a client: the same as in a datagram."""


class Query:
    """Answers requests by their paths.

    Args:
        calls:   the show.
        hub:     the clients.
        sockets: the open ones.
        page:    that a browser gets at the root.
        port:    of this server.
    """

    def __init__(self, calls: ShowCalls, hub: Hub, *, sockets: Sockets, page: PanelFiles, port: int) -> None:
        self._calls = calls
        self._hub = hub
        self._sockets = sockets
        self._page = page
        self._port = port

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a GET: a WebSocket, the panel, HOST_INFO, one attribute of a node, or the node."""
        if request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
            return await self._talk(request)
        if self.is_for_page(request):
            return self._page.page(request.path)
        asked = _asked(request)
        if asked == "HOST_INFO":
            ip, port = reached(request, self._port)
            return _json(tree.host_info(ip=ip, osc_port=self._calls.osc_port, port=port))
        return self._describe(request.path, asked)

    @staticmethod
    def is_for_page(request: web.BaseRequest) -> bool:
        """Return whether a browser asks for the panel, or for the page of a second screen."""
        is_empty = _asked(request) in ("", "wrong")
        return request.path in PAGES and is_empty and "text/html" in request.headers.get(hdrs.ACCEPT, "")

    def _describe(self, path: str, attribute: str) -> web.Response:
        if attribute and attribute not in tree.ATTRIBUTES:
            known = ", ".join(("HOST_INFO", *tree.ATTRIBUTES))
            return plain(400, f"{attribute[:80]}: expected one of {known}")
        node = tree.find(self._tree(), path)
        if node is None:
            return plain(404, f"{path[:200]}: no such node")
        if not attribute:
            return _json(node)
        return _json({attribute: node[attribute]}) if attribute in node else web.Response(status=204)

    def _tree(self) -> tree.Node:
        values = self._calls.values()
        return tree.build_tree(
            [
                *(tree.parameter_node(row, values) for row in self._calls.rows()),
                *(tree.signal_node(row, self._hub.newest) for row in self._calls.signals),
                *(tree.command_node(command) for command in self._calls.commands),
            ]
        )

    async def _talk(self, request: web.BaseRequest) -> web.StreamResponse:
        client = Client(self._hub, str(request.remote))
        has_spoken = False

        def receive(message: WSMessage) -> None:
            nonlocal has_spoken
            has_spoken = True
            self._hub.receive(client, message)

        with counted(counted_socket_of(request, lambda: not has_spoken), self._sockets.controllers) as has_place:
            if not has_place:
                count = len(self._sockets.controllers)
                return plain(503, f"{count} clients are connected; expected fewer")
            self._hub.add(client)
            try:
                return await self._sockets.run(
                    request,
                    max_message=MAX_MESSAGE,
                    receive=receive,
                    send=lambda ws: self._hub.send_all(client, ws),
                )
            finally:
                self._hub.remove(client)


def _asked(request: web.BaseRequest) -> str:
    return request.query_string.removesuffix("=")  # some clients cannot send a query name without a value


def _json(content: Any) -> web.Response:
    return web.Response(
        text=json.dumps(content, separators=(",", ":"), ensure_ascii=False), content_type="application/json"
    )
