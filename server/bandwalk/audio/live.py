"""Sound from a sound card, as it comes."""

import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bandwalk.audio.keeper import Keeper
from bandwalk.audio.portaudio import Device, find_input, open_stream, portaudio, rescan
from bandwalk.audio.resample import Resampler
from bandwalk.audio.ring import Ring
from bandwalk.audio.source import Options, channel_slice, clean
from bandwalk.clock import StreamClock
from bandwalk.errors import DeviceError
from bandwalk.records import Counters
from bandwalk.units import SAMPLE_RATE, samples_to_s

logger = logging.getLogger(__name__)

CALLBACK_BLOCK = 256
"""Samples the sound card is asked to hand over at a time: 17 ms of delay through PulseAudio, where 512 cost 35."""

RING_S = 1.0
"""Sound that waits for us at most; older sound gives way."""

STALL_S = 5.0
"""A sound card that gives nothing for so long is opened again: not every driver tells that it was unplugged."""


class LiveSource:
    """Listens to a sound card; where it is lost, it is taken up again when it is back.

    Raises:
        DeviceError: no such sound card, or it does not open.
        ParameterError: channels that it does not have.
    """

    def __init__(self, query: str, options: Options) -> None:
        device = find_input(query)
        self.name = f"live:{device.name}"
        self.counters = Counters()
        default = "1-2" if device.inputs > 1 else "1"  # not all: PulseAudio claims 32
        self._channels = channel_slice(options.channels or default, device.inputs, self.name)
        self._device = device
        self._opened_channels = max(self._channels.stop, min(2, device.inputs))  # asked for one, PulseAudio would mix
        self._rate = _usable_rate(device, self._opened_channels)
        self._follow_default = not query
        self._ring = Ring(round(RING_S * self._rate), self._opened_channels)
        self._sound = Resampler(self._rate, self._channels.stop - self._channels.start)
        self._stream_clock = StreamClock(self._rate)
        self._newest = (0, time.monotonic())  # samples captured, and when the last of them was
        self._taken = self._given = 0  # samples: from the ring, at its rate; to the listener, at 48 kHz
        self._listening = False
        self._t_heard = time.monotonic()
        self._keeper = Keeper(self._open, self._report_loss)

    def take(self, n: int, timeout_s: float) -> tuple[np.ndarray, float] | None:
        """Return ([n, channels] at 48 kHz, capture time of the last sample).

        None if they do not come within timeout_s, and at once while the sound card is lost.
        """
        deadline = time.monotonic() + timeout_s
        if not self._listening:
            self._ring.skip_to(0)  # what came before anyone listened
            self._listening = True
        while len(self._sound) < n:
            left_s = 0.0 if self._keeper.lost else max(0.0, deadline - time.monotonic())
            x = self._ring.take(self._rate // 100, left_s)
            if x is None:
                self._watch()
                return None
            self._taken += len(x)
            self._sound.push(clean(x[:, self._channels], self.counters))
        self._given += n
        self._t_heard = time.monotonic()
        return self._sound.take(n), self._capture_time()

    def close(self) -> None:
        """Let go of the sound card, and end a :meth:`take` that waits."""
        self._ring.close()
        self._keeper.close()

    def _capture_time(self) -> float:
        """Return when the last sample given was captured, as near as its arrival tells.

        Counted back from the newest sample captured: over what waits in the ring and in the resampler.
        """
        captured, t_s = self._newest
        in_ring_s = (captured - self._ring.position) / self._rate
        in_resampler_s = self._taken / self._rate - samples_to_s(self._given)
        return t_s - in_ring_s - in_resampler_s

    def _callback(self, indata: np.ndarray, _frames: int, _time: object, status: Any) -> None:
        """Copy and hand over, in PortAudio's thread."""
        now = time.monotonic()
        if status.input_overflow:  # samples were lost: the count of them no longer tells the time
            self.counters.add("audio_overflow")
            self._stream_clock.reset()
        dropped = self._ring.put(indata)
        captured = self._ring.written
        self._newest = (captured, self._stream_clock.capture_time(captured, now))
        if dropped and self._listening:
            self.counters.add("audio_dropped", dropped)

    def _open(self, finished: Callable[[], None]) -> Any:
        """Open the stream; a card that was unplugged is looked for by its name, since its index may be another's."""
        self._stream_clock.reset()
        try:
            stream = self._open_device(finished)
        except DeviceError:
            if not rescan():
                raise
            self._device = find_input("" if self._follow_default else f"{self._device.name}, {self._device.host_api}")
            stream = self._open_device(finished)
        logger.info("%s: listening at %d Hz", self.name, self._rate)
        return stream

    def _open_device(self, finished: Callable[[], None]) -> Any:
        return open_stream(
            "InputStream",
            f"opening {self.name}",
            device=self._device.index,
            channels=self._opened_channels,
            samplerate=self._rate,
            blocksize=CALLBACK_BLOCK,
            latency="low",
            callback=self._callback,
            finished_callback=finished,
        )

    def _report_loss(self) -> None:
        self.counters.add("device_lost")
        logger.warning("%s: the sound card is gone; silence until it is back", self.name)

    def _watch(self) -> None:
        """Open a sound card again that has given nothing for long."""
        now = time.monotonic()
        if self._keeper.lost:
            self._t_heard = now
        elif now - self._t_heard > STALL_S:
            self._t_heard = now
            self.counters.add("device_stalled")
            logger.info("%s: no sound for %g s, opening it again", self.name, STALL_S)
            self._keeper.renew()


def _usable_rate(device: Device, channels: int) -> int:
    """Return 48 kHz where the sound card takes it, else its own rate."""
    with portaudio(f"opening live:{device.name}") as sd:
        try:
            sd.check_input_settings(device.index, channels, "float32", samplerate=SAMPLE_RATE)
        except sd.PortAudioError:
            return device.sample_rate
        return SAMPLE_RATE
