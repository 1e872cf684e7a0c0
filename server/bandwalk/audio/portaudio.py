"""Sound cards: the one place where PortAudio is loaded, locked, and its errors become ours.

PortAudio may not be called from two threads at once, and it sees only the cards that were there when it was
initialised. So every call but a stream's callback goes through :func:`portaudio`, and :func:`rescan` looks
anew when no stream is open.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bandwalk.errors import DeviceError

logger = logging.getLogger(__name__)

_lock = threading.RLock()
_open_streams: set[Any] = set()

_MISSING = "expected libportaudio2 (Debian, Ubuntu: sudo apt-get install libportaudio2; macOS: brew install portaudio)"


@dataclass(frozen=True, slots=True)
class Device:
    """A sound card as PortAudio lists it; rate is its own, in Hz."""

    index: int
    name: str
    inputs: int
    outputs: int
    sample_rate: int
    host_api: str
    is_default_input: bool
    is_default_output: bool

    def __str__(self) -> str:
        return f"{self.index} {self.name} ({self.host_api})"


@contextmanager
def portaudio(doing: str) -> Iterator[Any]:
    """Hold PortAudio (the sounddevice module) while doing something with it.

    Raises:
        DeviceError: it is not installed, or what was done with it failed.
    """
    with _lock:
        try:
            import sounddevice  # initialises PortAudio, which asks every sound driver: not before it is needed
        except ImportError as e:
            raise DeviceError(f"{doing}: sounddevice is missing, expected pip install 'bandwalk[server]'") from e
        except OSError as e:
            raise DeviceError(f"{doing}: PortAudio is missing, {_MISSING}") from e
        try:
            yield sounddevice
        except (sounddevice.PortAudioError, ValueError) as e:  # ValueError: sounddevice's own checks
            raise DeviceError(f"{doing}: {_reason(e)}") from e


def _reason(error: Exception) -> str:
    """Return what PortAudio says, with what the sound driver said to it: (message, code, (API, code, message))."""
    message = str(error.args[0] if error.args else error)
    host = error.args[2] if len(error.args) > 2 else None
    return f"{message} ({host[2]})" if host and host[2] else message


def list_devices() -> tuple[Device, ...]:
    """Return all sound cards; none is an empty tuple.

    Raises:
        DeviceError: PortAudio is missing or fails.
    """
    with portaudio("listing sound cards") as sd:
        apis = sd.query_hostapis()
        default_input, default_output = sd.default.device
        if apis and default_input < 0 and default_output < 0:
            default_input, default_output = apis[0]["default_input_device"], apis[0]["default_output_device"]
        return tuple(
            Device(
                index=info["index"],
                name=info["name"],
                inputs=info["max_input_channels"],
                outputs=info["max_output_channels"],
                sample_rate=round(info["default_samplerate"]),
                host_api=apis[info["hostapi"]]["name"],
                is_default_input=info["index"] == default_input,
                is_default_output=info["index"] == default_output,
            )
            for info in sd.query_devices()
        )


def has_output() -> bool:
    """Tell whether there is a sound card to play through."""
    try:
        return any(device.is_default_output and device.outputs for device in list_devices())
    except DeviceError as e:
        logger.debug("%s", e)
        return False


def rescan() -> bool:
    """Look for sound cards that came or went; False, and nothing done, while a stream is open: it would be cut off."""
    with portaudio("looking for sound cards") as sd:
        if _open_streams:
            return False
        sd._terminate()  # PortAudio's own way, for which sounddevice has no public name
        sd._initialize()
        return True


def find_input(query: str) -> Device:
    """Return the sound card to listen to.

    Args:
        query: its index, or a part of "name, host API" in any case; "": the system's default.

    Raises:
        DeviceError: there is none, or there are several (they are listed).
    """
    try:
        return _match(query, list_devices())
    except DeviceError:
        if not rescan():
            raise
    return _match(query, list_devices())


def _match(query: str, devices: tuple[Device, ...]) -> Device:
    doing = f"opening live:{query}" if query else "opening live"
    inputs = [device for device in devices if device.inputs]
    if not inputs:
        raise DeviceError(f"{doing}: no sound card to listen to was found (see bandwalk devices)")
    if query.isdecimal():
        found = [device for device in inputs if device.index == int(query)]
    elif query:
        wanted = query.casefold()
        found = [device for device in inputs if wanted in f"{device.name}, {device.host_api}".casefold()]
        found = [device for device in found if device.name.casefold() == wanted] or found
    else:
        found = [device for device in inputs if device.is_default_input] or inputs[:1]
    if len(found) == 1:
        return found[0]
    problem = "matches several devices, expected one of" if found else "no such device, expected one of"
    raise DeviceError(f"{doing}: {problem} {'; '.join(map(str, found or inputs))}")


def open_stream(kind: str, doing: str, **settings: Any) -> Any:
    """Open and start a sounddevice stream ("InputStream" or "OutputStream") of float32.

    Raises:
        DeviceError: it does not open.
    """
    with portaudio(doing) as sd:
        stream = getattr(sd, kind)(dtype="float32", **settings)
        try:
            stream.start()
        except sd.PortAudioError:
            stream.close()
            raise
        _open_streams.add(stream)
        return stream


def close_stream(stream: Any) -> None:
    """Close a stream that :func:`open_stream` opened; what it still held is lost."""
    try:
        with portaudio("closing a sound card"):
            _open_streams.discard(stream)
            stream.abort()
            stream.close()
    except DeviceError as e:
        logger.debug("%s", e)
