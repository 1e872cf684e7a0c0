"""The MIDI ports of this machine, through mido: imported only when somebody asks for MIDI."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bandwalk.errors import DeviceError
from bandwalk.units import readable

MAX_NAME = 100
"""Most characters of a device's name."""

ALL = "all"

_THROUGH = ("Midi Through", "RtMidi")
"""Parts of the names of ports that lead back to us: only who names one gets it."""

_NUMBER = re.compile(r" \d+:\d+$" if sys.platform == "linux" else r" \d+$" if sys.platform == "win32" else r"$^")
"""The number that the system puts after a name; it may be another one when the device comes back."""

_NODES = Path("/dev/snd")


class Found(NamedTuple):
    """The ports that are there now: the system's names by the devices' names."""

    inputs: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def devices(self) -> list[str]:
        """The names of the devices, those with inputs first."""
        return [*self.inputs, *(name for name in self.outputs if name not in self.inputs)]


class Library:
    """mido with its backend: RtMidi, or what MIDO_BACKEND names.

    Raises:
        DeviceError: it is not installed.
    """

    def __init__(self) -> None:
        try:
            from mido.backends.backend import Backend

            self._backend = Backend(load=True)
        except ImportError as e:
            raise DeviceError(f"MIDI needs {e.name or e}: pip install 'bandwalk[midi]'") from e

    def find(self) -> Found:
        """Return the ports.

        Raises:
            DeviceError: this machine has no MIDI, or it does not answer.
        """
        try:
            ports = self._backend.module.get_devices(**({"api": self._backend.api} if self._backend.api else {}))
        except OSError as e:
            raise DeviceError(f"listing MIDI ports: {e}; expected a system with MIDI (Linux: ALSA's sequencer)") from e
        inputs, outputs = ([p["name"] for p in ports if p[is_it]] for is_it in ("is_input", "is_output"))
        return Found(name_devices(inputs), name_devices(outputs))

    def open_input(self, port: str, hear: Callable[[Any], None]) -> Any:
        """Open an input; hear is called with each message, in a thread of the device.

        Raises:
            DeviceError: it does not open.
        """
        try:
            return self._backend.open_input(port, callback=hear)
        except (OSError, ValueError) as e:
            raise DeviceError(f"opening MIDI input {port}: {e}; expected a device that no other program keeps") from e

    def open_output(self, port: str) -> Any:
        """Open an output.

        Raises:
            DeviceError: it does not open.
        """
        try:
            return self._backend.open_output(port)
        except (OSError, ValueError) as e:
            raise DeviceError(f"opening MIDI output {port}: {e}; expected a device that no other program keeps") from e


def name_devices(ports: Iterable[str]) -> dict[str, str]:
    """Return the system's names by the devices' own; of two that are alike, the second gets #2."""
    named: dict[str, str] = {}
    for port in ports:
        name = plain = readable(_NUMBER.sub("", port))[:MAX_NAME]
        count = 1
        while name in named:
            count += 1
            name = f"{plain} #{count}"
        named[name] = port
    return named


def is_meant(device: str, wanted: Iterable[str]) -> bool:
    """Return whether a device is asked for: by "all", or by a part of its name in any case."""
    parts = [part.lower() for part in wanted]
    leads_back = any(name in device for name in _THROUGH)
    return any(part in device.lower() for part in parts if part != ALL) or (ALL in parts and not leads_back)


def plugged_mark(folder: Path = _NODES) -> frozenset[tuple[str, int]]:
    """Return a mark that changes when a device is plugged in or out, where the system tells so (Linux).

    Who pulls a cable and puts it back between two looks finds the same names, but the file of the device is new.
    """
    try:
        return frozenset((path.name, path.stat().st_ino) for path in folder.iterdir())
    except OSError:
        return frozenset()
