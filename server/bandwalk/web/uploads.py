"""Songs that are sent to the music folder: POST /songs/NAME, the file as the body.

A body is taken a piece at a time, and written beside the event loop, at a bounded pace: the show goes on.
"""

import asyncio
import json
import time
from typing import NamedTuple

from aiohttp import StreamReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from bandwalk.web.answers import plain
from bandwalk.web.beside import beside
from bandwalk.web.hosts import is_loopback
from bandwalk.web.incoming import BeginUpload, Incoming, UploadRefusedError

TOP = "/songs/"

PIECE = 1 << 20
"""Bytes that are written at a time."""

_NAME = "upload"


class UploadLimits(NamedTuple):
    """What is taken.

    max_bytes: of one song.   at_once: songs.   waiting: songs more that wait until there is a place.
    wait_s:    they wait no longer.   piece_s: a piece, or the rest, must come within this time.
    pace:      bytes a second that are taken of one song: no upload may cost the show a frame.
    """

    max_bytes: int = 1 << 30
    at_once: int = 2
    waiting: int = 16
    wait_s: float = 20.0
    piece_s: float = 60.0
    pace: float = 8 * PIECE


LIMITS = UploadLimits()


class Uploads:
    """Takes songs, within :data:`LIMITS`.

    Args:
        begin:        makes place for a song in the folder.
        has_token:    whether senders have shown a token; without one only this machine may send songs.
    """

    def __init__(self, begin: BeginUpload, *, has_token: bool) -> None:
        self._begin = begin
        self._has_token = has_token
        self._limits = LIMITS
        self._places = asyncio.Semaphore(LIMITS.at_once)
        self._waiting = 0

    @staticmethod
    def is_for(request: web.BaseRequest) -> bool:
        """Return whether a request sends a song."""
        return request.method == hdrs.METH_POST and request.path.startswith(TOP)

    async def take(self, request: web.BaseRequest) -> web.Response:
        """Take a song; answer 201 with its name and length, or why it is not taken."""
        try:
            self._check(request)
            await self._wait_for_place()
            try:
                name, length_s = await self._receive(request)
            finally:
                self._places.release()
        except UploadRefusedError as e:
            return plain(e.status, str(e), {hdrs.RETRY_AFTER: "5"} if e.status == 503 else None)
        body = json.dumps({"name": name, "seconds": length_s}, ensure_ascii=False)
        return web.Response(status=201, text=body, content_type="application/json")

    def _check(self, request: web.BaseRequest) -> None:
        if not self._has_token and not is_loopback((request.remote or "").removeprefix("::ffff:")):
            raise UploadRefusedError(403, "a song from another machine: expected a server with --token-file")
        if (request.content_length or 0) > self._limits.max_bytes:
            raise self._too_large(f"{request.content_length} bytes")

    def _too_large(self, got: str) -> UploadRefusedError:
        return UploadRefusedError(413, f"a song of {got}: expected at most {self._limits.max_bytes} bytes")

    async def _wait_for_place(self) -> None:
        limits = self._limits
        busy = UploadRefusedError(503, f"{limits.at_once} songs are being sent: expected to be sent again later")
        if self._places.locked() and self._waiting >= limits.waiting:
            raise busy
        self._waiting += 1
        try:
            await asyncio.wait_for(self._places.acquire(), limits.wait_s)
        except TimeoutError:
            raise busy from None
        finally:
            self._waiting -= 1

    async def _receive(self, request: web.BaseRequest) -> tuple[str, float]:
        name, length = request.path.removeprefix(TOP), request.content_length or 0
        incoming = await beside(lambda: self._begin(name, length), _NAME)
        try:
            await _invite(request)
            await self._copy(request, incoming)
            return await beside(incoming.finish, _NAME)
        except asyncio.CancelledError:  # the server ends
            incoming.abandon()
            raise
        except BaseException:
            await beside(incoming.abandon, _NAME)
            raise

    async def _copy(self, request: web.BaseRequest, incoming: Incoming) -> None:
        begun, total = time.monotonic(), 0
        while piece := await self._piece(request.content):
            total += len(piece)
            if total > self._limits.max_bytes:
                raise self._too_large("more")
            await beside(lambda piece=piece: incoming.write(piece), _NAME)  # type: ignore[misc]
            await asyncio.sleep(begun + total / self._limits.pace - time.monotonic())

    async def _piece(self, content: StreamReader) -> bytes:
        """Return the next bytes of the body, fewer than a piece at its end."""
        piece = bytearray()
        try:
            async with asyncio.timeout(self._limits.piece_s):
                while len(piece) < PIECE and (part := await content.read(PIECE - len(piece))):
                    piece += part
        except TimeoutError:
            reason = f"too little came in {self._limits.piece_s:g} s: expected the rest of the song"
            raise UploadRefusedError(408, reason) from None
        except (ConnectionError, HttpProcessingError):
            raise UploadRefusedError(400, "it broke off: expected the whole song") from None
        return bytes(piece)


async def _invite(request: web.BaseRequest) -> None:
    """Say that the body may come, where the client waits for that."""
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
