"""The connected clients, what each one listens to, and the messages from the show's threads to them.

Clients live in the event loop. The show's threads pass messages by :meth:`Hub.post`, after they have checked two plain
attributes: while nobody listens or watches, this check is the only cost.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from bandwalk.params.controller import ConnectedController
from bandwalk.params.row import Value
from bandwalk.records import Counters
from bandwalk.web.outbox import NewestFrame, Outbox
from bandwalk.web.show_calls import ShowCalls

MAX_NOTICES = 16
"""PATH_CHANGED notices that wait for one client."""


class Client(ConnectedController):
    """One controller on a WebSocket: an OSCQuery client."""

    takes_features = False  # it selects values by LISTEN

    def __init__(self, hub: "Hub", ip: str) -> None:
        super().__init__(f"WebSocket {ip}", ip)
        self.listens: set[str] = set()
        self.outbox = Outbox()
        self.notices: list[str] = []
        self._hub = hub

    def answer(self, packet: bytes) -> None:
        """Send an OSC packet; callable from any thread."""
        self._hub.post(self._put, packet)

    def _put(self, packet: bytes) -> None:
        self._hub.count_lost(self.outbox.put(packet))


class Hub:
    """All clients of one web server.

    Args:
        calls:    the show.
        loop:     the clients' event loop.
        counters: gets ``web_dropped``, ``web_frames_dropped``, ``web_malformed``.
    """

    def __init__(self, calls: ShowCalls, loop: asyncio.AbstractEventLoop, counters: Counters) -> None:
        self.clients: set[Client] = set()
        self.watchers: set[NewestFrame] = set()
        self.listened: frozenset[str] = frozenset()
        self.newest: Mapping[str, Value] = {}
        self._posted: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._is_woken = False
        self._signals = {row.address for row in calls.signals}
        self._flags = {row.address for row in calls.signals if row.type == "i" and row.hi == 1}
        self._calls = calls
        self._loop = loop
        self._counters = counters

    def post(self, act: Callable[..., None], *args: Any) -> None:
        """Run something in the event loop; callable from any thread, does nothing once the loop is closed.

        The loop is woken once for all that is posted until it has a turn: an answer of many messages costs one waking.
        """
        self._posted.append((act, args))
        if self._is_woken:
            return
        self._is_woken = True
        try:
            self._loop.call_soon_threadsafe(self._take_posted)
        except RuntimeError:  # closed in the meantime
            self._is_woken = False
            self._posted.clear()
            self._counters.add("web_dropped")

    def send_values(self, values: Mapping[str, Value], controller: object = None) -> None:
        """Send new values to the clients that listen, except the one that set them; callable from any thread."""
        if not self.listened.isdisjoint(values):
            self.post(self._send_values, values, controller)

    def show(self, frame: bytes) -> None:
        """Send a frame to all that watch; callable from any thread."""
        if self.watchers:
            self.post(self._show, frame)

    def send_path_changed(self, path: str) -> None:
        """Send PATH_CHANGED to all clients: the tree under a path has changed; callable from any thread."""
        self.post(self._send_path_changed, json.dumps({"COMMAND": "PATH_CHANGED", "DATA": path}))

    def count_lost(self, is_lost: bool) -> None:
        """Count a message that was dropped for a slow client."""
        if is_lost:
            self._counters.add("web_dropped")

    def add(self, client: Client) -> None:
        """Add a client."""
        self.clients.add(client)

    def remove(self, client: Client) -> None:
        """Remove a client."""
        self.clients.discard(client)
        self._note_listened()

    def receive(self, client: Client, message: WSMessage) -> None:
        """Act on a client's message: binary is OSC, text is LISTEN or IGNORE with an address."""
        if message.type == WSMsgType.BINARY:
            self._calls.take(message.data, client)
            return
        try:
            request = json.loads(message.data)
            command, address = request["COMMAND"], request["DATA"]
        except (ValueError, RecursionError, TypeError, KeyError):
            self._counters.add("web_malformed")
            return
        if command == "LISTEN" and isinstance(address, str) and self._is_known(address):
            client.listens.add(address)
            if address not in self.listened:
                self.listened |= {address}
        elif command == "IGNORE" and isinstance(address, str):
            client.listens.discard(address)
            self._note_listened()
        else:
            self._counters.add("web_malformed")

    async def send_all(self, client: Client, ws: web.WebSocketResponse) -> None:
        """Send a client its messages, one by itself, several as a bundle; never returns."""
        while True:
            packets = await client.outbox.take()
            notices, client.notices = client.notices, []
            for notice in notices:
                await ws.send_str(notice)
            if packets:
                await ws.send_bytes(packets[0] if len(packets) == 1 else self._calls.bundle(packets))

    def _take_posted(self) -> None:
        self._is_woken = False  # before the rest: what is posted from now on wakes the loop again
        for _ in range(len(self._posted)):
            act, args = self._posted.popleft()
            self._loop.call_soon(act, *args)

    def _is_known(self, address: str) -> bool:
        return address in self._signals or address in self._calls.values()

    def _note_listened(self) -> None:
        self.listened = frozenset(address for client in self.clients for address in client.listens)

    def _send_values(self, values: Mapping[str, Value], controller: object) -> None:
        listened = [(address, value) for address, value in values.items() if address in self.listened]
        for address, value in listened:
            packet = self._calls.encode(address, value)
            is_flag = address in self._flags and value  # lasts one step: the 0 after it must not replace it
            for client in self.clients:
                if address in client.listens and not client.is_one_with(controller):
                    self.count_lost(client.outbox.put(packet, "" if is_flag else address))

    def _send_path_changed(self, notice: str) -> None:
        for client in self.clients:
            if notice not in client.notices:
                client.notices = [*client.notices, notice][-MAX_NOTICES:]
            client.outbox.wake()

    def _show(self, frame: bytes) -> None:
        for watcher in self.watchers:
            if watcher.put(frame):
                self._counters.add("web_frames_dropped")
