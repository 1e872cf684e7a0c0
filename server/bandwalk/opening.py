"""Opens the parts of a show: what is wrong with any of them is found before the show begins."""

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from bandwalk.audio import Feed, Monitor, Options, Source, has_output, open_source
from bandwalk.clock import Clock, RealClock
from bandwalk.control import OscIn, OscOut, Store, Subscribers
from bandwalk.models import open_model
from bandwalk.output.jpeg import open_encoder
from bandwalk.output.publish import Publisher
from bandwalk.pipeline import Pipeline
from bandwalk.startup import Start
from bandwalk.stats import Tally
from bandwalk.tuning import choose_threads
from bandwalk.units import parse_host_port
from bandwalk.wire import PORTS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """The open parts of a show; closing takes all of them down."""

    settings: dict[str, Any]
    clock: Clock
    tally: Tally
    store: Store
    subscribers: Subscribers
    osc_in: OscIn
    osc_out: OscOut
    publisher: Publisher
    feed: Feed
    pipeline: Pipeline
    threads: int
    closing: ExitStack

    def open_model(self, name: str) -> Any:
        """Load a model as the settings and the wanted picture say."""
        return open_model(name, self.store.snapshot(), device=self.settings["device"], exact=self.settings["exact"])

    def open_source(self, spec: str) -> Source:
        """Open a source that a controller names: files in the music folder only.

        Raises:
            BandwalkError: it cannot be opened.
        """
        return open_source(spec, _options(self.settings), music=Path(self.settings["music"]))


def open_parts(source: str, start: Start, *, monitor: bool) -> Parts:
    """Open everything: ports first (a taken one is told at once), then sound, then the model.

    Args:
        source:  demo, live, live:DEVICE or the path of a file.
        start:   settings and values.
        monitor: play the sound through the sound card too.

    Raises:
        BandwalkError: a part cannot be opened; the others are closed again.
    """
    settings = dict(start.settings)
    if settings["device"] == "auto":
        settings["device"] = "cuda" if torch.cuda.is_available() else "cpu"
    clock, tally = RealClock(), Tally()
    with ExitStack() as stack:
        store = Store(start.values, clock=clock, touched=start.given)
        subscribers = Subscribers(clock=clock, limit=settings["max_subscribers"], allow=settings["osc_allow"])
        bind, base = settings["bind"], settings["port_base"]
        osc_in = OscIn(bind, base + PORTS["osc"], counters=tally.counters)
        stack.callback(osc_in.close)
        targets = [parse_host_port(text) for text in settings["osc_to"]]
        osc_out = OscOut(targets, subscribers, counters=tally.counters)
        stack.callback(osc_out.close)
        publisher = Publisher(bind, base + PORTS["frames"], counters=tally.counters)
        stack.callback(publisher.close)
        opened = open_source(source, _options(settings))
        stack.callback(opened.close)
        speaker = Monitor(tally.counters) if monitor else None
        encoder = open_encoder(settings["encoder"])
        G = open_model(settings["model"], store.snapshot(), device=settings["device"], exact=settings["exact"])
        threads = settings["threads"] or choose_threads(G, encoder, fps=float(start.values["/out/fps"]))  # type: ignore[arg-type]
        pipeline = Pipeline(G, store.snapshot(), step_rate=settings["step_rate"], encoder=encoder, tally=tally)
        feed = Feed(opened, clock=clock, counters=tally.counters, monitor=speaker)
        stack.callback(feed.close)
        logger.info("%s at %d px on %s (%d threads), JPEG by %s", G.name, G.resolution, G.device, threads, encoder.name)
        return Parts(
            settings,
            clock,
            tally,
            store,
            subscribers,
            osc_in,
            osc_out,
            publisher,
            feed,
            pipeline,
            threads,
            stack.pop_all(),
        )


def wants_monitor(settings: dict[str, Any], show: bool) -> bool:
    """Tell whether the sound is to be played: asked for, or welcome and possible."""
    return bool(settings["monitor"]) or (show and has_output())


def _options(settings: dict[str, Any]) -> Options:
    return Options(channels=settings["channels"], loop=settings["loop"])
