"""The two kinds of source: sound that we read at our pace, and live sound that comes at its own."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from bandwalk.errors import ParameterError
from bandwalk.records import Counters
from bandwalk.units import parse_channels

BLOCK = 480
"""Samples in a block: 10 ms."""

MAX_AMPLITUDE = 100.0
"""A sample beyond it (+40 dBFS) counts as garbage, as does a NaN: it would dominate every band."""


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How to open a source.

    channels: those to keep, counted from 1 ("3-4", "2"); "": all of a file, the first two of a sound card.
    loop:     whether a file starts again when it ends (the demo always does).
    is_quiet: whether faults of a file are not reported, because a different reader of the same file reports them.
    """

    channels: str = ""
    loop: bool = False
    is_quiet: bool = False


@runtime_checkable
class PullSource(Protocol):
    """Sound that is read at our pace: a file, the demo. All methods may be called from any thread.

    counters: count faults; the feed sets its own here.
    """

    counters: Counters

    @property
    def name(self) -> str:
        """For the user."""

    @property
    def is_about(self) -> bool:
        """Whether the length is only a header's."""

    @property
    def is_cut(self) -> bool:
        """Whether the sound ended before the file's real end."""

    @property
    def length(self) -> int | None:
        """Samples at 48 kHz; None if the file does not say."""

    def read(self, n: int) -> np.ndarray:
        """Return the next samples, [n, channels] float32 at 48 kHz; fewer once the sound has ended."""

    def seek(self, t_s: float) -> None:
        """Go to this second, counted from the start of the sound."""

    def close(self) -> None:
        """Close what is open; from now on :meth:`read` returns no samples."""


@runtime_checkable
class PushSource(Protocol):
    """Sound that comes at its own pace: a sound card. All methods may be called from any thread."""

    counters: Counters

    @property
    def name(self) -> str:
        """For the user."""

    def take(self, n: int, timeout_s: float) -> tuple[np.ndarray, float] | None:
        """Return ([n, channels] float32 at 48 kHz, capture time of the last sample); None if it does not come."""

    def close(self) -> None:
        """Close the sound card, and end a :meth:`take` that is waiting."""


Source = PullSource | PushSource


def channel_slice(text: str, available: int, source: str) -> slice:
    """Return which of the available channels to keep; for "" all of them.

    Raises:
        ParameterError: neither a channel nor a rising range, or channels that the source does not have.
    """
    chosen = parse_channels(text)
    if chosen is None:
        return slice(0, available)
    first, last = chosen
    if last >= available:
        raise ParameterError(f"channels = {text}: expected channels from 1 to {available}, all that {source} has")
    return slice(first, last + 1)


def clean(x: np.ndarray, counters: Counters) -> np.ndarray:
    """Return x with NaN, infinities and absurd amplitudes set to 0; they count as audio_nonfinite."""
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
