"""A show: the pipeline on threads, paced by the audio clock, steered by OSC.

    hear     source -> features -> walks; features go out over OSC
    draw     at each frame's deadline: pose -> picture
    deliver  picture -> JPEG -> ZeroMQ, at a pace of its own
    watch    goes back to another model where drawing fails or hangs
    web      OSCQuery, frames and panel (threads of web)
    osc      packets -> store and commands (threads of control.osc_in)

Between draw and deliver stands a slot that keeps the newest. No thread waits for a client, a disk or a terminal.
"""

import logging
import threading
import time
from functools import partial
from pathlib import Path

from bandwalk.analysis.spectrum import Spectrum
from bandwalk.generator import Generator
from bandwalk.machine import lower_priority
from bandwalk.output.delivery import Delivery
from bandwalk.params.row import Value
from bandwalk.params.values import Values, number
from bandwalk.pipeline.draw_threads import set_threads
from bandwalk.pipeline.models import cache_folder, welcome
from bandwalk.records import Features, Frame, Picture
from bandwalk.show.draw_thread import WATCH_S, DrawThread
from bandwalk.show.engine_switch import EngineSwitch
from bandwalk.show.guard import BrokenShowError, Guard
from bandwalk.show.health import Health
from bandwalk.show.model_host import ModelHost
from bandwalk.show.pacer import Pacer
from bandwalk.show.parts import ShowParts
from bandwalk.show.song_folder import SongFolder
from bandwalk.show.state_file import State
from bandwalk.show.state_keeper import StateKeeper
from bandwalk.show.steering import Steering
from bandwalk.show.threads import ThreadGroup
from bandwalk.show.unsupported import UnsupportedValues
from bandwalk.show.web_calls import calls_for_web, read_meters
from bandwalk.units import db_to_lin
from bandwalk.web import Readings
from bandwalk.wire import insert_segment

logger = logging.getLogger(__name__)

_TURN_S = 0.1
"""Longest wait of a thread that has nothing to do."""

_TELL_S = 0.05
"""Time between two looks at what subscribers are owed."""

_ROUTES_S = 0.05
"""Time between two messages on where routes have moved their targets."""

_SIZES = ("/out/size", "/out/fit", "/out/scale", "/out/fps")
"""What the size depends on at which pictures are drawn."""

_MIN_GAIN = 1e-3
"""A gain of 0 makes no sound too quiet by itself: who turned it down knows."""


class Show:
    """One show, from :meth:`start` to :meth:`close`; stop ends its threads."""

    def __init__(self, parts: ShowParts, stop: threading.Event) -> None:
        self.parts = parts
        self.newest: Features | None = None
        self.watched = False
        self._seq = 0
        self._age_s = 0.0
        self._t_routes = 0.0
        self._counters = parts.tally.counters
        self.threads = ThreadGroup(self._counters, stop)
        self._stalls = parts.tally.stalls
        self.health = Health(parts.tally, parts.clock)
        self._spectrum = Spectrum()
        self._pacer = Pacer(lambda: parts.feed.anchor, parts.clock, self._counters)
        self._delivery = Delivery(
            self._encode,
            self._publish,
            blank=parts.pipeline.blank,
            clock=parts.clock,
            counters=self._counters,
        )
        self._drawing = DrawThread(
            self.threads,
            parts.threads.begin,
            next_frame=self._next_frame,
            draw=self._draw,
            put=self._delivery.put,
            clock=parts.clock,
        )
        settings = parts.settings
        self._host = ModelHost(
            settings.draw.model, settings.folders.models, parts.load_model, ready=self._use, failed=self._model_failed
        )
        self._host.is_right = parts.is_right
        self._engine = EngineSwitch(settings.draw.engine, parts.threads, cache_folder())
        self.steering = Steering(parts, self._host)
        self._report = self.steering.dispatcher.report
        self._unsupported = UnsupportedValues(self._report)
        parts.store.listen(self._follow)

    def start(self) -> None:
        """Start all threads."""
        self._engine.begin(self.parts.pipeline.scene.G)
        self._report_unsupported(None)
        self.steering.begin()
        self.threads.start("hear", self._hear, begin=self._begin_hearing)
        self._drawing.start()
        self.threads.start("deliver", self._deliver, begin=partial(set_threads, 1))
        self.threads.start("tell", self._tell)
        self.threads.start("watch", self._watch)
        self.steering.start()
        self._keep_state()
        calls = calls_for_web(
            self.parts.store,
            self.parts.ports.osc_in,
            readings=self._read_meters,
            thumbnail=self.steering.styles.thumbnail,
            look=self.steering.looks.ask,
            wave=self.steering.sound.waves.ask,
            upload=SongFolder(self.parts.settings.folders.music, arrived=self.steering.sound.song_has_come).begin,
            health=self.health.read,
        )
        self.parts.ports.web.start(calls)
        self._guard = Guard([self.threads, *self.parts.ports.with_threads()], self.parts.clock.now)

    def _keep_state(self) -> None:
        """Keep the state in a file, if that is asked for."""
        folder = self.parts.settings.show.state
        if folder:
            keeper = StateKeeper(Path(folder).expanduser(), self._state, self.threads.stop, self._counters)
            keeper.begin()
            self.threads.start("state", keeper.turn, begin=lower_priority)

    def _state(self) -> State:
        told, song = self.steering.scenes.conductor.told, self.steering.sound.player.path
        values = self.parts.store.snapshot()
        rest = self.parts.pipeline.glider.rest(values)
        return State(values, told.current, self._host.playing, str(song or ""), told.pending, rest)

    def look(self) -> None:
        """Look after the threads, every few tenths of a second.

        Raises:
            BrokenShowError: one of them has ended and cannot be started again.
        """
        self.health.look(wanted=self._is_wanted())
        try:
            self._guard.turn()
        except BrokenShowError as e:
            self.health.broken = str(e)
            raise
        self.parts.tally.restarts = self._guard.restarts

    def close(self) -> None:
        """End all threads and close all parts, within a second."""
        self.threads.stop.set()
        self.steering.close()
        self.parts.feed.close()
        for name in self.threads.join():
            logger.error("the %s thread did not end in time", name)
        self.parts.closing.close()

    def _begin_hearing(self) -> None:
        set_threads(1)
        self._blocks = self.parts.feed.blocks()  # an iterator that has failed gives no more

    def _hear(self) -> None:
        """Hear one block: analysis and walks follow it, features go out."""
        with self._stalls.watch("hear"):
            self._hear_block()

    def _hear_block(self) -> None:
        block = next(self._blocks, None)
        if block is None:
            self.threads.stop.wait(_TURN_S)  # the feed was closed: the show ends
            return
        parts = self.parts
        parts.tally.stopwatch.add("capture", parts.clock.now() - block.t_capture)
        values = parts.store.snapshot()
        self._spectrum.hear(block.y)
        self._hear_input(values)
        for features in parts.pipeline.hear(block, values):
            parts.ports.osc_out.send_features(features)
            parts.ports.web.hear(features, partial(self._spectrum.read, number(values, "/audio/gain")))
            self.newest = features
        self._send_route_values(values)

    def _send_route_values(self, values: Values) -> None:
        """Send where routes have moved their targets, if that is due."""
        now = self.parts.clock.now()
        if now - self._t_routes < _ROUTES_S:
            return
        self._t_routes = now
        moved = self.parts.pipeline.route_values(values)
        if moved:
            self.parts.ports.osc_out.send_route_values(moved)
            self.parts.ports.web.send_route_values(moved)

    def _hear_input(self, values: Values) -> None:
        """Note how the sound arrives, measured against what can be seen of it."""
        parts = self.parts
        health = parts.feed.health
        health.floor = db_to_lin(number(values, "/audio/floor_db")) / max(number(values, "/audio/gain"), _MIN_GAIN)
        reading = health.reading
        if reading is not parts.tally.input:
            parts.tally.input = reading
            parts.ports.web.hear_input(reading.db, reading.sentence)

    def _next_frame(self) -> float | None:
        """Wait for the next frame's deadline and return its audio time, or None where none is to be drawn."""
        t_audio = self._pacer.next(number(self._values(), "/out/fps"), self.threads.stop)
        return t_audio if t_audio is not None and self._is_wanted() else None

    def _is_wanted(self) -> bool:
        return self.watched or self.steering.recorder.is_on or not self._values()["/out/idle"]

    def _values(self) -> Values:
        """Return the values of the moment, as routes move them."""
        return self.parts.pipeline.now(self.parts.store.snapshot())

    def _draw(self, t_audio: float) -> Picture:
        pipeline = self.parts.pipeline
        with self._stalls.watch("draw"):
            picture = pipeline.draw(
                t_audio - pipeline.look_ahead_s, self.parts.store.snapshot(), wait_s=pipeline.step_s
            )
        self.parts.threads.drawn(self.parts.tally.stopwatch.newest("synth"))
        return picture

    def _deliver(self) -> None:
        is_changing = self._host.is_loading or self.parts.pipeline.model_fade.is_on
        self._delivery.turn(self._values, is_wanted=self._is_wanted(), is_changing=is_changing)
        self.watched = self.parts.ports.publisher.watched or self.parts.ports.web.watched

    def _encode(self, picture: Picture, values: Values, brightness: float, t_s: float) -> Frame:
        """Encode a picture with the values of its own time, not of the moment."""
        with self._stalls.watch("encode"):
            return self.parts.pipeline.encode(picture, self.parts.store.snapshot(), brightness, t_s)

    def _watch(self) -> None:
        """Give up a model that cannot be drawn, once."""
        self.threads.stop.wait(WATCH_S)
        reason = self._drawing.judge(is_loading=self._host.is_loading)
        self._host.watch(reason, self.parts.pipeline.scene.G)

    def _publish(self, frame: Frame) -> None:
        parts = self.parts
        with self._stalls.watch("send"), parts.tally.stopwatch.time("publish"):
            now, unix = parts.clock.now(), time.time()
            age_s = max(0.0, now - frame.t_capture) if frame.t_capture else 0.0  # no sound was heard yet
            stamps = {"seq": self._seq, "t_capture": round(unix - age_s, 6), "t_publish": round(unix, 6)}
            message = insert_segment(frame.jpeg, {**stamps, **frame.description})
            parts.ports.publisher.send(message)
            self.steering.recorder.show(message, frame, now)
            parts.ports.osc_out.send_frame(self._seq, age_s * 1e3)
            parts.ports.web.show(message, self._seq, age_s * 1e3)
        if "repeat" not in frame.description:
            parts.tally.frames.tick(now)
        self._seq += 1
        self._age_s = age_s

    def _tell(self) -> None:
        """Send subscribers what they are owed of the state."""
        self.threads.stop.wait(_TELL_S)
        self.steering.turn()

    def _read_meters(self) -> Readings:
        return read_meters(self.parts.tally, self.parts.clock, seq=self._seq, age_s=self._age_s)

    def _use(self, name: str, G: Generator) -> None:
        self.steering.scenes.gate.pass_through(name)
        welcome(self.parts.store, G)
        self.steering.styles.follow_model(G)
        self.parts.pipeline.use(G, self.parts.store.snapshot())
        self.steering.keyframes.follow_model()
        self._drawing.renew()
        self.parts.threads.again()
        logger.info("draws with %s at %dx%d px", G.name, G.width, G.height)
        self._engine.ask(G)
        self._report_unsupported(None)

    def _model_failed(self, controller: object, reason: str) -> None:
        self._report(controller, "/model/load", reason)

    def _follow(self, address: str, value: Value, controller: object) -> None:
        """See to what a changed parameter asks for beyond its value: a listener of the store."""
        if address in _SIZES:
            self._host.resize(controller)
        elif address == "/master/blackout":
            self._delivery.wake()
        elif UnsupportedValues.concerns(address):
            self._report_unsupported(controller)

    def _report_unsupported(self, controller: object) -> None:
        self._unsupported.report(self.parts.pipeline.scene.G, self.parts.store.snapshot(), controller)
