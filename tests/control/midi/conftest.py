"""A MIDI desk with real control behind it, and devices on sockets (tests/midi_wire.py)."""

import shutil
import tempfile
import threading
import time
from pathlib import Path

import pytest
from midi_wire import BACKEND, DEADLINE_S, Gear

from bandwalk.clock import RealClock
from bandwalk.control import Dispatcher, Store, Subscribers
from bandwalk.control.midi import MidiDesk, Outside, keeper
from bandwalk.params import defaults
from bandwalk.params.commands import COMMANDS
from bandwalk.pipeline.controls import Controls
from bandwalk.records import Counters


class Room:
    """A desk as a show composes it; commands, signals, answers and clock are recorded."""

    def __init__(self, folder):
        self.folder = folder
        self.counters, self.controls = Counters(), Controls()
        self.acted, self.answers, self.ticks, self.echoes = [], [], [], []
        self.told = {}
        self._changed = threading.Condition()
        clock = RealClock()
        self.store = Store(defaults())
        handlers = {c.address: self._recorder(c.address) for c in COMMANDS if not c.reply}
        self.dispatcher = Dispatcher(
            self.store,
            {a: h for a, h in handlers.items() if a not in ("/subscribe", "/unsubscribe")},
            subscribers=Subscribers(clock=clock, limit=4),
            send=lambda packet, target: None,
            clock=clock,
            counters=self.counters,
        )
        outside = Outside(
            apply=self.dispatcher,
            answer=lambda controller, reply: self._note(self.answers, (controller, *reply)),
            tell=self._tell,
            moved=self.controls.set,
            on_clock=lambda kind, t, beats: self._note(self.ticks, (kind, t, beats)),
        )
        self.desk = MidiDesk(self.store, outside, clock=clock, counters=self.counters)
        self.store.listen(lambda address, value, controller: self._note(self.echoes, (address, value)))

    def _recorder(self, address):
        return lambda args, controller: self._note(self.acted, (address, args))

    def _note(self, kept, thing):
        with self._changed:
            kept.append(thing)
            self._changed.notify_all()

    def _tell(self, values):
        with self._changed:
            self.told.update(values)
            self._changed.notify_all()

    def wait(self, is_so, what="what was to come"):
        with self._changed:
            assert self._changed.wait_for(is_so, DEADLINE_S), f"{what}: {self.told}, {self.echoes[-5:]}"

    def wait_value(self, address, value):
        self.wait(lambda: abs(self.store.values[address] - value) < 0.02, f"{address} {value}")

    def gear(self, name, **kwargs):
        return Gear(self.folder, name, **kwargs)


@pytest.fixture
def room(monkeypatch):
    folder = Path(tempfile.mkdtemp(prefix="bw-midi-"))  # a socket's path has at most 107 characters
    for name, value in {**BACKEND, "MIDI_WIRE": str(folder)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(keeper, "LOOK_S", 0.05)
    made = Room(folder)
    yield made
    begun = time.monotonic()
    made.desk.close()
    assert time.monotonic() - begun < 10.0
    shutil.rmtree(folder, ignore_errors=True)
