"""The newest values of learned controls: knobs, keys and wheels of MIDI devices, and OSC messages of other programs.

Their names say where they come from: midi/1/cc/21, midi/1/note/36, midi/1/bend, osc/NAME. Routes read them once in
each analysis step.
"""

import threading
from collections.abc import Mapping

MAX_CONTROLS = 1024
"""Controls that are remembered: all knobs of 8 MIDI channels, or all keys."""


class Controls:
    """Values by name, 0..1; written by the threads that hear devices, read by the one that hears music."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, float] = {}

    def set(self, name: str, value: float) -> None:
        """Keep the newest value of a control, 0..1; where too many are known, a new one is left out."""
        with self._lock:
            if name in self._values or len(self._values) < MAX_CONTROLS:
                self._values = {**self._values, name: min(1.0, max(0.0, value))}

    def read(self) -> Mapping[str, float]:
        """Return the newest value of each control; the mapping never changes."""
        return self._values
