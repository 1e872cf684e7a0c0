"""The commands under /scene, and what the conductor needs of a show."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bandwalk.control import Controller, DiskWork, Handler, Store, presets
from bandwalk.control.file_jobs import Reply
from bandwalk.control.scenes import Scene, SceneList
from bandwalk.errors import BandwalkError, ParameterError
from bandwalk.params.row import Value
from bandwalk.params.values import Values, whole
from bandwalk.pipeline.scenes import Autopilot, Change, Conductor, Told
from bandwalk.show.model_gate import ModelGate
from bandwalk.show.model_host import ModelHost
from bandwalk.show.parts import ShowParts
from bandwalk.show.state_file import State
from bandwalk.show.styles import Styles
from bandwalk.show.threads import LatestWorker

logger = logging.getLogger(__name__)

_NO_HAND = ("/auto/", "/scene/")
"""A hand on these says how scenes change, and holds the autopilot up no longer."""


class ShowStage:
    """What a conductor does to a show."""

    def __init__(self, store: Store, gate: ModelGate, tell: Callable[[Mapping[str, Value]], None]) -> None:
        self._store, self._gate, self._tell = store, gate, tell
        self._auto = ""

    def set(self, change: Change) -> Values:
        """Set the values of a change, and let its model through."""
        self._store.set_many(change.ends, is_recall=True)
        self._gate.open(change.model)
        return self._store.values

    def tell(self, told: Told) -> None:
        """Tell all controllers; what the autopilot does stands in the log too."""
        self._tell(messages_of(told))
        if told.auto != self._auto:
            self._auto = told.auto
            logger.info("autopilot: %s", told.auto)


def messages_of(told: Told) -> dict[str, float | int | str]:
    """Return what is told, by address."""
    return {
        "/scene/current": told.current,
        "/scene/pending": told.pending,
        "/scene/place": told.place,
        "/auto/told": told.auto,
    }


class Scenes:
    """The scenes of a show.

    Args:
        host:   loads models.
        styles: reads the styles of looks.
    """

    def __init__(self, parts: ShowParts, host: ModelHost, styles: Styles) -> None:
        self._store, self._clock, self._host, self._styles = parts.store, parts.clock, host, styles
        self._may_save = parts.ports.subscribers.may_save
        self._folder: Path = parts.settings.folders.presets
        self.gate = ModelGate(host)
        self.list = SceneList(self._folder)
        if self.list.fault:
            logger.warning("%s; there are no scenes", self.list.fault)
        self._broken: set[str] = set()
        self._worker: LatestWorker[Callable[[], object]] = LatestWorker("scenes", self._work)
        autopilot = Autopilot(whole(parts.store.values, "/style/seed"), self._read_ahead)
        stage = ShowStage(parts.store, self.gate, partial(tell_all, parts))
        preset = parts.settings.begin.preset
        self.conductor = Conductor(parts.pipeline.glider, stage, autopilot, Path(preset).stem if preset else "")
        parts.pipeline.conduct = self.conductor.step
        for by, address in ((1, "/scene/next"), (-1, "/scene/previous")):
            parts.pipeline.acts[address] = partial(self._step_by_route, by)
        parts.store.listen(self._follow)

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by address."""
        return {
            "/scene/list": lambda args, _: self._items(),
            "/scene/add": self._edit(lambda args: self._add(*args)),
            "/scene/remove": self._edit(lambda args: self.list.remove(args[0])),
            "/scene/move": self._edit(lambda args: self.list.move(*args)),
            "/scene/go": lambda args, controller: self._go(str(args[0]), controller),
            "/scene/next": lambda args, controller: self._step(1, controller),
            "/scene/previous": lambda args, controller: self._step(-1, controller),
        }

    def recalled(self, name: str) -> None:
        """Note that a hand recalled a preset."""
        self._hand()
        self.conductor.recalled(name)

    def go_to(self, name: str) -> None:
        """Ask for a scene, or another preset, that a song or the timetable brings; reads a file.

        Raises:
            ParameterError: there is none, or it cannot be read.
        """
        place = self.list.find_preset(name)
        self._ask(place, self.list.scenes[place - 1] if place else Scene(name), None)

    def knows(self, name: str) -> bool:
        """Return whether there is a scene or another preset of this name."""
        return bool(self.list.find_preset(name)) or name in presets.list_presets(self._folder)

    def comes_back(self, state: State) -> None:
        """Be in the scene of a state: the one that glided in goes on, one that waited is asked for again."""
        self.conductor.comes_back(state.scene, state.pending if state.rest is not None else "")
        self.conductor.moved(self.list.find_preset(state.scene))
        if state.pending and state.rest is None:
            self._worker.ask(partial(self.go_to, state.pending))

    def _items(self) -> list[Reply]:
        scenes = self.list.scenes
        items = [("/scene/item", place, each.preset, each.model) for place, each in enumerate(scenes, 1)]
        return [("/scene/count", len(scenes)), *items]

    def _edit(self, act: Callable[[list[Any]], None]) -> Handler:
        """Return the handler of a command that changes the list."""

        def handle(args: list[Any], controller: Controller) -> DiskWork:
            if not self._may_save(controller):
                raise ParameterError("/scene: expected this machine, or an address of --osc-allow")
            return DiskWork(partial(self._act_on_list, act, args))

        return handle

    def _act_on_list(self, act: Callable[[list[Any]], None], args: list[Any]) -> list[Reply]:
        """Change the list and answer with all of it."""
        act(args)
        self._broken.clear()
        self.conductor.autopilot.offer(None)
        self.conductor.moved(self.list.find_preset(self.conductor.told.current))
        return self._items()

    def _add(self, preset: str, model: str = "") -> None:
        read_look(self._folder, preset, self._store)
        if model:
            self._host.find(model)
        self.list.add(Scene(preset, model))

    def _go(self, name: str, controller: Controller) -> DiskWork | None:
        self._hand()
        if not name:
            self.gate.expect("")
            self.conductor.ask(None)
            return None
        place = self.list.find(name)
        scene = self.list.scenes[place - 1] if place else Scene(name)
        return DiskWork(partial(self._ask, place, scene, controller))

    def _step(self, by: int, controller: Controller) -> DiskWork:
        self._hand()
        return DiskWork(partial(self._ask, *self._beside(by), controller))

    def _step_by_route(self, by: int, t: float) -> None:
        if self.list.scenes:
            self._worker.ask(partial(self._ask, *self._beside(by), None))

    def _beside(self, by: int) -> tuple[int, Scene]:
        """Return the place and the scene after the newest one that was asked for, or before it.

        Raises:
            ParameterError: there are no scenes.
        """
        scenes, place = self.list.scenes, self.conductor.place
        if not scenes:
            raise ParameterError("/scene: no scenes; expected /scene/add PRESET before")
        place = (place - 1 + by) % len(scenes) + 1 if place else 1 if by > 0 else len(scenes)
        self.conductor.place = place
        return place, scenes[place - 1]

    def _ask(self, place: int, scene: Scene, controller: object) -> None:
        self.conductor.ask(self._read(place, scene, controller))

    def _read(self, place: int, scene: Scene, controller: object) -> Change:
        """Read a scene and begin to load its model.

        Raises:
            ParameterError: no such preset or model, or it cannot be read.
        """
        ends = read_look(self._folder, scene.preset, self._store)
        model = self._host.find(scene.model) if scene.model else ""
        if model and self._host.is_wanted(model):
            model = ""
        self.gate.expect(model)
        if model:  # its style is read when it draws
            self._host.load(model, controller)
            return Change(scene.preset, ends, place, model, partial(self.gate.is_ready, model))
        note, go = self._styles.read_for(ends)
        if note:
            logger.warning("scenes: %s", note)
        return Change(scene.preset, ends, place, begin=go)

    def _read_ahead(self) -> None:
        """Let the autopilot's next scene be read: called in the thread that hears."""
        self._worker.ask(self._choose)

    def _choose(self) -> None:
        """Choose another scene, or without scenes another preset, and hand it to the autopilot."""
        scenes = list(enumerate(self.list.scenes, 1))
        if not scenes:
            scenes = [(0, Scene(name)) for name in presets.list_presets(self._folder)]
        unlike = [each for each in scenes if each[1].preset not in {self.conductor.told.current, *self._broken}]
        chosen = self.conductor.autopilot.choose(unlike)
        if chosen is None:
            return
        try:
            self.conductor.autopilot.offer(self._read(*chosen, None))
        except BandwalkError as e:
            self._broken.add(chosen[1].preset)
            logger.warning("autopilot: %s; another scene is chosen", e)

    def _work(self, act: Callable[[], object]) -> None:
        try:
            act()
        except BandwalkError as e:
            logger.warning("scenes: %s", e)

    def _hand(self) -> None:
        self.conductor.autopilot.hand(self._clock.now())

    def _follow(self, address: str, value: Value, controller: object) -> None:
        """Note that a hand is on a control: a listener of the store."""
        if controller is not None and not address.startswith(_NO_HAND):
            self._hand()


def tell_all(parts: ShowParts, values: Mapping[str, Value]) -> None:
    """Send signals to all controllers, by address."""
    parts.ports.web.tell(values)
    parts.ports.osc_out.tell(values)


def read_look(folder: Path, name: str, store: Store) -> dict[str, Value]:
    """Return what a preset sets of what is seen, by address.

    Raises:
        ParameterError: no such preset, or it cannot be read.
    """
    return presets.recall(folder, name).over(store.rows())
