"""Live sound from a sound card."""

import logging
import time
from collections.abc import Callable

import numpy as np

from bandwalk.audio import portaudio
from bandwalk.audio.capture_buffer import CaptureBuffer
from bandwalk.audio.cards import COMPUTER, DeviceOptions, find_again, find_input, open_input
from bandwalk.audio.device import Device, OpenCard
from bandwalk.audio.keeper import StreamKeeper
from bandwalk.audio.source import SourceOptions, channel_slice
from bandwalk.errors import DeviceError, ParameterError
from bandwalk.records import Counters

logger = logging.getLogger(__name__)

STALL_S = 5.0
"""A sound card that gives nothing for this long is opened again: not every driver reports that it was unplugged."""


class LiveSource:
    """Records from a sound card; if the card is lost, recording continues when it is back.

    Raises:
        DeviceError: no such sound card, or it does not open.
        ParameterError: channels that it does not have.
    """

    def __init__(self, query: str, options: SourceOptions) -> None:
        self._query, self._wanted = query, options.channels
        self._follows = query in ("", COMPUTER)
        self._counters = Counters()
        self._device = find_input(query)
        self.name = _name_of(self._device)
        self._is_known_open = False
        self._t_heard = time.monotonic()
        self._buffer: CaptureBuffer
        self._keeper = StreamKeeper(self._open, self._report_loss)

    @property
    def counters(self) -> Counters:
        """Return the counters of faults."""
        return self._counters

    @counters.setter
    def counters(self, counters: Counters) -> None:
        self._counters = self._buffer.counters = counters

    def take(self, n: int, timeout_s: float) -> tuple[np.ndarray, float] | None:
        """Return ([n, channels] at 48 kHz, capture time of the last sample).

        None if they do not come within timeout_s, and at once while the sound card is lost.
        """
        now = time.monotonic()
        taken = self._buffer.take(n, now if self._keeper.lost else now + timeout_s)
        if taken is None:
            self._watch()
        else:
            self._t_heard = time.monotonic()
        return taken

    def close(self) -> None:
        """Close the sound card, and end a :meth:`take` that is waiting."""
        self._buffer.close()
        self._keeper.close()

    def _channels_of(self, device: Device) -> slice:
        """Return which channels of a device to keep.

        Raises:
            ParameterError: channels that it does not have.
            DeviceError:    channels that it had before it was lost.
        """
        default = "1-2" if device.inputs > 1 else "1"  # not all: some cards report 32
        try:
            return channel_slice(self._wanted or default, device.inputs, _name_of(device))
        except ParameterError as e:
            if self._is_known_open:
                raise DeviceError(str(e)) from e
            raise

    def _open(self, finished: Callable[[], None]) -> OpenCard:
        """Open the stream; a lost card is found by its key or its name, because its index may have changed."""
        device = self._device
        if device.key and self._is_known_open:
            device = find_again(device, follows=self._follows)
        try:
            stream = self._open_device(device, finished)
        except DeviceError:
            if device.key or not portaudio.rescan():
                raise
            device = find_input("" if self._follows else f"{device.name}, {device.host_api}")
            stream = self._open_device(device, finished)
        self._is_known_open = True
        return stream

    def _open_device(self, device: Device, finished: Callable[[], None]) -> OpenCard:
        kept = self._channels_of(device)
        channels = max(kept.stop, min(2, device.inputs))  # if asked for one channel, the sound server would mix
        rate = device.sample_rate if device.key else portaudio.usable_rate(device, channels)
        buffer = CaptureBuffer(rate, kept)
        buffer.counters = self._counters
        order = DeviceOptions(device, channels, rate, follows=self._follows)
        stream = open_input(order, buffer.put, finished)
        self._device, self._buffer, self.name = device, buffer, _name_of(device)
        logger.info("%s: listening at %d Hz", self.name, rate)
        return stream

    def _report_loss(self) -> None:
        self._counters.add("device_lost")
        logger.warning("%s: the sound card is gone; silence until it is back", self.name)

    def _watch(self) -> None:
        """Open the sound card again if it has given nothing for too long."""
        now = time.monotonic()
        if self._keeper.lost:
            self._t_heard = now
        elif now - self._t_heard > STALL_S:
            self._t_heard = now
            self._counters.add("device_stalled")
            logger.info("%s: no sound for %g s; opening it again", self.name, STALL_S)
            self._keeper.renew()


def _name_of(device: Device) -> str:
    return f"live:{device.name}"
