"""Opens the parts of a show: what is wrong with any of them is found before the show begins."""

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bandwalk.analysis.process import RemoteAnalyzer, begin_ear
from bandwalk.audio import Feed, Monitor, SourceOptions, open_monitor
from bandwalk.clock import Clock, RealClock
from bandwalk.control import OscIn, OscOut, OscTcp, Store, Subscribers, open_routes
from bandwalk.control.midi.messages import Control
from bandwalk.control.midi.targets import Target
from bandwalk.errors import DeviceError, WireError
from bandwalk.generator import Generator, Screen, check_engine
from bandwalk.machine import KEPT_DESCRIPTORS, raise_descriptors
from bandwalk.output.jpeg import open_encoder
from bandwalk.output.publish import Publisher
from bandwalk.params.settings import NetworkSettings, Settings
from bandwalk.params.values import text
from bandwalk.pipeline.draw_threads import ThreadChoice, candidates
from bandwalk.pipeline.drawn_size import HeldScale
from bandwalk.pipeline.keyframe_files import check_keyframes, read_keyframes
from bandwalk.pipeline.models import ExtraFiles, chosen_device, load_model, open_model, welcome
from bandwalk.pipeline.open_drivers import open_live_drivers
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.start import Start
from bandwalk.pipeline.start_values import set_directions, table_values
from bandwalk.pipeline.stats import Tally
from bandwalk.records import Counters
from bandwalk.show.guard import HasThreads
from bandwalk.show.midi_map import start_map
from bandwalk.show.opened import Opened, Opener
from bandwalk.show.reach import open_reach
from bandwalk.units import parse_host_port
from bandwalk.web import Web
from bandwalk.wire import PORTS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ports:
    """What is bound to the network."""

    subscribers: Subscribers
    osc_in: OscIn
    osc_tcp: OscTcp | None
    osc_out: OscOut
    publisher: Publisher
    web: Web
    targets: list[tuple[str, int]]

    def with_threads(self) -> list[HasThreads]:
        """Return the parts whose threads a show cannot do without."""
        tcp = [] if self.osc_tcp is None else [self.osc_tcp]
        return [self.osc_in, *tcp, self.publisher, self.web]


@dataclass(frozen=True, slots=True)
class ShowParts:
    """The open parts of a show; closing takes all of them down."""

    settings: Settings
    clock: Clock
    tally: Tally
    store: Store
    ports: Ports
    feed: Feed
    opener: Opener
    opened: Opened
    pipeline: Pipeline
    threads: ThreadChoice
    bound: Mapping[Control, Target]
    held: HeldScale
    closing: ExitStack

    def load_model(self, name: str) -> Generator:
        """Load a model as the settings and the wanted picture say.

        Raises:
            BandwalkError: it cannot be loaded.
        """
        draw = self.settings.draw
        extra = ExtraFiles.of(draw)
        if not _is_same(name, draw.model):  # these files are for the first model
            extra = replace(extra, directions="", w="")
        return _held(
            partial(load_model, device=draw.device, exact=draw.exact, extra=extra), name, self.store, self.held
        )

    def is_right(self, name: str) -> bool:
        """Return whether the model that draws is drawn as it would be, were it loaded now."""
        G, screen = self.pipeline.scene.G, _screen(name, self.store, self.held)
        return screen == G.screen or (screen is not None and G.size_for(screen) == (G.width, G.height))


def open_parts(start: Start, *, show: bool = False, counters: Counters | None = None, apart: bool = False) -> ShowParts:
    """Open everything: ports first (a taken one is reported at once), then sound, then the model.

    Args:
        start:    settings and values.
        show:     also play the sound through the sound card, where that is possible.
        counters: to count in; None: new ones.
        apart:    hear in a process of its own, where the system has one to offer.

    Raises:
        BandwalkError: a part cannot be opened; the others are closed again.
    """
    settings = start.settings.with_draw(device=chosen_device(start.settings.draw.device))
    check_engine(settings.draw.engine, settings.draw.device)
    bound = start_map(settings)
    clock, tally = RealClock(), Tally(counters)
    with ExitStack() as stack:
        ear = begin_ear() if apart else None  # it gets ready beside all that follows
        if ear is not None:
            stack.callback(ear.close)
        store = Store(table_values(start.values), touched=start.given)
        ports = _open_ports(settings.network, clock, tally.counters, stack, store=store)
        opener = _opener(settings, store)
        # the command line takes any path, a preset only the music folder
        named = start.source or text(start.values, "/audio/source")
        opened = opener.open(named, is_trusted=bool(start.source))
        stack.callback(opened.close)
        speaker = _open_monitor(settings.hear.monitor, show, tally.counters)
        if speaker is not None:
            stack.callback(speaker.close)
        keyframes = read_keyframes(settings.folders.presets, store.snapshot())
        held = HeldScale()
        pipeline, threads = _open_pipeline(settings, store, tally, held)
        if ear is not None:
            ear.wait()  # the first step is to be heard
            stack.callback(pipeline.hear_by(partial(RemoteAnalyzer, ear, tally.counters)).close)
        for note in check_keyframes(pipeline.scene.G, keyframes):
            logger.warning(note)
        pipeline.keyframes = keyframes
        set_directions(store, start, pipeline.scene.G)
        feed = Feed(opened.source, clock=clock, counters=tally.counters, monitor=speaker)
        stack.callback(feed.close)
        return ShowParts(
            settings, clock, tally, store, ports, feed, opener, opened, pipeline, threads, bound, held, stack.pop_all()
        )


def _open_ports(
    settings: NetworkSettings, clock: Clock, counters: Counters, stack: ExitStack, *, store: Store
) -> Ports:
    bind, base = settings.bind, settings.port_base
    reach = open_reach(settings)
    osc_in = OscIn(bind, base + PORTS["osc"], counters=counters, rows=store.rows, may=reach.may)
    stack.callback(osc_in.close)
    osc_tcp = _open_osc_tcp(bind, osc_in, counters, stack, may=reach.may)
    subscribers = Subscribers(
        clock=clock, limit=settings.max_subscribers, allow=settings.osc_allow, own_port=osc_in.port
    )
    targets = [parse_host_port(text) for text in settings.osc_to] or [("127.0.0.1", base + PORTS["features"])]
    routes = open_routes(settings.osc_map, settings.osc_map_file)
    osc_out = OscOut(
        targets,
        subscribers,
        send=osc_in.send,
        clock=clock,
        counters=counters,
        routes=routes,
        route_rate=settings.osc_map_rate,
    )
    stack.callback(osc_out.close)
    before, descriptors = raise_descriptors()
    level = logging.INFO if descriptors != before else logging.DEBUG
    logger.log(level, "%d descriptors for files and connections (%d before)", descriptors, before)
    most = max(descriptors - KEPT_DESCRIPTORS, descriptors // 4)
    publisher = Publisher(bind, base + PORTS["frames"], counters=counters, n_max=most, may=reach.may, curve=reach.curve)
    stack.callback(publisher.close)
    for level, line in reach.lines():
        logger.log(level, "%s", line)
    web = Web(
        bind,
        base + PORTS["http"],
        counters=counters,
        allow_origins=settings.allow_origin,
        hosts=settings.host,
        token=reach.token,
        tls=reach.tls,
        may=reach.may,
    )
    stack.callback(web.close)
    return Ports(subscribers, osc_in, osc_tcp, osc_out, publisher, web, targets)


def _open_osc_tcp(
    bind: str, osc_in: OscIn, counters: Counters, stack: ExitStack, *, may: Callable[[str], bool]
) -> OscTcp | None:
    """Open OSC over TCP on the number of the UDP port; another program that has it stops no show."""
    try:
        osc_tcp = OscTcp(bind, osc_in.port, take=osc_in.take, counters=counters, may=may)
    except WireError as e:
        logger.warning("%s; goes on without OSC over TCP", e)
        return None
    stack.callback(osc_tcp.close)
    return osc_tcp


def _open_pipeline(settings: Settings, store: Store, tally: Tally, held: HeldScale) -> tuple[Pipeline, ThreadChoice]:
    """Return the pipeline and how many threads draw."""
    draw = settings.draw
    encoder = open_encoder(draw.encoder)
    drivers = open_live_drivers(settings.hear, draw.device)
    load_one = partial(open_model, device=draw.device, exact=draw.exact, extra=ExtraFiles.of(draw))
    G = _held(load_one, draw.model, store, held)
    welcome(store, G)
    values = store.snapshot()
    logger.info("%s at %dx%d px on %s, JPEG by %s", G.name, G.width, G.height, G.device, encoder.name)
    threads = ThreadChoice([draw.threads] if draw.threads else candidates(G))
    step_rate = settings.hear.step_rate
    return Pipeline(G, values, step_rate=step_rate, encoder=encoder, tally=tally, drivers=drivers), threads


def _held(load_one: Callable[[str, Screen | None], Generator], name: str, store: Store, held: HeldScale) -> Generator:
    """Load a model for the wanted screen, again at another size if it is too slow for that."""
    screen = _screen(name, store, held)
    G = load_one(name, screen)
    held.measure(G, store.snapshot())
    slower = _screen(name, store, held)
    return G if slower == screen else load_one(name, slower)


def _screen(name: str, store: Store, held: HeldScale) -> Screen | None:
    return held.screen_for(name, store.snapshot(), is_chosen=store.is_touched("/out/size"))


def _is_same(name: str, other: str) -> bool:
    return name == other or Path(name).absolute() == Path(other).absolute()


def _open_monitor(asked: bool, welcome: bool, counters: Counters) -> Monitor | None:
    """Open the sound card to play through; only who asked for it is refused the show without it."""
    if not asked and not welcome:
        return None
    try:
        return open_monitor(counters, if_any=not asked)
    except DeviceError as e:
        if asked:
            raise
        logger.warning("%s; goes on without sound", e)
        return None


def _opener(settings: Settings, store: Store) -> Opener:
    """Return what opens sources; with --loop a song, or a list, begins again, unless something else was asked for."""
    hear = settings.hear
    if hear.loop:
        store.offer("/transport/repeat", "all")
    return Opener(SourceOptions(channels=hear.channels, loop=hear.loop), settings.folders.music, logger.warning)
