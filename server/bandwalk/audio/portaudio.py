"""Sound cards: PortAudio is loaded and locked only here, and its errors are converted to DeviceError here.

PortAudio must not be called from two threads at once, and it sees only the cards that were there when it was
initialised. So every call except a stream's callback goes through :func:`portaudio`, and :func:`rescan` looks
again when no stream is open.
"""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from bandwalk.audio.device import Device, OnSound
from bandwalk.audio.pulse import list_sources
from bandwalk.errors import DeviceError
from bandwalk.units import SAMPLE_RATE

logger = logging.getLogger(__name__)

ANSWER_S = 4.0
"""If a different thread holds PortAudio for longer than this, PortAudio hangs in a driver."""

CALLBACK_BLOCK = 256
"""Samples per callback: 17 ms of delay through PulseAudio; with 512 it is 35 ms."""

_lock = threading.RLock()
_open_streams: set[Any] = set()

_MISSING = "expected libportaudio2 (Debian, Ubuntu: sudo apt-get install libportaudio2; macOS: brew install portaudio)"


@contextmanager
def portaudio(doing: str, patience_s: float = ANSWER_S) -> Iterator[Any]:
    """Hold PortAudio (the sounddevice module) while doing something with it.

    Args:
        doing:      what is being done, for the message.
        patience_s: longest wait for other threads; below 0: no limit.

    Raises:
        DeviceError: PortAudio is not installed, does not answer, or a call failed.
    """
    if not _lock.acquire(timeout=patience_s):
        raise DeviceError(f"{doing}: the sound system does not answer: an earlier call still waits for it")
    try:
        if "sounddevice" not in sys.modules:
            list_sources(doing)  # if the sound server hangs, PortAudio would hang without end, with stderr closed
        try:
            import sounddevice  # initialises PortAudio, which asks every sound driver: only when it is needed
        except ImportError as e:
            raise DeviceError(f"{doing}: sounddevice is missing, expected pip install 'bandwalk[server]'") from e
        except OSError as e:
            raise DeviceError(f"{doing}: PortAudio is missing, {_MISSING}") from e
        try:
            yield sounddevice
        except (sounddevice.PortAudioError, ValueError) as e:  # ValueError: sounddevice's own checks
            raise DeviceError(f"{doing}: {_reason(e)}") from e
    finally:
        _lock.release()


def _reason(error: Exception) -> str:
    """Return PortAudio's message with that of the sound driver; args are (message, code, (API, code, message))."""
    message = str(error.args[0] if error.args else error)
    host = error.args[2] if len(error.args) > 2 else None
    return f"{message} ({host[2]})" if host and host[2] else message


def list_cards() -> tuple[Device, ...]:
    """Return all sound cards that PortAudio sees; an empty tuple if there is none.

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
    """Return whether there is a sound card to play through."""
    try:
        return any(device.is_default_output and device.outputs for device in list_cards())
    except DeviceError as e:
        logger.debug("%s", e)
        return False


def rescan() -> bool:
    """Look for sound cards that came or went; return False and do nothing while a stream is open, to keep it open."""
    with portaudio("looking for sound cards") as sd:
        if _open_streams:
            return False
        list_sources("looking for sound cards")  # as above
        sd._terminate()  # PortAudio's own way, for which sounddevice has no public name
        sd._initialize()
        return True


class CardStream:
    """An open stream of a sound card, started.

    Args:
        kind:     "InputStream" or "OutputStream".
        doing:    what is being done, for the message.
        settings: for sounddevice's stream.

    Raises:
        DeviceError: it does not open.
    """

    is_gone = True
    """A stream that finishes by itself has lost its sound card."""

    def __init__(self, kind: str, doing: str, **settings: Any) -> None:
        with portaudio(doing) as sd:
            stream = getattr(sd, kind)(dtype="float32", **settings)
            try:
                stream.start()
            except sd.PortAudioError:
                stream.close()
                raise
            _open_streams.add(stream)
            self._stream = stream

    def close(self) -> None:
        """Close it; sound that it still holds is lost."""
        try:
            with portaudio("closing a sound card", patience_s=-1):
                _open_streams.discard(self._stream)
                self._stream.abort()
                self._stream.close()
        except DeviceError as e:
            logger.debug("%s", e)


def open_input(
    device: Device, channels: int, sample_rate: int, on_sound: OnSound, finished: Callable[[], None]
) -> CardStream:
    """Open a sound card for recording.

    Args:
        on_sound: takes x [n, channels], to be copied, and whether samples were lost before it; in PortAudio's thread.
        finished: called when the card is gone.

    Raises:
        DeviceError: it does not open.
    """

    def hand_on(indata: np.ndarray, _frames: int, _time: object, status: Any) -> None:
        on_sound(indata, bool(status.input_overflow))

    return CardStream(
        "InputStream",
        f"opening live:{device.name}",
        device=device.index,
        channels=channels,
        samplerate=sample_rate,
        blocksize=CALLBACK_BLOCK,
        latency="low",
        callback=hand_on,
        finished_callback=finished,
    )


def usable_rate(device: Device, channels: int) -> int:
    """Return 48 kHz if the sound card supports it, else its own rate.

    Raises:
        DeviceError: PortAudio fails.
    """
    with portaudio(f"opening live:{device.name}") as sd:
        try:
            sd.check_input_settings(device.index, channels, "float32", samplerate=SAMPLE_RATE)
        except sd.PortAudioError:
            return device.sample_rate
        return SAMPLE_RATE
