"""A sound card, or a source of the sound server."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

OnSound = Callable[[np.ndarray, bool], None]
"""Takes x [n, channels] float32, to be copied, and whether samples were lost before it."""


@dataclass(frozen=True, slots=True)
class Device:
    """A sound card or source that records or plays.

    index:       its number in the list; PortAudio's own if PortAudio opens it.
    name:        for people.
    sample_rate: its own, Hz.
    host_api:    what opens it: ALSA, Core Audio, PulseAudio, PipeWire.
    key:         the sound server's own name for it; "": PortAudio opens it.
    channel_map: the position of each channel, by the sound server's numbers; empty for PortAudio.
    is_computer: it records what the computer itself plays.
    """

    index: int
    name: str
    inputs: int
    outputs: int
    sample_rate: int
    host_api: str
    is_default_input: bool
    is_default_output: bool
    key: str = ""
    channel_map: tuple[int, ...] = ()
    is_computer: bool = False

    def __str__(self) -> str:
        return f"{self.index} {self.name} ({self.host_api})"

    def is_choice_now(self, other: "Device") -> bool:
        """Return whether the other one now has this one's role: the computer's own sound, or the default input."""
        return other.is_computer if self.is_computer else other.is_default_input


class OpenCard(Protocol):
    """A sound card that is open.

    is_gone: whether it finished because its card went away; False: the system chose a different card.
    """

    is_gone: bool

    def close(self) -> None:
        """Close the card; sound that it still holds is lost."""
