"""Sound sources of a sound server (PulseAudio or PipeWire), each with its own channels.

Through PortAudio and ALSA's plugin the server mixes channels by name: channels named aux0..auxN are lost or
end up in different ones. Here a source is recorded by its own channel map, without mixing.
"""

import ctypes
import os
import time
from collections.abc import Callable
from ctypes import byref, c_char, c_size_t, c_void_p
from typing import Any, NamedTuple

import numpy as np

from bandwalk.audio import libpulse as pa
from bandwalk.audio.device import Device, OnSound
from bandwalk.errors import DeviceError

ANSWER_S = 4.0
"""Longest wait for an answer: a sound server that works takes a few milliseconds."""

FRAGMENT = 256
"""Samples that the server is asked to deliver at a time: a sixth of a frame time at 30 frames per second."""

TURN_S = 0.05
"""Longest wait for the server between two checks whether to close."""

_FAILED = c_size_t(-1).value
"""libpulse's return value if it does not know a size."""

_HELD_S = 1.0
"""Most sound that the server holds for us."""

_DEFAULT_MONITOR = "@DEFAULT_MONITOR@"
"""Name in PULSE_SOURCE for what the computer plays."""


class _Server(NamedTuple):
    """A sound server's name, and its default input and output."""

    name: str
    default_source: str
    default_sink: str


class NoServer(Exception):  # noqa: N818  not an error: a machine may have no sound server
    """There is no sound server, or its library is not installed."""


class PulseConnection:
    """A connection to the sound server, used by one thread at a time; each wait has a limit.

    Raises:
        NoServer:    no server is there.
        DeviceError: it does not answer.
    """

    def __init__(self, doing: str) -> None:
        self._doing = doing
        library = pa.load()
        if library is None:
            raise NoServer
        self.lib: Any = library
        self._loop = library.pa_mainloop_new()
        self._context = library.pa_context_new(library.pa_mainloop_get_api(self._loop), b"bandwalk")
        self._kept: list[Any] = []  # callbacks that the library may still call
        self._stream: int | None = None
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Disconnect, without waiting for the server."""
        if self._stream is not None:
            self.lib.pa_stream_disconnect(self._stream)
            self.lib.pa_stream_unref(self._stream)
        self.lib.pa_context_disconnect(self._context)
        self.lib.pa_context_unref(self._context)
        self.lib.pa_mainloop_free(self._loop)

    def turn(self, wait_s: float) -> None:
        """Handle what the server sends; wait for it at most this long."""
        lib, loop = self.lib, self._loop
        if lib.pa_mainloop_prepare(loop, max(0, round(wait_s * 1e6))) >= 0 and lib.pa_mainloop_poll(loop) >= 0:
            lib.pa_mainloop_dispatch(loop)

    @property
    def is_alive(self) -> bool:
        """Return whether the connection is open, and so is the stream, if one was opened."""
        if self.lib.pa_context_get_state(self._context) != pa.CONTEXT_READY:
            return False
        return self._stream is None or self.lib.pa_stream_get_state(self._stream) == pa.STREAM_READY

    def sources(self) -> list[Device]:
        """Return all sources."""
        servers: list[_Server] = []
        found: list[Device] = []

        def on_server(_context: object, info: Any, _data: object) -> None:
            if info:
                servers.append(_to_server(info[0]))

        def on_source(_context: object, info: Any, end: int, _data: object) -> None:
            if not end and info:
                found.append(_to_device(len(found), info[0], servers[0]))

        self._ask("pa_context_get_server_info", pa.SERVER_CALLBACK(on_server))
        if servers:
            self._ask("pa_context_get_source_info_list", pa.SOURCE_CALLBACK(on_source))
        return found

    def record(self, source: Device) -> None:
        """Open a recording stream of a source, with its own channels."""
        spec = pa.SampleSpec(pa.FLOAT32, source.sample_rate, len(source.channel_map))
        places = pa.ChannelMap(len(source.channel_map), (ctypes.c_int * pa.MAX_CHANNELS)(*source.channel_map))
        frame = 4 * len(source.channel_map)
        attr = pa.BufferAttr(
            round(_HELD_S * source.sample_rate) * frame, pa.UNSET, pa.UNSET, pa.UNSET, FRAGMENT * frame
        )
        flags = pa.NO_REMIX_CHANNELS | pa.DONT_MOVE | pa.ADJUST_LATENCY
        stream = self.lib.pa_stream_new(self._context, b"what bandwalk hears", byref(spec), byref(places))
        if not stream:
            raise self._error()
        self._stream = stream
        if self.lib.pa_stream_connect_record(stream, source.key.encode(), byref(attr), flags) < 0:
            raise self._error()
        self._wait(lambda: self.lib.pa_stream_get_state(stream) >= pa.STREAM_READY)
        if not self.is_alive:
            raise self._error()

    def watch_defaults(self, on_change: Callable[[], None]) -> None:
        """Call on_change, in :meth:`turn`, when something about the server changes, such as its defaults."""
        callback = pa.EVENT_CALLBACK(lambda *_: on_change())
        self._kept.append(callback)
        self.lib.pa_context_set_subscribe_callback(self._context, callback, None)
        self.lib.pa_operation_unref(self.lib.pa_context_subscribe(self._context, pa.SUBSCRIBE_SERVER, None, None))

    def read(self, channels: int, on_sound: OnSound) -> None:
        """Pass on all sound that has arrived."""
        data, size = c_void_p(), c_size_t()
        while 0 < self.lib.pa_stream_readable_size(self._stream) < _FAILED:
            if self.lib.pa_stream_peek(self._stream, byref(data), byref(size)) < 0 or not size.value:
                return
            was_lost = data.value is None  # a hole: samples that the server lost
            raw = bytes(size.value) if was_lost else memoryview((c_char * size.value).from_address(data.value or 0))
            on_sound(np.frombuffer(raw, np.float32).reshape(-1, channels), was_lost)
            self.lib.pa_stream_drop(self._stream)

    def _connect(self) -> None:
        if self.lib.pa_context_connect(self._context, None, 0, None) < 0:
            raise NoServer
        self._wait(lambda: self._state() == pa.CONTEXT_READY or self._state() >= pa.CONTEXT_FAILED)
        if self._state() != pa.CONTEXT_READY:
            raise NoServer

    def _state(self) -> int:
        return int(self.lib.pa_context_get_state(self._context))

    def _ask(self, function: str, callback: Any) -> None:
        self._kept.append(callback)
        operation = getattr(self.lib, function)(self._context, callback, None)
        if not operation:
            raise self._error()
        try:
            self._wait(lambda: self.lib.pa_operation_get_state(operation) != pa.OPERATION_RUNNING)
        finally:
            self.lib.pa_operation_unref(operation)

    def _wait(self, is_done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + ANSWER_S
        while not is_done():
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise DeviceError(f"{self._doing}: the sound server does not answer within {ANSWER_S:g} s")
            self.turn(min(left_s, TURN_S))

    def _error(self) -> DeviceError:
        reason = _text(self.lib.pa_strerror(self.lib.pa_context_errno(self._context)))
        return DeviceError(f"{self._doing}: {reason}")


def list_sources(doing: str) -> list[Device] | None:
    """Return all sources of the sound server; None if there is no server.

    Raises:
        DeviceError: it does not answer.
    """
    try:
        connection = PulseConnection(doing)
    except NoServer:
        return None
    try:
        return connection.sources()
    finally:
        connection.close()


def _to_server(info: pa.ServerInfo) -> _Server:
    name, source = _text(info.server_name), _text(info.default_source_name)
    return _Server(
        "PipeWire" if "PipeWire" in name else "PulseAudio",
        os.environ.get("PULSE_SOURCE") or source,
        _text(info.default_sink_name),
    )


def _to_device(index: int, info: pa.SourceInfo, server: _Server) -> Device:
    key, sink = _text(info.name), _text(info.monitor_of_sink_name)
    is_computer = bool(sink) and sink == server.default_sink
    return Device(
        index=index,
        name=_text(info.description) or key,
        inputs=info.channel_map.channels,
        outputs=0,
        sample_rate=int(info.sample_spec.rate),
        host_api=server.name,
        is_default_input=key == server.default_source or (is_computer and server.default_source == _DEFAULT_MONITOR),
        is_default_output=False,
        key=key,
        channel_map=tuple(info.channel_map.map[: info.channel_map.channels]),
        is_computer=is_computer,
    )


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "replace")
