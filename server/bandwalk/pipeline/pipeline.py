"""The stages, joined: block -> features -> pose -> rgb -> jpeg. No threads, no clock, no socket."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from bandwalk.analysis import Analyzer, Ear
from bandwalk.analysis.drivers import Drivers
from bandwalk.generator import Generator
from bandwalk.output.jpeg import Encoder
from bandwalk.output.model_fade import ModelFade
from bandwalk.params.values import Values, number, text, whole
from bandwalk.pipeline import stage_values as plain
from bandwalk.pipeline.beat_clock import BeatClock, ClockValues
from bandwalk.pipeline.controls import Controls
from bandwalk.pipeline.describe import describe
from bandwalk.pipeline.draw_frame import ClipFader, finish, paint
from bandwalk.pipeline.frame_sequence import FrameSequence
from bandwalk.pipeline.glide import Glider, glided
from bandwalk.pipeline.joined_styles import mix_of
from bandwalk.pipeline.journal import Followed, Journal, Outside, Push, Taken
from bandwalk.pipeline.moves import InUse, Route, moved, moved_by_routes, route_values
from bandwalk.pipeline.stats import Tally
from bandwalk.pipeline.style_home import StyleHome
from bandwalk.records import Block, Features, Frame, Picture, Pose
from bandwalk.units import db_to_lin, parse_size, samples_to_s
from bandwalk.walk import Keyframes, Routes, StyleMix, Track, Walker

_MAX_PUSHES = 64

EarKind = TypeVar("EarKind", bound=Ear)


@dataclass(frozen=True, slots=True)
class Scene:
    """A model with the walks through its space, and with what it was taken."""

    G: Generator
    walker: Walker
    track: Track
    taken: Taken


class Pipeline:
    """Sound in, pictures out.

    :meth:`step` is the whole way, for offline work; a show calls :meth:`hear`, :meth:`draw` and :meth:`encode`
    on threads of their own, one thread each; brightness by its own clock. Without an encoder it cannot :meth:`encode`.

    Args:
        drivers: what drives the styles' walks; None: the bands drive.

    glider:   brings a recalled look in; any thread may begin a glide.
    conduct:  called in the thread that hears, with each step that the walks are about to follow and the values as the
              hand set them; returns those that hold from the end of this step on. It must not wait.
    controls: values of learned controls; other threads write to it.
    home:     where the walks begin.
    began_with: the values that it was opened with.
    journal:  gets what comes from outside, so that the same can be drawn again.
    keyframes: of the files that walks may name, by name; another thread may exchange it.
    model_fade: what is left of the model before.
    acts:     what a command does that a route sends, by its address, beside those of the walks; called in the thread
              that hears, must not wait.
    """

    def __init__(
        self,
        G: Generator,
        values: Values,
        *,
        step_rate: float,
        encoder: Encoder | None = None,
        tally: Tally,
        drivers: Drivers | None = None,
    ) -> None:
        beside = drivers.hear if drivers else None
        self._analyzer: Ear = Analyzer(plain.ear(values), step_rate=step_rate, beside=beside)
        self._drivers = drivers
        self.step_s = 1.0 / self._analyzer.step_rate
        self.beat_clock = BeatClock(self.step_s, number(values, "/beat/bpm"))
        self.look_ahead_s = drivers.look_ahead_s if drivers else 0.0
        self._encoder = encoder
        self._fader = ClipFader()
        self._sequence = FrameSequence()
        self.model_fade = ModelFade()
        self._tally = tally
        self._pushes: deque[Push] = deque(maxlen=_MAX_PUSHES)
        self._followed = values
        self._frame = 0
        self._routes = Routes(self.step_s)
        self._routed = values, InUse.of(values)
        self.glider = Glider()
        self._beats = 0.0  # at the end of the newest step that the walks followed
        self.conduct: Callable[[Features, Values], Values] = lambda features, values: values
        self.controls = Controls()
        self.began_with = values
        self.journal = Journal()
        self.home = StyleHome()
        self.keyframes: Mapping[str, Keyframes] = {}
        self.acts: dict[str, Callable[[float], object]] = {
            "/beat/tap": self.beat_clock.tap,
            "/beat/resync": self.beat_clock.resync,
        }
        """What routes can do besides the walks' commands; each takes the moment, monotonic seconds."""
        self.scene = self._scene_of(G, Taken(values, self.glider.place))

    def hear_by(self, open_ear: Callable[..., EarKind]) -> EarKind:
        """Hear by another analyzer from now on, opened for the same values; before the first sound."""
        step_rate, beside = self._analyzer.step_rate, self._drivers.hear if self._drivers else None
        self._analyzer = ear = open_ear(plain.ear(self._followed), step_rate=step_rate, beside=beside)
        return ear

    def step(self, block: Block, values: Values) -> list[Frame]:
        """Hear a block and return the frames that fall due in it."""
        self.hear(block, values)
        frames = []
        while self._frame / number(values, "/out/fps") <= block.t_audio - self.look_ahead_s:
            picture = self.draw(self._frame / number(values, "/out/fps"), values)
            brightness = self._fader.step(picture.pose.t_audio, self._seen(values, picture.pose))
            frames.append(self.encode(picture, values, brightness))
            self._frame += 1
        return frames

    def hear(self, block: Block, values: Values) -> list[Features]:
        """Analyse a block and let the walks follow each step whose drive is known; return the block's steps."""
        with self.glider.lock:  # no glide begins in the middle of a block
            return self._hear(block, values)

    def _hear(self, block: Block, values: Values) -> list[Features]:
        scene, pushes = self.scene, [self._pushes.popleft() for _ in range(len(self._pushes))]
        self.journal.hears(block, Outside(values, self.glider, scene.G, scene.taken), pushes)
        for does, band in pushes:
            _push(scene.walker, does, band)
        seen, steps = self.glider.at(values), []
        routes = self._in_use(seen)
        for piece in self._steps_of(block) if routes.ear else (block,):
            heard = self._listen(piece, moved_by_routes(seen, routes.ear, self._routes.now))
            floor = db_to_lin(number(self._followed, "/audio/floor_db"))
            known = self._drivers.follow(heard, floor) if self._drivers else heard
            if known:
                with self._tally.stopwatch.time("walk"):
                    values = self._follow(known, values, scene)
            steps += heard
        return steps

    def _in_use(self, values: Values) -> InUse:
        """Return the routes in use, read again only from new values."""
        routed = self._routed
        if routed[0] is not values:
            routed = self._routed = values, InUse.of(values)
        return routed[1]

    def _steps_of(self, block: Block) -> Iterator[Block]:
        """Yield a block in pieces that end where a step does: what the analysis follows may be new in each step."""
        n, start = len(block.y), 0
        while start < n:
            end = min(n, start + self._analyzer.missing)
            yield Block(block.y[start:end], block.end - (n - end), block.t_capture - samples_to_s(n - end))
            start = end

    def _listen(self, block: Block, values: Values) -> list[Features]:
        """Analyse some sound."""
        with self._tally.stopwatch.time("analyze"):
            if values is not self._followed:
                self._analyzer.set(plain.ear(values))
                self._followed = values
            clock = plain.beat_clock(values)
            heard = [self._on_the_beat(features, clock) for features in self._analyzer.process(block)]
        if heard:
            self._tally.key = heard[-1].music.key
        return heard

    def _follow(self, steps: Iterable[Features], values: Values, scene: Scene) -> Values:
        """Let glide, routes and walks follow some steps; return the values that hold after them."""
        glider = self.glider
        for features in steps:
            glider.step(self.step_s, features.beat.beats - self._beats)
            self._beats = features.beat.beats
            values = self.conduct(features, values)
            outside = Followed(values, glider, self.controls.read(), self.home.asked, self.keyframes)
            self.journal.follows(features, outside)
            place = glider.place
            seen = glider.at(values, place)
            routes = self._in_use(seen)
            before = moved_by_routes(seen, routes.intensity, self._routes.now)
            said = self._routes.step(routes.wanted, features, outside.controls, number(before, "/master/intensity"))
            self._send(routes.every, features.t_capture)
            mix = self._mix(scene.G, seen)
            self.home.follow(
                seen, scene.walker, scene.track, partial(plain.drive, seen, mix, place=place), outside.styles
            )
            drive = plain.drive(moved_by_routes(seen, routes.walks, said), mix, said, place, outside.keyframes)
            z = scene.walker.step(features, drive)
            scene.track.add(features, z, scene.walker.sway, place, scene.walker.shares)
        return values

    def _send(self, routes: Iterable[Route], t: float) -> None:
        """Send the commands whose routes have risen past a half in this step, which ended at t."""
        for route in routes:
            if route.command and route.slot in self._routes.risen:
                _, group, band, *does = route.command.split("/")
                if group == "walk":
                    _push(self.scene.walker, does[0], band)
                elif route.command in self.acts:
                    self.acts[route.command](t)

    def now(self, values: Values) -> Values:
        """Return the values as routes have moved them in the newest step, for what follows no picture."""
        values = self.glider.at(values)
        return moved_by_routes(values, self._in_use(values).every, self._routes.now)

    def _seen(self, values: Values, pose: Pose) -> Values:
        """Return the values as the picture of a pose follows them: on their way to another look, then moved."""
        return moved(self.glider.at(values, pose.place), pose)

    def route_values(self, values: Values) -> dict[str, float]:
        """Return where each route in use has moved its target, by the address that says so."""
        return route_values(self.glider.at(values), self._routes.now)

    def _on_the_beat(self, features: Features, clock: ClockValues) -> Features:
        """Return a step with the beat of the chosen clock instead of the heard one."""
        return replace(features, beat=self.beat_clock.step(features.beat, features.t_capture, clock))

    def draw(self, t_audio: float, values: Values, wait_s: float = 0.0) -> Picture:
        """Draw the picture of an audio time; wait_s: how long to wait for a step still being computed."""
        scene = self.scene
        pose = scene.track.pose(t_audio, wait_s)
        glide = self.glider.state.glide
        seen = moved(glided(glide, values, pose.place), pose, scene.G.directions)
        with self._tally.stopwatch.time("synth"):
            picture_input = self.home.picture_input(scene.G, pose, seen, self.journal.leaves)
            self.journal.draws(picture_input, values, glide, scene.G)
            rgb = paint(scene.G, picture_input, seen)
        values = seen
        self.home.note(rgb, values, scene.G)
        fps, size = number(values, "/out/fps"), text(values, "/out/size")
        return Picture(rgb, pose, scene.G.name, fps, size, scene.G.has_alpha)

    def blank(self, values: Values) -> Picture:
        """Return what stands for a picture before there is one: black."""
        width, height = parse_size(text(values, "/out/size"))
        scene = self.scene
        rgb = np.zeros((height, width, 3), np.uint8)
        return Picture(rgb, scene.track.pose(0.0), scene.G.name, number(values, "/out/fps"), text(values, "/out/size"))

    def encode(self, picture: Picture, values: Values, brightness: float = 1.0, t_s: float | None = None) -> Frame:
        """Bring the next picture to how it is shown, and encode it.

        Args:
            values:     as the hand set them.
            brightness: 0 black .. 1 as drawn.
            t_s:        when it is shown, seconds; None: at its audio time.
        """
        assert self._encoder is not None, "a pipeline without an encoder"
        values = {**self._seen(values, picture.pose), "/out/size": picture.size}
        with self._tally.stopwatch.time("encode"):
            rgb = finish(picture.rgb, values)
            t_audio = picture.pose.t_audio
            t_shown = t_audio if t_s is None else t_s
            rgb = self.model_fade.step(rgb, picture.model, number(values, "/model/fade"), t_shown)
            rgb = self._sequence.step(rgb, values, t_audio=t_audio, brightness=brightness, t_s=t_s)
            self._tally.held = self._sequence.held
            jpeg = self._encoder.encode(rgb, quality=whole(values, "/out/quality"), chroma=text(values, "/out/chroma"))
        return Frame(jpeg, describe(picture, *parse_size(picture.size)), picture.pose.features.t_capture)

    def push(self, does: str, band: str) -> None:
        """Let a bump or a reset happen to a band's walk before the next step; from any thread."""
        self._pushes.append((does, band))

    def use(self, G: Generator, values: Values, place: float | None = None) -> None:
        """Draw with another model from the next frame on; walks of the same z go on where they are.

        Args:
            place: of the glide; None: where it is now.
        """
        old, taken = self.scene, Taken(values, self.glider.place if place is None else place)
        self.scene = Scene(G, old.walker, old.track, taken) if self.goes_on_with(G) else self._scene_of(G, taken)

    def goes_on_with(self, G: Generator) -> bool:
        """Return whether the walks are those that another model would go on with."""
        old = self.scene.G
        return G.z_dim == old.z_dim and (self._drivers is None or G.num_ws == old.num_ws)

    def _scene_of(self, G: Generator, taken: Taken) -> Scene:
        values, place = taken
        walker = Walker(G.z_dim, plain.drive(values, self._mix(G, values), place=place), self.step_s)
        track = Track(walker.z, self.step_s, by_drivers=self._drivers is not None, place=place)
        return Scene(G, walker, track, taken)

    def _mix(self, G: Generator, values: Values) -> StyleMix:
        return mix_of(plain.layers(values), G.num_ws, G.gains, by_drivers=self._drivers is not None)


def _push(walker: Walker, does: str, band: str) -> None:
    {"bump": walker.bump, "reset": walker.reset}[does](band)
