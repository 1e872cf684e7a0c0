"""Scenes in a clip: it follows a list of them by the conductor of a show, on audio time.

A scene with a second lands on the line nearest to it. Where no scene has one, they come in their order, and then again,
when an autopilot would change: with a phrase, or on a drop. With ``--auto-enabled`` the autopilot chooses.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from bandwalk.control import Store, presets
from bandwalk.control.preset_file import Look
from bandwalk.control.scenes import Scene, load_some
from bandwalk.errors import ParameterError
from bandwalk.generator import Generator
from bandwalk.params import defaults, rows_of
from bandwalk.params.row import Value
from bandwalk.params.settings import ClipSettings
from bandwalk.params.values import Values, switch, whole
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.pipeline.glide import glided
from bandwalk.pipeline.keyframe_files import read_keyframes
from bandwalk.pipeline.moves import moved
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.scenes import Autopilot, Change, Conductor, Told
from bandwalk.pipeline.start_values import table_values
from bandwalk.pipeline.style_files import check_shape, folder_in, other_weights, read_style
from bandwalk.pipeline.style_home import NAME, Going
from bandwalk.records import Features, Pose
from bandwalk.walk import Keyframes, SavedStyle

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClipScenes:
    """The scenes of a clip, read.

    looks:     what each scene sets, in the order of the scenes.
    styles:    that they name, by name.
    keyframes: of the files that their walks name, by name.
    """

    scenes: tuple[Scene, ...]
    looks: tuple[Look, ...]
    styles: Mapping[str, SavedStyle] = field(default_factory=dict)
    keyframes: Mapping[str, Keyframes] = field(default_factory=dict)

    @cached_property
    def sha256(self) -> str:
        """A hash of all of it but the keyframes, hex."""
        found = hashlib.sha256(repr(self.scenes).encode())
        for look in self.looks:
            found.update(repr((look.is_complete, sorted(look.values.items()))).encode())
        for name, style in sorted(self.styles.items()):
            found.update(name.encode() + style.ws.tobytes())
        return found.hexdigest()


def read_scenes(clip: ClipSettings, folder: Path) -> ClipScenes | None:
    """Return the scenes that ``--scenes`` names; None: it names none.

    Args:
        folder: of presets.

    Raises:
        ParameterError:  settings or scenes that do not go together, or a file that cannot be read.
        CheckpointError: the file of a saved style cannot be used.
    """
    if not clip.scenes:
        return None
    others = {
        "--method published": clip.method == "published",
        "--loop-bars": clip.loop_bars,
        "--only": clip.only != "all",
        "--ablation": clip.ablation,
    }
    for flag, is_given in others.items():
        if is_given:
            raise ParameterError(f"--scenes: it does not go together with {flag}")
    path = Path(clip.scenes).expanduser()
    scenes = load_some(path)
    _check(path, scenes)
    looks = tuple(presets.recall(folder, scene.preset) for scene in scenes)
    for scene, look in zip(scenes, looks, strict=True):
        for remark in look.remarks():
            logger.warning("preset %s: %s", scene.preset, remark)
    named = {str(name) for look in looks if (name := look.values.get(NAME))}
    styles = {name: read_style(folder_in(folder), name).style for name in sorted(named)}
    keyframes: dict[str, Keyframes] = {}
    for look in looks:
        keyframes |= read_keyframes(folder, {**defaults(), **look.values})
    return ClipScenes(scenes, looks, styles, keyframes)


def _check(path: Path, scenes: tuple[Scene, ...]) -> None:
    """Check that a clip can follow a list.

    Raises:
        ParameterError: it cannot.
    """
    timed = [(place, scene.at) for place, scene in enumerate(scenes, 1) if scene.at is not None]
    for place, scene in enumerate(scenes, 1):
        if scene.model:
            raise ParameterError(f"scenes {path}: scene {place}: model = {scene.model[:80]}: expected --model, for all")
    if timed and timed[0] == (1, 0.0):
        del timed[0]
    if timed and [place for place, _ in timed] != list(range(2, len(scenes) + 1)):
        raise ParameterError(f"scenes {path}: expected at in each scene after the first, or in none; the first begins")
    for (_, before), (place, at) in pairwise([(1, 0.0), *timed]):
        if not before < at:
            raise ParameterError(f"scenes {path}: scene {place}: at = {at:g}: expected more than {before:g}")


def check_styles(G: Generator, scenes: ClipScenes) -> list[str]:
    """Check that a model can draw all saved styles of the scenes.

    Returns:
        What there is to say of styles that were made with other weights.

    Raises:
        ParameterError: one has another shape.
    """
    for style in scenes.styles.values():
        check_shape(style, G)
    return [note for style in scenes.styles.values() if (note := other_weights(style, G))]


class Staging:
    """What the scenes of a clip do to its pipeline: the conductor's stage.

    Args:
        values:   that the clip begins with.
        pipeline: of the clip, before its first sound.
    """

    def __init__(self, clip: ClipScenes, values: Values, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self._G = pipeline.scene.G
        self._began, self._store = values, Store(table_values(values))
        self._store.bring(rows_of(self._G.directions))
        self._store.set_many(values)
        self._styles = clip.styles
        self._changes = [self._change(*each) for each in enumerate(zip(clip.scenes, clip.looks, strict=True), 1)]
        later = zip(clip.scenes[1:], self._changes[1:], strict=True)
        self._timed = [(scene.at, change) for scene, change in later if scene.at is not None]
        self._is_by_chance = switch(values, "/auto/enabled")
        if not self._timed:
            self._store.set("/auto/enabled", True, clamp=False)
        pilot = Autopilot(whole(values, "/style/seed"), self._read_ahead)
        self._conductor = Conductor(pipeline.glider, self, pilot, clip.scenes[0].preset)
        self._t_s, self._in = 0.0, ("", 0)
        self._conductor.moved(1)
        self._newest: tuple[Values, dict[str, Value]] = values, {}
        pipeline.home.ask(self._styles)
        pipeline.conduct = self._conduct

    @property
    def values(self) -> Values:
        """What the scenes have set so far."""
        return self._store.values

    def set(self, change: Change) -> Values:
        """Set the values of a change that begins, and return all values."""
        self._store.set_many(change.ends, is_recall=True)
        return self._store.values

    def tell(self, told: Told) -> None:
        """Log each landing."""
        if (told.current, told.place) != self._in:
            self._in = told.current, told.place
            logger.info("%.2f s: scene %s", self._t_s, told.current)

    def picture_input(self, pose: Pose) -> PictureInput:
        """Return what the picture of the newest pose is drawn from."""
        values = glided(self.pipeline.glider.state.glide, self._store.values, pose.place)
        drawn = self.pipeline.home.picture_input(self._G, pose, moved(values, pose, self._G.directions))
        return replace(drawn, changes=self._changed(values))

    def _changed(self, values: Values) -> dict[str, Value]:
        """Return the values of the look that differ from those at the clip's start, by address."""
        if values is not self._newest[0]:
            rows = self._store.rows()
            changed = {a: value for a, value in values.items() if rows[a].in_look and value != self._began[a]}
            self._newest = values, changed
        return self._newest[1]

    def _change(self, place: int, read: tuple[Scene, Look]) -> Change:
        scene, look = read
        ends = look.over(self._store.rows())
        return Change(scene.preset, ends, place, begin=lambda seconds: self._go(str(ends.get(NAME, "")), seconds))

    def _go(self, name: str, seconds: float) -> None:
        """Let the walks go to the style of a scene that begins."""
        if name != self._store.values[NAME]:
            self.pipeline.home.ask(self._styles, Going(name, seconds))

    def _conduct(self, features: Features, values: Values) -> Values:
        self._t_s = features.t_audio
        if self._timed:
            at, change = self._timed[0]
            if self._conductor.is_time(at - self._t_s, values, features.beat.bpm):
                del self._timed[0]
                self._conductor.ask(change)
        return self._conductor.step(features, values)

    def _read_ahead(self) -> None:
        """Hand the autopilot its next change."""
        pilot, told = self._conductor.autopilot, self._conductor.told
        if self._is_by_chance:
            pilot.offer(pilot.choose([each for each in self._changes if each.name != told.current]))
        elif len(self._changes) > 1:
            pilot.offer(self._changes[self._conductor.place % len(self._changes)])
