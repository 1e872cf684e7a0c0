"""What the commands do, and what follows when a controller changes a parameter that is more than a number."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

from bandwalk.audio import run_or_give_up
from bandwalk.control import Controller, DiskWork, Handler, Store
from bandwalk.errors import BandwalkError
from bandwalk.params.movers import osc_control
from bandwalk.params.row import Value
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.records import BANDS
from bandwalk.show.model_host import ModelHost
from bandwalk.show.opened import Opened
from bandwalk.show.threads import LatestWorker

SOURCE = "/audio/source"

Replies = Iterable[tuple[Any, ...]] | None


class Listens(Protocol):
    """What hears a source."""

    def switch(self, opened: Opened) -> None:
        """Hear this one from now on."""


class Reporter(Protocol):
    """Tells a controller what went wrong later."""

    def __call__(self, controller: object, address: str, reason: str) -> None:
        """Report a refusal to the controller that asked."""


def commands(*, pipeline: Pipeline, host: ModelHost, stats: Callable[[], Replies]) -> dict[str, Handler]:
    """Return the handlers of the commands on walks and models, and of questions about the show.

    Args:
        stats: makes the answer to /stats.
    """

    def load(args: list[Value], controller: Controller) -> DiskWork:
        return DiskWork(lambda: host.request(str(args[0]), controller))

    def name_models() -> DiskWork:
        return DiskWork(lambda: [("/model/name", name) for name in host.names()], is_question=True)

    table: dict[str, Callable[[list[Any]], Replies | DiskWork]] = {
        "/control": lambda args: pipeline.controls.set(osc_control(args[0]), args[1]),
        "/model/list": lambda args: name_models(),
        "/direction/list": lambda args: [("/direction/name", name) for name in pipeline.scene.G.directions],
        "/stats": lambda args: stats(),
    }
    for band in BANDS:
        table[f"/walk/{band}/reset"] = partial(_push, pipeline, "reset", band)
        table[f"/walk/{band}/bump"] = partial(_push, pipeline, "bump", band)
    handlers: dict[str, Handler] = {address: partial(_without_controller, act) for address, act in table.items()}
    return handlers | {"/model/load": load}


def _push(pipeline: Pipeline, does: str, band: str, args: list[Value]) -> None:
    pipeline.push(does, band)


def _without_controller(
    act: Callable[[list[Any]], Replies | DiskWork], args: list[Value], controller: Controller
) -> Replies | DiskWork:
    return act(args)


class SourceSwitch:
    """Opens another source of sound while the show runs; the old one is heard until the new one is open.

    One that hangs keeps no other waiting: it is given up when another is wanted.

    Args:
        player:   hears it.
        open_one: opens a source by what /audio/source may say.
        report:   tells the controller why its source cannot be opened.
    """

    def __init__(self, player: Listens, store: Store, open_one: Callable[[str], Opened], report: Reporter) -> None:
        self._player = player
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
            self._player.switch(source)
            self._heard = spec
        else:
            source.close()  # another was asked for while this one was opened

    def _is_wanted(self, spec: str) -> bool:
        return bool(self._store.values[SOURCE] == spec)
