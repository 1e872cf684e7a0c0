"""Draws a session again: the pipeline of a show gets from the log what it got then, block by block and step by step."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch

from bandwalk.analysis.drivers import Drivers
from bandwalk.errors import ParameterError
from bandwalk.generator import Generator
from bandwalk.params.row import Value
from bandwalk.params.values import Values
from bandwalk.pipeline import keyframe_files
from bandwalk.pipeline.beat_clock import BeatClock, Timebase
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.pipeline.glide import Glide, GlideState, glided
from bandwalk.pipeline.moves import moved
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.session.log import Event, Log, ModelName
from bandwalk.pipeline.session.notes import hash_of
from bandwalk.pipeline.session.sound import HeardSound
from bandwalk.pipeline.session.styles import read_styles
from bandwalk.pipeline.stats import Tally
from bandwalk.pipeline.style_home import Going
from bandwalk.records import Block, Features
from bandwalk.units import samples_to_s
from bandwalk.walk import Home

FRESH_S = 1.0
"""Where no picture was drawn for so long, pictures follow what was heard."""

MAX_MODELS = 4
"""Models that are kept loaded; one that comes again later is loaded again."""

Open = Callable[[ModelName, Values], Generator]
"""Loads a model that the log names, for the values that hold; one with other weights is refused by the replay."""


class Shown(NamedTuple):
    """A picture of a replay: what it is drawn from, by which model, the values as routes and glides moved them."""

    picture_input: PictureInput
    values: Values
    G: Generator


class _Cursor:
    """The next line of one kind."""

    def __init__(self, log: Log, kind: str) -> None:
        self._events = log.events(kind)
        self._next = next(self._events, None)

    def take(self, until: float) -> Event | None:
        """Return the next line that is not later, if there is one."""
        event = self._next
        if event is None or event.at > until:
            return None
        self._next = next(self._events, None)
        return event


class _Clock(BeatClock):
    """A beat clock that gets from the log what came from outside."""

    def __init__(self, step_s: float, bpm: float, log: Log) -> None:
        super().__init__(step_s, bpm)
        self._cursor = _Cursor(log, "c")
        self._line: Timebase | None = None
        self.outer = dict.fromkeys(("link", "midi"), lambda: self._line)

    def _take_arrived(self) -> None:
        while event := self._cursor.take(self.steps):
            kind, said = event.said["kind"], event.said
            if kind == "line":
                self._line = None if said["line"] is None else Timebase(*said["line"])
            else:
                (self.tap if kind == "tap" else self.resync)(said["t"])
        super()._take_arrived()


class Replay:
    """A session drawn again.

    checked, same: pictures whose ws the log has as a hash, and how many of them are the same.
    lost:          why the replay is another show from some point on; empty: it is not.

    Args:
        G:       the first model.
        open_model: loads those that followed.
        drivers: as of the show; None: the bands drive.
        folder:  of presets, which has the files of keyframes.
    """

    def __init__(
        self, log: Log, sound: HeardSound, G: Generator, open_model: Open, *, drivers: Drivers | None, folder: Path
    ) -> None:
        self.checked = self.same = 0
        self.lost = "; ".join(event.said["why"] for event, _ in zip(log.events("x"), range(3), strict=False))
        self._folder = folder
        self._models: dict[ModelName, Generator] = {ModelName(log.header.model, log.header.sha256): G}
        self._open_model = open_model
        self.pipeline = Pipeline(G, log.values, step_rate=log.header.step_rate, tally=Tally(), drivers=drivers)
        self.pipeline.beat_clock = _Clock(self.pipeline.step_s, _bpm(log.values), log)
        self.pipeline.acts = {}  # the log has what they did
        self.pipeline.conduct = self._conduct
        self._blocks, self._steps, self._pictures, self._ways = (_Cursor(log, kind) for kind in "bsdw")
        self._sound = sound.blocks()
        self._samples, self._end, self._zero = sound.samples, 0, 0.0
        self._values: Values = log.values
        self._goings: list[Going] = []
        self._drawn: dict[str, Any] = {}
        self._t_drawn = -math.inf

    @property
    def length_s(self) -> float:
        """How long it is, seconds."""
        return samples_to_s(self._samples)

    def shown(self, times: Iterable[float]) -> Iterator[Shown]:
        """Yield the picture of each audio time, which rise; at those of the log the ws are compared."""
        for t in times:
            while event := self._pictures.take(t):
                self._follow_picture(event)
                if event.said.get("f"):
                    self._check(event)
            yield self._at(t)

    def _check(self, event: Event) -> None:
        self.checked += 1
        self.same += hash_of(self._at(event.at).picture_input.ws) == event.said["f"]

    def _follow_picture(self, event: Event) -> None:
        self._drawn |= event.said
        self._t_drawn = event.at
        if "m" in event.said:
            self._hear_until_it_walks(self._model(event.said["m"], self._values))

    def _at(self, t: float) -> Shown:
        pipeline = self.pipeline
        while pipeline.scene.track.end < t - pipeline.step_s and self._hear():
            pass
        is_fresh = t - self._t_drawn <= FRESH_S and self._drawn.keys() >= {"v", "g", "m"}
        values: Values = self._drawn["v"] if is_fresh else self._values
        glide: Glide | None = self._drawn["g"] if is_fresh else pipeline.glider.state.glide
        G = self._model(self._drawn["m"], values) if is_fresh else pipeline.scene.G
        G = G if pipeline.goes_on_with(G) else pipeline.scene.G  # the walks are at the next model already
        pose = pipeline.scene.track.pose(t)
        seen = moved(glided(glide, values, pose.place), pose, G.directions)
        return Shown(pipeline.home.picture_input(G, pose, seen, self._leave), seen, G)

    def _hear_until_it_walks(self, G: Generator) -> None:
        """Hear on to where the show went over to a model that drew: its walks may be others."""
        end = self._t_drawn + FRESH_S
        while not self.pipeline.goes_on_with(G) and samples_to_s(self._end) < end and self._hear():
            pass

    def _leave(self, home: Home, ws: torch.Tensor | None) -> torch.Tensor | None:
        """Return where the way began in the show; where it drew none of it, what was seen last."""
        way = None
        while event := self._ways.take(home.t_audio):
            way = event if event.at == home.t_audio else way
        return ws if way is None else torch.from_numpy(way.said["ws"])[None].to(self.pipeline.scene.G.device)

    def _hear(self) -> bool:
        """Hear a block, and return whether there was one."""
        y = next(self._sound, None)
        if y is None:
            return False
        self._end += len(y)
        t_capture = self._follow_block()
        self.pipeline.hear(Block(y, self._end, t_capture), self._values)
        return True

    def _follow_block(self) -> float:
        """Do what the log says of the next block; return when it was captured."""
        t_capture = None
        while event := self._blocks.take(self._end):
            said = event.said
            self._values = said.get("v", self._values)
            self._use(said)
            if "g" in said:
                self.pipeline.glider.go(GlideState(*said["g"]))
            for push in said.get("p", ()):
                self.pipeline.push(*push)
            self._zero, t_capture = said.get("z", self._zero), said.get("t")
        return self._zero + samples_to_s(self._end) if t_capture is None else t_capture

    def _conduct(self, features: Features, values: Values) -> Values:
        """Do what the log says of a step."""
        while event := self._steps.take(features.step):
            said, pipeline = event.said, self.pipeline
            values = said.get("v", values)
            if "g" in said:
                pipeline.glider.go(GlideState(*said["g"]))
            for name, x in said.get("c", {}).items():
                pipeline.controls.set(name, x)
            if "k" in said:
                pipeline.keyframes = {name: keyframe_files.load(self._folder, name) for name in said["k"]}
            if "h" in said:
                pipeline.home.ask(*read_styles(said["h"], self._goings))
        return values

    def _use(self, said: Mapping[str, Any]) -> None:
        """Draw with the model of a line, and with its gains, if the line has them."""
        pipeline = self.pipeline
        values, place = said.get("u", (self._values, pipeline.glider.place))
        G = self._model(said["m"], values) if "m" in said else pipeline.scene.G
        if "n" in said:
            G.gains = said["n"]
        if G is not pipeline.scene.G:
            pipeline.use(G, values, place)

    def _model(self, name: ModelName, values: Mapping[str, Value]) -> Generator:
        """Return a model; the newest are kept."""
        G = self._models.pop(name, None) or self._open_model(name, values)
        if G.sha256 != name.sha256:
            raise ParameterError(f"{name.name[:80]} has other weights than in the session; expected {name.sha256[:12]}")
        self._models[name] = G
        while len(self._models) > MAX_MODELS:
            del self._models[next(iter(self._models))]
        return G


def _bpm(values: Mapping[str, Value]) -> float:
    return float(values["/beat/bpm"])  # type: ignore[arg-type]
