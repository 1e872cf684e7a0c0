"""What the commands do, and what follows when a controller changes a parameter that is more than a number."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

from bandwalk.audio import Feed, Source, run_or_give_up
from bandwalk.control import Controller, DiskWork, Handler, Store, presets
from bandwalk.errors import BandwalkError, ParameterError
from bandwalk.params.movers import osc_control
from bandwalk.params.row import Value
from bandwalk.pipeline.glide import Glider, recall
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.start_values import not_at_rest
from bandwalk.records import BANDS
from bandwalk.show.model_host import ModelHost
from bandwalk.show.threads import LatestWorker
from bandwalk.walk import Walker

SOURCE = "/audio/source"

Replies = Iterable[tuple[Any, ...]] | None


class Reporter(Protocol):
    """Tells a controller what went wrong later."""

    def __call__(self, controller: object, address: str, reason: str) -> None:
        """Report a refusal to the controller that asked."""


class Presets:
    """Saves and recalls presets by name, files in one folder.

    Args:
        music:    folder of the sound files that a controller may name.
        glider:   of the show's pipeline.
        may_save: whether a controller may write files.
        recalled: called with the name of each preset that was recalled.
        is_busy:  whether a preset is still being recalled: a save then takes the values after it.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        music: Path,
        *,
        glider: Glider,
        may_save: Callable[[Controller], bool] = lambda controller: True,
        recalled: Callable[[str], None] = lambda name: None,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._glider = glider
        self._folder = folder
        self._music = music
        self._may_save = may_save
        self._recalled = recalled
        self._is_busy = is_busy

    def recall(self, args: list[Value], controller: Controller) -> DiskWork:
        """Set what the preset holds, numbers gliding; what is set while it is read stays."""
        return DiskWork(partial(self._recall, args, controller, self._store.mark))

    def _recall(self, args: list[Value], controller: Controller, since: int) -> None:
        """Recall a preset; all controllers get the values, also the one that asked: its faders have old values.

        Raises:
            ParameterError: no such preset; or the model lacks some of it, and the rest is recalled.
        """
        seconds = cast(float, args[1]) if len(args) > 1 else 0.0
        values = presets.recall(self._folder, str(args[0]))
        spec = values.pop(SOURCE, None)
        left_out = recall(self._store, self._glider, values, since=since, seconds=seconds)
        if spec is not None and not self._store.is_written_since(SOURCE, since):
            self._store.set(SOURCE, spec, clamp=False, controller=controller)  # may fail later; then it gets a report
        self._recalled(str(args[0]))
        lost = not_at_rest(values, left_out)
        if lost:
            raise ParameterError(f"preset {args[0]}: the model has no {', '.join(lost)}; the rest is recalled")

    def names(self) -> list[str]:
        """Return what /preset/recall takes."""
        return presets.list_presets(self._folder)

    def save(self, args: list[Value], controller: Controller) -> DiskWork:
        """Save all live parameters as they are now.

        Raises:
            ParameterError: who asks may not.
        """
        if not self._may_save(controller):
            raise ParameterError("/preset/save: expected this machine, or an address of --osc-allow")
        values = None if self._is_busy() else self._store.values
        return DiskWork(partial(self._save, str(args[0]), values))

    def _save(self, name: str, values: Mapping[str, Value] | None) -> None:
        """Write values, or those that hold now; a sound file that only the command line could name is left out."""
        kept = dict(self._store.values if values is None else values)
        spec = str(kept[SOURCE])
        if spec != "demo" and not spec.startswith("live") and not (self._music / spec).is_file():
            del kept[SOURCE]
        presets.save(presets.find_room(self._folder, name), kept)


def commands(
    *, feed: Feed, pipeline: Pipeline, host: ModelHost, store: Store, keeper: Presets, stats: Callable[[], Replies]
) -> dict[str, Handler]:
    """Return the handlers of all commands but those that the dispatcher knows itself.

    Args:
        keeper: saves and recalls presets.
        stats:  makes the answer to /stats.
    """

    def load(args: list[Value], controller: Controller) -> DiskWork:
        return DiskWork(lambda: host.request(str(args[0]), controller))

    def name_files(address: str, names: Callable[[], Iterable[str]]) -> DiskWork:
        return DiskWork(lambda: [(address, name) for name in names()], is_question=True)

    table: dict[str, Callable[[list[Any]], Replies | DiskWork]] = {
        "/transport/play": lambda args: feed.play(),
        "/transport/pause": lambda args: feed.pause(),
        "/transport/seek": lambda args: feed.seek(args[0]),
        "/control": lambda args: pipeline.controls.set(osc_control(args[0]), args[1]),
        "/model/list": lambda args: name_files("/model/name", host.names),
        "/preset/list": lambda args: name_files("/preset/name", keeper.names),
        "/direction/list": lambda args: [("/direction/name", name) for name in pipeline.scene.G.directions],
        "/stats": lambda args: stats(),
    }
    for band in BANDS:
        table[f"/walk/{band}/reset"] = partial(_push, pipeline, Walker.reset, band)
        table[f"/walk/{band}/bump"] = partial(_push, pipeline, Walker.bump, band)
    handlers: dict[str, Handler] = {address: partial(_without_controller, act) for address, act in table.items()}
    return handlers | {"/model/load": load, "/preset/recall": keeper.recall, "/preset/save": keeper.save}


def _push(pipeline: Pipeline, act: Callable[[Walker, str], None], band: str, args: list[Value]) -> None:
    pipeline.push(lambda walker: act(walker, band))


def _without_controller(
    act: Callable[[list[Any]], Replies | DiskWork], args: list[Value], controller: Controller
) -> Replies | DiskWork:
    return act(args)


class SourceSwitch:
    """Opens another source of sound while the show runs; the old one is heard until the new one is open.

    One that hangs keeps no other waiting: it is given up when another is wanted.

    Args:
        open_one: opens a source by what /audio/source may say.
        report:   tells the controller why its source cannot be opened.
    """

    def __init__(self, feed: Feed, store: Store, open_one: Callable[[str], Source], report: Reporter) -> None:
        self._feed = feed
        self._store = store
        self._open_one = open_one
        self._report = report
        self._heard: Value = store.values[SOURCE]
        self._worker = LatestWorker("source", self._open)

    def follow(self, address: str, value: Value, controller: object) -> None:
        """Open what /audio/source now says: a listener of the store."""
        if address == SOURCE and value != self._heard:
            self._worker.ask((str(value), controller))

    def _open(self, request: tuple[str, object]) -> None:
        spec, controller = request
        if not self._is_wanted(spec):
            return
        try:
            source = run_or_give_up(
                f"opening {spec}",
                lambda: self._open_one(spec),
                lambda late: late.close(),
                unless=lambda: not self._is_wanted(spec),
            )
        except BandwalkError as e:
            if self._is_wanted(spec):
                self._store.set(SOURCE, self._heard, clamp=False)
            self._report(controller, SOURCE, f"{e}; {self._heard} continues")
            return
        if self._is_wanted(spec):
            self._feed.switch(source)
            self._heard = spec
        else:
            source.close()  # another was asked for while this one was opened

    def _is_wanted(self, spec: str) -> bool:
        return bool(self._store.values[SOURCE] == spec)
