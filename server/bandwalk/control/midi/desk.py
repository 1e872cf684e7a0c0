"""The MIDI desk of a show: devices, what their controls move, what is learned, and what is shown on them.

    thread of a device   message -> clock, or events -> waiting
    midi                 waiting -> learning, hand, feedback
    midi-ports           opens and closes devices
    midi-out             what parameters are -> motor faders and LEDs

Threads of devices and writers of the store only fill bounded tables; none waits for the store, a device or a disk.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bandwalk.clock import Clock
from bandwalk.control.inbox import Batch, Change
from bandwalk.control.midi.bindings import ANY, Bindings
from bandwalk.control.midi.clock_in import ClockIn, OnClock
from bandwalk.control.midi.feedback import Feedback
from bandwalk.control.midi.hand import Apply, Hand, present_position
from bandwalk.control.midi.hold import Hold
from bandwalk.control.midi.keeper import Keeper
from bandwalk.control.midi.learning import Learning
from bandwalk.control.midi.messages import Control, Decoder, Event
from bandwalk.control.midi.targets import Target
from bandwalk.control.midi.waiting import Waiting
from bandwalk.control.store import Store
from bandwalk.control.throttle import Throttle
from bandwalk.errors import BandwalkError
from bandwalk.params.controller import ConnectedController, Controller
from bandwalk.params.row import Value
from bandwalk.records import Counters

ROUND_S = 0.002
"""Shortest time between two rounds of acting: a flood is heard as its newest positions, 500 times a second."""

DEVICES, LEARNING, LEARNED = "/midi/devices", "/midi/learning", "/midi/learned"

logger = logging.getLogger(__name__)

MAX_LOGGED = 4
"""Most lines a second about events that cannot be acted on: a moved knob sends hundreds of events."""


class Device(ConnectedController):
    """A MIDI device as a controller: errors that it causes go to the log; it is shown what parameters are."""

    takes_features = False

    def __init__(self, name: str) -> None:
        super().__init__(f"MIDI {name}", "127.0.0.1")

    def answer(self, packet: bytes) -> None:
        """Drop an answer: a knob cannot read."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the desk needs of the show.

    apply:    applies a change or a request, as one that came by OSC; callable from any thread.
    answer:   sends a controller (address, values...); callable from any thread.
    tell:     sends values by address to all that listen on WebSockets.
    moved:    takes the name of a control (midi/1/cc/21) and its position, 0..1: for routes.
    on_clock: takes the messages of a MIDI clock, in the thread of the device.
    """

    apply: Apply
    answer: Callable[[Controller, tuple[Any, ...]], None]
    tell: Callable[[Mapping[str, Value]], None]
    moved: Callable[[str, float], None]
    on_clock: OnClock


class MidiDesk:
    """All of MIDI in one show; nothing is opened until :meth:`open` is called.

    Args:
        store:    of the parameters; the desk listens to it.
        outside:  the show.
        clock:    for learning, feedback and the times of MIDI clock.
        counters: gets ``midi_dropped``, ``midi_failed``.
    """

    def __init__(self, store: Store, outside: Outside, *, clock: Clock, counters: Counters) -> None:
        self.bindings = Bindings()
        self._store, self._outside, self._clock, self._counters = store, outside, clock, counters
        self._reports, self._faults = Throttle(MAX_LOGGED, clock=clock), Throttle(1, clock=clock)
        self._devices: dict[str, tuple[Device, Decoder]] = {}
        self._waiting = Waiting(counters)
        self._learning = Learning(clock)
        self._hand = Hand(store, outside.apply)
        self._hold = Hold(outside.moved)
        self._keeper = Keeper(self._hear, came=self._came, went=self._went)
        self._feedback = Feedback(lambda control, messages: self._keeper.send(control.device, messages), clock)
        self._clock_in = ClockIn(outside.on_clock, clock)
        self._acting: Control | None = None
        self._gone: deque[str] = deque()  # devices whose controls may stand elsewhere when they come back
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._starting = threading.Lock()
        store.listen(self._follow)

    def ports(self) -> list[tuple[str, bool]]:
        """Return the devices that are plugged in, and whether each is open; may wait for a driver.

        Raises:
            DeviceError: there is no MIDI here.
        """
        is_open = self._keeper.devices
        return [(name, name in is_open) for name in self._keeper.find()]

    def open(self, name: str) -> None:
        """Open the devices with this part of a name ("all": all), now and whenever one is plugged in.

        Raises:
            DeviceError: there is no MIDI here.
        """
        with self._starting:
            self._keeper.want(name)
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._work, name="midi", daemon=True)
                self._thread.start()
                self._feedback.start()

    def leave(self, name: str) -> None:
        """Close what was opened by this name; "all": everything."""
        self._keeper.leave(name)

    def learn(self, target: Target | None, controller: Controller) -> None:
        """Give a target the control that is moved next; None: learn nothing."""
        if target is None:
            self._learning.stop()
        else:
            self._learning.begin(target, controller)
        self._outside.tell({LEARNING: target.text if target is not None else ""})

    def turn(self) -> None:
        """Say so when the time to learn is over; call it a few times a second."""
        if self._learning.is_over():
            self._outside.tell({LEARNING: ""})

    def use(self, targets: Mapping[Control, Target]) -> None:
        """Put these bindings in place of all, and show what they are.

        Raises:
            ParameterError: too many.
        """
        self.bindings.replace(targets)
        for device in self._keeper.devices:
            self._show_all(device)

    def close(self) -> None:
        """End all threads and close all ports, within a second."""
        self._is_closed = True
        self._waiting.close()
        self._feedback.close()
        self._keeper.close()

    def _came(self, device: str) -> None:
        self._devices.setdefault(device, (Device(device), Decoder(device)))
        self._tell_devices()
        self._show_all(device)

    def _went(self, device: str) -> None:
        self._devices.pop(device, None)
        self._feedback.forget(device)
        self._gone.append(device)
        self._tell_devices()

    def _tell_devices(self) -> None:
        self._outside.tell({DEVICES: ", ".join(self._keeper.devices)})

    def _hear(self, device: str, message: Any) -> None:
        """Take a message in the thread of its device."""
        if not self._clock_in.hear(device, message):
            known = self._devices.setdefault(device, (Device(device), Decoder(device)))
            events = known[1].hear(message, self._clock.now())
            if events:
                self._waiting.put(events)

    def _work(self) -> None:
        due = 0.0
        while True:
            self._clock.sleep_until(due)
            events = self._waiting.take(self._hold.due - self._clock.now())
            if events is None:
                return
            now = self._clock.now()
            due = now + ROUND_S
            self._hold.turn(now)
            while self._gone:
                self._hand.forget(self._gone.popleft())
            for event in events:
                try:
                    self._act(event)
                except BandwalkError as e:
                    if self._reports.passes():
                        logger.info("MIDI %s on %s: %s", event.control.name, event.control.device, e)
                except Exception:
                    self._counters.add("midi_failed")
                    if self._faults.passes():
                        logger.exception("acting on MIDI %s", event.control.name)

    def _act(self, event: Event) -> None:
        """Do what one event asks for: learn, or set and run."""
        control = event.control
        self._hold.pass_on(event, self._clock.now())
        wanted = self._learning.wanted
        if wanted is not None:
            self._learn(event, *wanted)
            return
        target = self.bindings.target_of(control)
        if target is None:
            return
        if self._feedback.is_echo(event):
            self._hand.stand(event)
            return
        self._feedback.moved(event)
        self._acting = control
        try:
            self._hand.act(event, target, self._controller_of(control.device))
        finally:
            self._acting = None

    def _controller_of(self, device: str) -> Device:
        known = self._devices.get(device)
        return known[0] if known is not None else Device(device)

    def _learn(self, event: Event, target: Target, controller: Controller) -> None:
        self._hand.stand(event)
        control = self._learning.hear(event)
        if control is None:
            return
        self._learning.stop()
        if target.is_mover:
            name = f"midi/{control.name}"
            change = Change(target.address, name, name, self._controller_of(control.device))
            self._outside.apply(Batch({target.address: change}))
        else:
            self.bindings.bind(control, target)
        text = f"{target.text} = {control.name} {control.device}"
        logger.info("MIDI: learned %s", text)
        self._outside.tell({LEARNED: text, LEARNING: ""})
        self._outside.answer(controller, (LEARNED, text))
        if not target.is_mover:
            self._show(control, target)

    def _follow(self, address: str, value: Value, controller: object) -> None:
        """Show a changed parameter on its controls: a listener of the store, so it only fills a table.

        A knob that was moved by hand is not sent what it has just set; the light of a key is.
        """
        if self._thread is None:
            return
        acting = self._acting if isinstance(controller, Device) else None
        for control in self.bindings.controls_of(address):
            if control.is_key or not _is_same(control, acting):
                self._show(control, Target(address))

    def _show_all(self, device: str) -> None:
        for control, target in self.bindings.targets.items():
            if control.device in (device, ANY):
                self._show(control._replace(device=device), target)

    def _show(self, control: Control, target: Target) -> None:
        position = present_position(self._store, target)
        if position is None:
            return
        for device in [control.device] if control.device != ANY else self._keeper.devices:
            self._feedback.show(control._replace(device=device), position)


def _is_same(control: Control, acting: Control | None) -> bool:
    return acting is not None and control in (acting, acting._replace(device=ANY))
