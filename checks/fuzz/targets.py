"""What is fuzzed: the readers of all that comes from outside. Each gets bytes, and may refuse them in words."""

import asyncio
import contextlib
import math
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mido
from aiohttp import WSMessage, WSMsgType, web

from bandwalk.audio.songs import read_list
from bandwalk.clock import ManualClock
from bandwalk.control import Dispatcher, Store, Subscribers, preset_file, route, scenes
from bandwalk.control.framing import framing_of
from bandwalk.control.inbox import Inbox
from bandwalk.control.midi import map_files
from bandwalk.control.midi.messages import Decoder
from bandwalk.errors import BandwalkError, ParameterError
from bandwalk.generator.reading import read_snapshot
from bandwalk.params import defaults, routes
from bandwalk.params.commands import COMMANDS
from bandwalk.params.signals import SIGNALS
from bandwalk.pipeline import keyframe_files
from bandwalk.records import Counters
from bandwalk.render.lyrics import read_lyrics
from bandwalk.show.cues import Cues
from bandwalk.show.state_file import read_state
from bandwalk.units import layers_past, parse_layers, parse_seeds
from bandwalk.web.guard import Guard
from bandwalk.web.hosts import Hosts
from bandwalk.web.hub import Client, Hub
from bandwalk.web.metrics import Readings
from bandwalk.web.show_calls import ShowCalls
from bandwalk.web.site import Site
from bandwalk.web.token import Token
from bandwalk.wire import parse_segment

DATA = Path(__file__).parents[2] / "tests" / "data"
CORPUS = DATA / "corpus"
LIMIT_S = 0.010
"""CPU time that reading one input may take."""

_FOLDER = Path(tempfile.mkdtemp(prefix="bandwalk-fuzz-"))


@dataclass(frozen=True, slots=True)
class Target:
    """A reader.

    read:     gets the input; raises BandwalkError to refuse it, anything else is a fault.
    modules:  whose branches are counted.
    max_len:  most bytes of an input.
    limit_s:  CPU time that one input may take.
    seeds:    files beside those of the corpus to begin with.
    """

    read: Callable[[bytes], object]
    modules: tuple[str, ...]
    max_len: int = 4096
    limit_s: float = LIMIT_S
    seeds: tuple[str, ...] = ()


class Desk:
    """Control and web without threads and sockets: an input is worked on when the call returns."""

    def __init__(self) -> None:
        self.counters, clock = Counters(), ManualClock(100.0)
        self.store, self.inbox = Store(defaults()), Inbox(self.counters)
        nothing: dict[str, Callable[..., None]] = {c.address: lambda args, source: None for c in COMMANDS}
        for own in ("/ping", "/subscribe", "/unsubscribe"):
            del nothing[own]
        subscribers = Subscribers(clock=clock, limit=16)
        send = lambda packet, target: None  # noqa: E731
        self.dispatcher = Dispatcher(
            self.store, nothing, subscribers=subscribers, send=send, clock=clock, counters=self.counters
        )
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(self._broke)
        calls = ShowCalls(
            rows=lambda: self.store.rows().values(),
            signals=SIGNALS,
            commands=COMMANDS,
            values=lambda: self.store.values,
            take=self.take,
            encode=lambda address, value: b"/a\0\0,\0\0\0",
            bundle=b"".join,
            readings=lambda: Readings(30.0, 1, 0.0, (), {}),
            osc_port=9000,
        )
        self.hub = Hub(calls, self.loop, self.counters)
        site = Site(
            calls, self.hub, guard=Guard(Hosts("127.0.0.1", 9003)), token=Token(""), port=9003, counters=self.counters
        )
        self.server = self.loop.run_until_complete(self._serve(site))
        self.faults: list[object] = []

    async def _serve(self, site: Site) -> web.Server:
        return web.Server(site.answer, access_log=None)

    def _broke(self, loop: object, context: dict[str, Any]) -> None:
        self.faults.append(context.get("exception") or context["message"])

    def take(self, packet: bytes, controller: Any = ("127.0.0.1", 40_000)) -> None:
        """Read a packet and do what it says."""
        self.inbox.put(packet, controller)
        for piece in self.inbox.take() or () if self.inbox._has_any() else ():
            self.dispatcher(piece)
        self.check()

    def receive(self, *pieces: bytes) -> None:
        """Let these bytes come on a new HTTP connection."""
        line, handler = Line(), self.server()
        handler.connection_made(line)
        for piece in pieces:
            if not line.is_over:
                handler.data_received(piece)
            self._turn()
        handler.connection_lost(None)
        self._turn()
        self.check()

    def _turn(self, times: int = 6) -> None:
        async def turn() -> None:
            for _ in range(times):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turn())

    def check(self) -> None:
        """Raise what went wrong in our own code."""
        for cause in ("web_failed", "osc_failed"):
            if self.counters.counts.pop(cause, 0):
                raise AssertionError(f"{cause} was counted")
        if self.faults:
            raise AssertionError(f"in the loop: {self.faults.pop()!r}")


class Line(asyncio.Transport):
    """A connection whose other end takes all and says nothing."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 40_000), "sockname": ("127.0.0.1", 9003)})
        self.is_over = False

    def write(self, data: object) -> None:
        """Take it."""

    def writelines(self, data: object) -> None:
        """Take it."""

    def is_closing(self) -> bool:
        """Whether it has been closed."""
        return self.is_over

    def close(self) -> None:
        """Close it."""
        self.is_over = True

    abort = close
    pause_reading = resume_reading = write_eof = lambda self: None
    set_protocol = set_write_buffer_limits = lambda self, *args, **more: None
    can_write_eof = is_reading = lambda self: True
    get_write_buffer_size = lambda self: 0  # noqa: E731


_desk: list[Desk] = []


def _at_desk() -> Desk:
    if not _desk:
        _desk.append(Desk())
    return _desk[0]


def _file(read: Callable[[Path], object], name: str = "input") -> Callable[[bytes], object]:
    """Return a reader of bytes: writes them to a file, and reads that."""

    def read_bytes(data: bytes) -> object:
        (_FOLDER / name).write_bytes(data)
        return read(_FOLDER / name)

    return read_bytes


def _text(*readers: Callable[[str], object]) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        for reader in readers:
            with contextlib.suppress(BandwalkError):
                reader(data.decode("utf-8", "replace"))

    return read


def _osc_tcp(data: bytes) -> None:
    framing = framing_of(data[0] if data else 0)
    for start in range(0, len(data), 97):
        for packet in framing.feed(data[start : start + 97]):
            _at_desk().take(packet)


def _websocket(data: bytes) -> None:
    """Bytes after a handshake: to OSCQuery, or to the frames."""
    path = b"/frames" if data[:1] == b"F" else b"/"
    head = b"GET %b HTTP/1.1\r\nHost: 127.0.0.1:9003\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" % path
    _at_desk().receive(head + b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", data)


def _message(data: bytes) -> None:
    """One WebSocket message, text or OSC."""
    desk = _at_desk()
    client = Client(desk.hub, "127.0.0.1")
    if data[:1] == b"{":
        message = WSMessage(WSMsgType.TEXT, data.decode("utf-8", "replace"), None)
    else:
        message = WSMessage(WSMsgType.BINARY, data, None)
    desk.hub.receive(client, message)
    desk.check()


def _midi(data: bytes) -> None:
    decoder, parser = Decoder("device"), mido.Parser()
    parser.feed(data)
    for message in parser:
        for event in decoder.hear(message, 1.0):
            if not 0.0 <= event.position <= 1.0:
                raise AssertionError(f"{event}: a position outside 0..1")


def _cues(data: bytes) -> None:
    cues = Cues()
    for number, t_s in struct.iter_unpack(">id", data[: len(data) // 12 * 12]):
        with contextlib.suppress(ParameterError):
            cues.set("song", number, t_s)
    if not all(math.isfinite(float(at)) or at > 0 for at in cues.rows("song").values()):
        raise AssertionError("a cue point that is no number")


def _layers(text: str) -> None:
    parse_layers(text, 18)
    layers_past(text, 18)


_CONTROL = ("bandwalk.osc", "bandwalk.control", "bandwalk.params")
_WEB = ("bandwalk.web", "bandwalk.osc", "bandwalk.control")
_TOML = ("bandwalk.control", "bandwalk.params")

TARGETS: dict[str, Target] = {
    "osc": Target(lambda data: _at_desk().take(data), _CONTROL),
    "osc_tcp": Target(_osc_tcp, _CONTROL),
    "frame": Target(parse_segment, ("bandwalk.wire",)),
    "preset": Target(_file(preset_file.load), _TOML),
    "route": Target(_text(routes.parse_route), ("bandwalk.params",), 512),
    "layers": Target(_text(_layers, parse_seeds), ("bandwalk.units",), 512),
    "osc_map": Target(_file(route.read_routes), ("bandwalk.control.route", "bandwalk.units")),
    "midi_map": Target(_file(lambda path: map_files.load(_FOLDER, "input"), "input.midi.toml"), _TOML),
    "keyframes": Target(
        _file(lambda path: keyframe_files.load(_FOLDER, "input"), "input.keys.toml"),
        ("bandwalk.pipeline.keyframe_files", "bandwalk.control"),
    ),
    "scenes": Target(_file(scenes.load), _TOML),
    "state": Target(_file(lambda path: read_state(_FOLDER), "state.json"), ("bandwalk.show.state_file",)),
    "http": Target(lambda data: _at_desk().receive(data), _WEB),
    "websocket": Target(_websocket, _WEB),
    "message": Target(_message, _WEB),
    "playlist": Target(_file(read_list), ("bandwalk.audio.songs", "bandwalk.units")),
    "lyrics": Target(_file(read_lyrics), ("bandwalk.render.lyrics",)),
    "midi": Target(_midi, ("bandwalk.control.midi",), 512),
    "cues": Target(_cues, ("bandwalk.show.cues",), 512),
    "model": Target(
        _file(read_snapshot, "model.pkl"),
        ("bandwalk.generator.reading",),
        300_000,
        limit_s=1.0,
        seeds=("b3_sg3sg2_orig.pkl", "f1_rosinality_legacyfmt.pt"),
    ),
}
"""All of them, by name; the corpus has a folder of each."""


def try_one(target: Target, data: bytes) -> None:
    """Let a target read an input; what it refuses in words is well."""
    with contextlib.suppress(BandwalkError):
        target.read(data)
