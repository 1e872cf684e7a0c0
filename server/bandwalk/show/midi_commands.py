"""MIDI in a show: its desk, its commands, and the maps that come with presets."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bandwalk.control import Controller, DiskWork, Dispatcher, Handler
from bandwalk.control.midi import MidiDesk, Outside, map_files
from bandwalk.control.midi.ports import ALL
from bandwalk.control.midi.targets import parse_learned, parse_target
from bandwalk.errors import DeviceError, ParameterError
from bandwalk.show.parts import ShowParts

logger = logging.getLogger(__name__)


def open_desk(parts: ShowParts, dispatcher: Callable[[], Dispatcher]) -> MidiDesk:
    """Return the MIDI desk of a show; it opens no device before :func:`open_devices`.

    Args:
        dispatcher: returns the show's, which is made after the desk.
    """
    outside = Outside(
        apply=lambda piece: dispatcher()(piece),  # noqa: PLW0108  it is made later
        answer=lambda controller, reply: dispatcher().answer(controller, reply),
        tell=parts.ports.web.tell,
        moved=parts.pipeline.controls.set,
        on_clock=parts.pipeline.beat_clock.midi.take,
    )
    desk = MidiDesk(parts.store, outside, clock=parts.clock, counters=parts.tally.counters)
    desk.use(parts.bound)
    return desk


def open_devices(desk: MidiDesk, names: Iterable[str]) -> None:
    """Open the devices of these names; without MIDI the show goes on."""
    for name in names:
        try:
            desk.open(name)
        except DeviceError as e:
            logger.warning("%s; goes on without MIDI", e)
            return


class MidiCommands:
    """The commands under /midi.

    Args:
        desk:     of the show.
        folder:   of the presets, where maps are.
        may_save: whether a controller may write files.
    """

    def __init__(self, desk: MidiDesk, folder: Path, may_save: Callable[[Controller], bool]) -> None:
        self._desk = desk
        self._folder = folder
        self._may_save = may_save

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by address."""
        desk = self._desk
        return {
            "/midi/ports": lambda args, _: DiskWork(self._ports, is_question=True),
            "/midi/open": lambda args, _: DiskWork(lambda: desk.open(str(args[0]))),
            "/midi/close": lambda args, _: desk.leave(str(args[0])),
            "/midi/learn": self._learn,
            "/midi/forget": self._forget,
            "/midi/list": lambda args, _: self._list(),
            "/midi/save": self._save,
            "/midi/load": lambda args, _: DiskWork(lambda: self._load(str(args[0]))),
            "/midi/maps": lambda args, _: DiskWork(self._maps, is_question=True),
        }

    def follow_preset(self, name: str) -> None:
        """Load the map that has the name of a recalled preset, if there is one.

        Raises:
            ParameterError: it cannot be read.
        """
        if map_files.has_map(self._folder, name):
            self._load(name)

    def _ports(self) -> list[tuple[str, str, int]]:
        return [("/midi/port", name, int(is_open)) for name, is_open in self._desk.ports()]

    def _maps(self) -> list[tuple[str, str]]:
        return [("/midi/map", name) for name in map_files.list_maps(self._folder)]

    def _list(self) -> list[tuple[str, str, str]]:
        bound = self._desk.bindings.targets.items()
        return [("/midi/binding", target.text, f"{control.name} {control.device}") for control, target in bound]

    def _learn(self, args: list[Any], controller: Controller) -> None:
        self._desk.learn(parse_learned(args[0]) if args[0] else None, controller)

    def _forget(self, args: list[Any], controller: Controller) -> None:
        target = None if args[0] == ALL else parse_target(args[0])
        if not self._desk.bindings.forget(target):
            raise ParameterError(f"/midi/forget {args[0]}: expected one of /midi/list")

    def _save(self, args: list[Any], controller: Controller) -> DiskWork:
        if not self._may_save(controller):
            raise ParameterError("/midi/save: expected this machine, or an address of --osc-allow")
        bound = self._desk.bindings.targets
        return DiskWork(lambda: map_files.save(self._folder, str(args[0]), bound))

    def _load(self, name: str) -> None:
        self._desk.use(map_files.load(self._folder, name))
