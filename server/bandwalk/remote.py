"""What the commands do, and what follows when a controller changes a parameter that is more than a number."""

import logging
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from bandwalk.audio import Feed, Source
from bandwalk.control import Handler, Store, presets
from bandwalk.control.peers import Address
from bandwalk.errors import BandwalkError
from bandwalk.models import ModelHost
from bandwalk.pipeline import Pipeline
from bandwalk.records import BANDS
from bandwalk.row import Value
from bandwalk.walk import Walker

logger = logging.getLogger(__name__)

Replies = Iterable[tuple[Any, ...]] | None


class Reporter(Protocol):
    """Tells a controller what went wrong after the fact."""

    def __call__(self, origin: object, address: str, reason: str) -> None:
        """Report a refusal to who asked."""


def commands(
    *, feed: Feed, pipeline: Pipeline, host: ModelHost, store: Store, folder: Path, stats: Callable[[], Replies]
) -> dict[str, Handler]:
    """Return the handlers of all commands but those that the dispatcher knows itself.

    Args:
        folder: of presets.
        stats:  makes the answer to /stats.
    """

    def recall(args: list[Value], source: Address) -> None:
        seconds = float(args[1]) if len(args) > 1 else 0.0  # type: ignore[arg-type]
        store.set_many(presets.recall(folder, str(args[0])), seconds)

    def load(args: list[Value], source: Address) -> None:
        host.request(str(args[0]), source)

    def save(args: list[Value], source: Address) -> None:
        presets.save(presets.find(folder, str(args[0])), store.values)

    table: dict[str, Callable[[list[Any]], Replies]] = {
        "/transport/play": lambda args: feed.play(),
        "/transport/pause": lambda args: feed.pause(),
        "/transport/seek": lambda args: feed.seek(args[0]),
        "/model/list": lambda args: [("/model/name", name) for name in host.names()],
        "/stats": lambda args: stats(),
    }
    for band in BANDS:
        table[f"/walk/{band}/reset"] = partial(_push, pipeline, Walker.reset, band)
        table[f"/walk/{band}/bump"] = partial(_push, pipeline, Walker.bump, band)
    handlers: dict[str, Handler] = {address: partial(_without_source, act) for address, act in table.items()}
    return handlers | {"/model/load": load, "/preset/recall": recall, "/preset/save": save}


def _push(pipeline: Pipeline, act: Callable[[Walker, str], None], band: str, args: list[Value]) -> None:
    pipeline.push(lambda walker: act(walker, band))


def _without_source(act: Callable[[list[Any]], Replies], args: list[Value], source: Address) -> Replies:
    return act(args)


class SourceSwitch:
    """Opens another source of sound while the show runs; the old one is heard until the new one is open.

    Args:
        open_one: opens a source by what /audio/source may say.
        report:   tells the controller that asked for a source that cannot be opened.
    """

    ADDRESS = "/audio/source"

    def __init__(self, feed: Feed, store: Store, open_one: Callable[[str], Source], report: Reporter) -> None:
        self._feed = feed
        self._store = store
        self._open_one = open_one
        self._report = report
        self._heard: Value = store.values[self.ADDRESS]
        self._opening = threading.Lock()

    def follow(self, address: str, value: Value, origin: object) -> None:
        """Open what /audio/source now says, on a thread of its own: a listener of the store."""
        if address == self.ADDRESS and value != self._heard:
            threading.Thread(target=self._open, args=(str(value), origin), name="source", daemon=True).start()

    def _open(self, spec: str, origin: object) -> None:
        with self._opening:
            if self._store.values[self.ADDRESS] != spec:
                return  # another was asked for meanwhile
            try:
                source = self._open_one(spec)
            except BandwalkError as e:
                logger.error("%s; %s plays on", e, self._heard)
                self._report(origin, self.ADDRESS, str(e))
                self._store.set(self.ADDRESS, self._heard, clamp=False)
                return
            self._feed.switch(source)
            self._heard = spec
