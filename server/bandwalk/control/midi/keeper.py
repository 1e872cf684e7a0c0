"""Keeps the wanted MIDI devices open: one that is pulled out and put back goes on by itself."""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from bandwalk.control.midi.ports import ALL, Library, is_meant, plugged_mark
from bandwalk.errors import DeviceError

LOOK_S = 1.0
"""Seconds between two looks at what is plugged in."""

MAX_WANTED = 64
"""Most names of devices to keep open; of more, the oldest is forgotten."""

_JOIN_S = 0.5

Hear = Callable[[str, Any], None]
"""Takes (device, message), in a thread of the device; must not wait."""

logger = logging.getLogger(__name__)


class _Open(NamedTuple):
    port: str
    handle: Any


class Keeper:
    """Opens the ports of the wanted devices, on a thread that may wait for a driver.

    Args:
        hear: takes what devices send.
        came: called with the name of a device that was opened.
        went: called with the name of a device that was closed.
    """

    def __init__(self, hear: Hear, *, came: Callable[[str], None], went: Callable[[str], None]) -> None:
        self._hear = hear
        self._came, self._went = came, went
        self._library: Library | None = None
        self._wanted: tuple[str, ...] = ()
        self._left: frozenset[str] = frozenset()  # devices that are wanted by a part of their name, but were closed
        self._inputs: dict[str, _Open] = {}
        self._outputs: dict[str, _Open] = {}
        self._mark = plugged_mark()
        self._told: dict[str, str] = {}  # what was reported of each device, to say it once
        self._changed = threading.Event()
        self._is_closed = False
        self._thread: threading.Thread | None = None
        self._library_lock = threading.Lock()

    @property
    def devices(self) -> list[str]:
        """The names of the open devices."""
        return [*self._inputs, *(name for name in list(self._outputs) if name not in self._inputs)]

    def find(self) -> list[str]:
        """Return the names of all devices that are plugged in; may wait for a driver.

        Raises:
            DeviceError: there is no MIDI.
        """
        return self._load().find().devices

    def want(self, name: str) -> None:
        """Keep the devices with this part of a name open, from now on.

        Raises:
            DeviceError: there is no MIDI.
        """
        there = self.find()
        if not any(is_meant(device, [name]) for device in there):
            named = ", ".join(there) or "none"
            logger.info("MIDI: no device for %s yet; it is opened when it is plugged in (there are: %s)", name, named)
        self._left = frozenset(device for device in self._left if not is_meant(device, [name]))
        if name not in self._wanted:
            self._wanted = (*self._wanted, name)[-MAX_WANTED:]
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="midi-ports", daemon=True)
            self._thread.start()
        self._changed.set()

    def leave(self, name: str) -> None:
        """Keep the devices that were opened by this name, or a device of this name, open no more; "all": none."""
        self._wanted = () if name == ALL else tuple(each for each in self._wanted if each != name)
        self._left |= {device for device in self.devices if device == name}
        self._changed.set()

    def send(self, device: str, messages: list[list[int]]) -> None:
        """Send messages, each as its bytes, to a device; nothing if it has no output.

        Raises:
            OSError: it was pulled out.
        """
        opened = self._outputs.get(device)
        if opened is not None:
            from mido import Message

            for message in messages:
                opened.handle.send(Message.from_bytes(message))

    def close(self) -> None:
        """Close all ports; do not wait long for a driver that hangs."""
        self._is_closed = True
        self._changed.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def _load(self) -> Library:
        with self._library_lock:
            self._library = self._library or Library()
            return self._library

    def _keep(self) -> None:
        while not self._is_closed:
            self._changed.clear()
            try:
                self._look(self._load())
            except Exception as e:  # noqa: BLE001  a driver's error, whatever it is: the next look may find it gone
                self._tell("", f"MIDI: {e}; goes on")
            self._changed.wait(LOOK_S)
        for device in self.devices:
            self._shut(device)

    def _look(self, library: Library) -> None:
        """Close what went, open what came."""
        found = library.find()
        mark = plugged_mark()
        is_replugged, self._mark = mark != self._mark, mark
        for opened, there in ((self._inputs, found.inputs), (self._outputs, found.outputs)):
            for device, port in list(opened.items()):
                is_there = there.get(device) == port.port and not port.handle.closed
                if is_replugged or not is_there or not self._is_wanted(device):
                    self._shut(device)
        for device in found.devices:
            if self._is_wanted(device) and device not in self._inputs and device not in self._outputs:
                self._open(library, device, found.inputs.get(device), found.outputs.get(device))

    def _is_wanted(self, device: str) -> bool:
        return is_meant(device, self._wanted) and device not in self._left

    def _open(self, library: Library, device: str, source: str | None, sink: str | None) -> None:
        try:
            if sink is not None:
                self._outputs[device] = _Open(sink, library.open_output(sink))
            if source is not None:
                self._inputs[device] = _Open(source, library.open_input(source, lambda m: self._hear(device, m)))
        except DeviceError as e:
            self._shut(device)
            self._tell(device, f"{e}; tries again")
            return
        self._told.pop(device, None)
        logger.info("MIDI: %s is open (%s)", device, "in and out" if source and sink else "in" if source else "out")
        self._came(device)

    def _shut(self, device: str) -> None:
        is_open = False
        for table in (self._inputs, self._outputs):
            opened = table.pop(device, None)
            if opened is not None:
                is_open = True
                with contextlib.suppress(OSError, ValueError, AttributeError):
                    opened.handle.close()
        if is_open and not self._is_closed:
            logger.info("MIDI: %s is closed", device)
            self._went(device)

    def _tell(self, device: str, reason: str) -> None:
        if self._told.get(device) != reason:
            self._told[device] = reason
            logger.warning("%s", reason)
