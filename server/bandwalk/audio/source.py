"""What a source of sound is: one that is read at our pace, or one that comes at its own."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from bandwalk.errors import ParameterError
from bandwalk.records import Counters
from bandwalk.units import parse_channels

BLOCK = 480
"""Samples in a block of the feed: 10 ms."""

MAX_AMPLITUDE = 100.0
"""A sample beyond it (+40 dBFS) is taken for garbage, as is a NaN: its square would outshine every band."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a source is opened.

    channels: those that are heard, counted from 1 ("3-4", "2"); "": all of a file, the first two of a sound card.
    loop:     a file begins again when it ends (the demo always does).
    is_quiet: what is wrong with a file is not told: somebody else reads it too, and tells.
    """

    channels: str = ""
    loop: bool = False
    is_quiet: bool = False


@runtime_checkable
class PullSource(Protocol):
    """Sound that waits to be read: a file, the demo. All methods may be called from any thread.

    name:     what the user knows it by.
    counters: where faults are counted; the feed puts its own here.
    is_about: whether the length is what a header says, and not yet known.
    is_cut:   whether the sound has ended before its end.
    """

    name: str
    counters: Counters
    is_about: bool
    is_cut: bool

    @property
    def length(self) -> int | None:
        """Samples at 48 kHz, None where the file does not say."""

    def read(self, n: int) -> np.ndarray:
        """Return the next samples, [n, channels] float32 at 48 kHz; fewer once the sound has ended."""

    def seek(self, t_s: float) -> None:
        """Go to this second, counted from the start of the sound."""

    def close(self) -> None:
        """Let go of what is open; what is read from now on is empty."""


@runtime_checkable
class PushSource(Protocol):
    """Sound that comes by itself: a sound card. All methods may be called from any thread."""

    name: str
    counters: Counters

    def take(self, n: int, timeout_s: float) -> tuple[np.ndarray, float] | None:
        """Return ([n, channels] float32 at 48 kHz, capture time of the last sample), None if it does not come."""

    def close(self) -> None:
        """Let go of the sound card, and end a :meth:`take` that waits."""


Source = PullSource | PushSource


def channel_slice(text: str, available: int, source: str) -> slice:
    """Return which of the available channels are heard; all of them for "".

    Raises:
        ParameterError: not a channel or a rising range, or channels that the source does not have.
    """
    chosen = parse_channels(text)
    if chosen is None:
        return slice(0, available)
    first, last = chosen
    if last >= available:
        raise ParameterError(f"channels = {text}: expected channels from 1 to {available}, all that {source} has")
    return slice(first, last + 1)


def clean(x: np.ndarray, counters: Counters) -> np.ndarray:
    """Return x with NaN, infinities and absurd amplitudes made 0, and counted as audio_nonfinite."""
    good = np.abs(x) <= MAX_AMPLITUDE  # false for a NaN
    if good.all():
        return x
    counters.add("audio_nonfinite", int(np.count_nonzero(~good)))
    return np.where(good, x, np.float32(0))


def to_mono(x: np.ndarray) -> np.ndarray:
    """Mix [n, channels] to [n]: the mean of the channels, float32, always a copy."""
    y = x[:, 0].copy()
    for channel in range(1, x.shape[1]):  # column by column: ten times as fast as a mean along the short axis
        y += x[:, channel]
    return y / np.float32(x.shape[1])
