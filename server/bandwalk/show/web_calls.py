"""What the web server sees of a show."""

from collections.abc import Callable

from bandwalk.clock import Clock
from bandwalk.control import OscIn, Store
from bandwalk.osc import encode, encode_bundle, encode_switch
from bandwalk.params.commands import COMMANDS
from bandwalk.params.row import Value
from bandwalk.params.signals import SIGNALS
from bandwalk.pipeline.stats import Tally
from bandwalk.web import LookReader, Readings, ShowCalls, Thumbnail
from bandwalk.web.incoming import BeginUpload
from bandwalk.web.show_calls import HealthCall, WaveReader, no_look, no_thumbnail, no_upload, no_wave, well


def calls_for_web(
    store: Store,
    osc_in: OscIn,
    *,
    readings: Callable[[], Readings],
    thumbnail: Thumbnail = no_thumbnail,
    look: LookReader = no_look,
    wave: WaveReader = no_wave,
    upload: BeginUpload = no_upload,
    health: HealthCall = well,
) -> ShowCalls:
    """Return the show's parameters, commands and meters for the web server; what it sends goes the way of UDP."""
    return ShowCalls(
        rows=lambda: store.rows().values(),
        signals=SIGNALS,
        commands=tuple(command for command in COMMANDS if command.address not in UDP_ONLY),
        values=lambda: store.values,
        take=osc_in.take,
        encode=_encode,
        bundle=encode_bundle,
        readings=readings,
        osc_port=osc_in.port,
        thumbnail=thumbnail,
        look=look,
        wave=wave,
        upload=upload,
        health=health,
    )


UDP_ONLY = ("/subscribe", "/unsubscribe")
"""Commands that are not in the tree: what is listened to is asked for by LISTEN there."""


def read_meters(tally: Tally, clock: Clock, *, seq: int, age_s: float) -> Readings:
    """Return how the server does."""
    counts = {"late": 0} | tally.counters.counts
    sound = tally.input
    stages = tuple(tally.stopwatch.read())
    fps = tally.frames.fps(clock.now())
    return Readings(
        fps, seq, age_s, stages, counts, sound.db, sound.sentence, stalls=tally.stalls.counts, restarts=tally.restarts
    )


def _encode(address: str, value: Value) -> bytes:
    return encode_switch(address, value) if isinstance(value, bool) else encode(address, value)
