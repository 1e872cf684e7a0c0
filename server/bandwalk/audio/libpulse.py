"""Declares the part of libpulse that we use: the C library through which programs talk to PulseAudio and PipeWire.

The structures and numbers are those of ``pulse/def.h``, ``sample.h``, ``channelmap.h`` and ``introspect.h``; they
have not changed since version 2 (2012). Fields of a structure after the last one here are not read.
"""

import ctypes
import sys
from ctypes import POINTER, Structure, c_char_p, c_int, c_size_t, c_uint8, c_uint32, c_void_p
from functools import lru_cache
from typing import Any

MAX_CHANNELS = 32
FLOAT32 = 5 if sys.byteorder == "little" else 6
"""PA_SAMPLE_FLOAT32LE and BE."""

CONTEXT_READY, CONTEXT_FAILED, CONTEXT_TERMINATED = 4, 5, 6
STREAM_READY, STREAM_FAILED, STREAM_TERMINATED = 2, 3, 4
OPERATION_RUNNING = 0

NO_REMAP_CHANNELS, NO_REMIX_CHANNELS, DONT_MOVE, ADJUST_LATENCY = 0x0010, 0x0020, 0x0200, 0x2000
"""Flags of a stream: its channels are the device's by number, without mixing; it stays on its device;
the device delivers sound as often as we ask for it."""

SUBSCRIBE_SERVER = 0x0080
UNSET = 0xFFFFFFFF


class SampleSpec(Structure):
    """``pa_sample_spec``."""

    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class ChannelMap(Structure):
    """``pa_channel_map``: the position of each channel."""

    _fields_ = (("channels", c_uint8), ("map", c_int * MAX_CHANNELS))


class Volume(Structure):
    """``pa_cvolume``."""

    _fields_ = (("channels", c_uint8), ("values", c_uint32 * MAX_CHANNELS))


class BufferAttr(Structure):
    """``pa_buffer_attr``, bytes."""

    _fields_ = tuple((name, c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize"))


class ServerInfo(Structure):
    """``pa_server_info``."""

    _fields_ = (
        ("user_name", c_char_p),
        ("host_name", c_char_p),
        ("server_version", c_char_p),
        ("server_name", c_char_p),
        ("sample_spec", SampleSpec),
        ("default_sink_name", c_char_p),
        ("default_source_name", c_char_p),
    )


class SourceInfo(Structure):
    """``pa_source_info``."""

    _fields_ = (
        ("name", c_char_p),
        ("index", c_uint32),
        ("description", c_char_p),
        ("sample_spec", SampleSpec),
        ("channel_map", ChannelMap),
        ("owner_module", c_uint32),
        ("volume", Volume),
        ("mute", c_int),
        ("monitor_of_sink", c_uint32),
        ("monitor_of_sink_name", c_char_p),
    )


SERVER_CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, POINTER(ServerInfo), c_void_p)
SOURCE_CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, POINTER(SourceInfo), c_int, c_void_p)
EVENT_CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_uint32, c_void_p)

_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pa_mainloop_new": (c_void_p, ()),
    "pa_mainloop_free": (None, (c_void_p,)),
    "pa_mainloop_get_api": (c_void_p, (c_void_p,)),
    "pa_mainloop_prepare": (c_int, (c_void_p, c_int)),
    "pa_mainloop_poll": (c_int, (c_void_p,)),
    "pa_mainloop_dispatch": (c_int, (c_void_p,)),
    "pa_mainloop_wakeup": (None, (c_void_p,)),
    "pa_context_new": (c_void_p, (c_void_p, c_char_p)),
    "pa_context_connect": (c_int, (c_void_p, c_char_p, c_int, c_void_p)),
    "pa_context_disconnect": (None, (c_void_p,)),
    "pa_context_unref": (None, (c_void_p,)),
    "pa_context_get_state": (c_int, (c_void_p,)),
    "pa_context_errno": (c_int, (c_void_p,)),
    "pa_context_get_server_info": (c_void_p, (c_void_p, SERVER_CALLBACK, c_void_p)),
    "pa_context_get_source_info_list": (c_void_p, (c_void_p, SOURCE_CALLBACK, c_void_p)),
    "pa_context_set_subscribe_callback": (None, (c_void_p, EVENT_CALLBACK, c_void_p)),
    "pa_context_subscribe": (c_void_p, (c_void_p, c_int, c_void_p, c_void_p)),
    "pa_operation_get_state": (c_int, (c_void_p,)),
    "pa_operation_unref": (None, (c_void_p,)),
    "pa_stream_new": (c_void_p, (c_void_p, c_char_p, POINTER(SampleSpec), POINTER(ChannelMap))),
    "pa_stream_connect_record": (c_int, (c_void_p, c_char_p, POINTER(BufferAttr), c_int)),
    "pa_stream_disconnect": (c_int, (c_void_p,)),
    "pa_stream_unref": (None, (c_void_p,)),
    "pa_stream_get_state": (c_int, (c_void_p,)),
    "pa_stream_readable_size": (c_size_t, (c_void_p,)),
    "pa_stream_peek": (c_int, (c_void_p, POINTER(c_void_p), POINTER(c_size_t))),
    "pa_stream_drop": (c_int, (c_void_p,)),
    "pa_strerror": (c_char_p, (c_int,)),
}


@lru_cache(maxsize=1)
def load() -> Any:
    """Return the library with the types of its functions set; None if it is not installed."""
    if sys.platform in ("win32", "darwin"):
        return None
    try:
        library = ctypes.CDLL("libpulse.so.0")
    except OSError:
        return None
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
