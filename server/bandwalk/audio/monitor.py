"""Plays the sound through the default sound card."""

import logging
from collections.abc import Callable

import numpy as np

from bandwalk.audio.keeper import StreamKeeper
from bandwalk.audio.may_hang import run_or_give_up
from bandwalk.audio.portaudio import CardStream, has_output, rescan
from bandwalk.audio.ring import Ring
from bandwalk.errors import DeviceError
from bandwalk.records import Counters
from bandwalk.units import SAMPLE_RATE, s_to_samples

logger = logging.getLogger(__name__)

CUSHION = s_to_samples(0.06)
"""Samples in the buffer before playing starts: they bridge a late block."""

MAX_WAITING = s_to_samples(0.2)
"""Most samples in the buffer: beyond it the sound card runs slow, and we skip to the cushion."""


def open_monitor(counters: Counters, *, if_any: bool = False) -> "Monitor | None":
    """Return a monitor; with if_any, None if there is no sound card.

    Raises:
        DeviceError: the sound card does not open or does not answer.
    """

    def open_it() -> Monitor | None:
        return None if if_any and not has_output() else Monitor(counters)

    def undo(monitor: Monitor | None) -> None:
        if monitor is not None:
            monitor.close()

    return run_or_give_up("opening the monitor", open_it, undo)


class Monitor:
    """The sound card's output, fed by a bounded ring, so that :meth:`play` never waits.

    Raises:
        DeviceError: there is no sound card to play through, or it does not open.
    """

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._ring = Ring(2 * MAX_WAITING, 2)
        self._playing = False
        self._keeper = StreamKeeper(self._open, self._report_loss)

    def play(self, x: np.ndarray) -> None:
        """Play x [n, channels] at 48 kHz: the first two channels, or a single one on both sides."""
        self._ring.put(np.broadcast_to(x[:, :2], (len(x), 2)))

    def begin_close(self) -> None:
        """Start closing the sound card, without waiting for it."""
        self._keeper.begin_close()

    def close(self) -> None:
        """Close the sound card."""
        self._keeper.close()

    def _callback(self, outdata: np.ndarray, frames: int, _time: object, _status: object) -> None:
        if len(self._ring) > MAX_WAITING:
            self._ring.skip_to(CUSHION)
            self._counters.add("monitor_skipped")
        self._playing = len(self._ring) >= (frames if self._playing else max(CUSHION, frames))
        x = self._ring.take(frames) if self._playing else None
        outdata[:] = 0 if x is None else x.clip(-1, 1)

    def _open(self, finished: Callable[[], None]) -> CardStream:
        try:
            return self._open_default(finished)
        except DeviceError:
            if not rescan():
                raise
            return self._open_default(finished)

    def _open_default(self, finished: Callable[[], None]) -> CardStream:
        if not has_output():
            raise DeviceError("opening the monitor: no sound card to play through was found (see bandwalk devices)")
        self._playing = False
        return CardStream(
            "OutputStream",
            "opening the monitor",
            channels=2,
            samplerate=SAMPLE_RATE,
            latency="low",
            callback=self._callback,
            finished_callback=finished,
        )

    def _report_loss(self) -> None:
        self._counters.add("monitor_lost")
        logger.warning("the monitor's sound card is gone; nothing is played until it is back")
