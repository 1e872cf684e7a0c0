"""A sound card, or a source of the sound server: what can be listened to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

OnSound = Callable[[np.ndarray, bool], None]
"""Takes x [n, channels] float32, to be copied, and whether samples were lost before it."""


@dataclass(frozen=True, slots=True)
class Device:
    """What sound comes from or goes to.

    index:       by which it is listed; PortAudio's for what PortAudio opens.
    name:        what a human calls it.
    sample_rate: its own, Hz.
    host_api:    who opens it: ALSA, Core Audio, PulseAudio, PipeWire.
    key:         the sound server's own name of it; "": PortAudio opens it.
    channel_map: where each channel sounds, by the sound server's numbers; empty for PortAudio.
    is_computer: it is what the computer itself plays.
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
        """Tell whether the other one is what this one was: the computer's own sound, or the default input."""
        return other.is_computer if self.is_computer else other.is_default_input


class Stream(Protocol):
    """A sound card that is open.

    is_gone: whether it finished because its card went away; else another card is the system's choice now.
    """

    is_gone: bool

    def close(self) -> None:
        """Let the card go; what it still held is lost."""
