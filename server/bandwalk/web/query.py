"""OSCQuery over HTTP: a path is an address, its answer the node as JSON; and the WebSocket beside it."""

import json
from typing import Any

from aiohttp import hdrs, web

from bandwalk.web import sockets, tree
from bandwalk.web.guard import local_address
from bandwalk.web.hub import MAX_CLIENTS, Client, Hub
from bandwalk.web.links import Links
from bandwalk.web.page import Page

MAX_MESSAGE = 64 * 1024
"""Bytes of a message from a client: as much as a datagram holds."""


class Query:
    """Answers what is asked for by path.

    Args:
        links: the show.
        hub:   the clients.
        page:  what a browser gets at the root.
        port:  of this server.
    """

    def __init__(self, links: Links, hub: Hub, *, page: Page, port: int) -> None:
        self._links = links
        self._hub = hub
        self._page = page
        self._port = port

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a GET: a WebSocket, the panel, HOST_INFO, one attribute of a node, or the node."""
        if request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
            return await self._talk(request)
        asked = request.query_string.removesuffix("=")  # some clients cannot ask for a name without a value
        if request.path == "/" and not asked and "text/html" in request.headers.get(hdrs.ACCEPT, ""):
            return self._page.index()
        if asked == "HOST_INFO":
            return _json(tree.host_info(ip=local_address(request), osc_port=self._links.osc_port, port=self._port))
        return self._describe(request.path, asked)

    def _describe(self, path: str, attribute: str) -> web.Response:
        if attribute and attribute not in tree.ATTRIBUTES:
            known = ", ".join(("HOST_INFO", *tree.ATTRIBUTES))
            return web.Response(status=400, text=f"{attribute[:80]}: expected one of {known}\n")
        node = tree.find(self._tree(), path)
        if node is None:
            return web.Response(status=404, text=f"{path[:200]}: no such node\n")
        if not attribute:
            return _json(node)
        return _json({attribute: node[attribute]}) if attribute in node else web.Response(status=204)

    def _tree(self) -> tree.Node:
        values = self._links.values()
        return tree.build_tree(
            [
                *(tree.parameter_node(row, values) for row in self._links.rows()),
                *(tree.signal_node(row, self._hub.newest) for row in self._links.signals),
                *(tree.command_node(command) for command in self._links.commands),
            ]
        )

    async def _talk(self, request: web.Request) -> web.StreamResponse:
        if len(self._hub.clients) >= MAX_CLIENTS:
            return web.Response(status=503, text=f"{MAX_CLIENTS} clients are connected, expected at most so many\n")
        client = Client(self._hub, str(request.remote))
        self._hub.add(client)
        try:
            return await sockets.run(
                request,
                max_message=MAX_MESSAGE,
                receive=lambda message: self._hub.receive(client, message),
                send=lambda ws: self._hub.send_all(client, ws),
            )
        finally:
            self._hub.remove(client)


def _json(content: Any) -> web.Response:
    return web.Response(
        text=json.dumps(content, separators=(",", ":"), ensure_ascii=False), content_type="application/json"
    )
