"""Changes of scene land on a line of the music; the autopilot changes by itself, on its boundaries."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from sounds import beat

from bandwalk.control import Store
from bandwalk.generator import load
from bandwalk.params import defaults
from bandwalk.pipeline.glide import Glider
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.scenes import Autopilot, Change, Conductor
from bandwalk.pipeline.stats import Tally
from bandwalk.records import Beat, Block, Music
from bandwalk.walk.track import silence

PSI, INVERT, SEED = "/style/psi", "/color/invert", "/walk/low/seed"


class Stage:
    """A store, and what was told."""

    def __init__(self, **rows):
        values = {f"/{group}/{name}": value for row, value in rows.items() for group, name in [row.split("_", 1)]}
        self.store = Store(defaults() | values)
        self.told = []

    def set(self, change):
        self.store.set_many(change.ends, is_recall=True)
        return self.store.values

    def tell(self, told):
        self.told.append(told)


class Clock:
    """Steps of a clock that is told, in no time."""

    def __init__(self, bpm, step_s, per_bar=4):
        self.n, self.beats, self.bpm, self.step_s, self.per_bar = 0, 0.0, bpm, step_s, per_bar
        self.silence = silence()

    def step(self, **music):
        self.n += 1
        self.beats += self.bpm / 60.0 * self.step_s
        nearest = round(self.beats)
        if abs(self.beats - nearest) < 1e-6:
            self.beats = float(nearest)
        now = Beat(beats=self.beats, bar_phase=self.beats % self.per_bar / self.per_bar, bpm=self.bpm)
        t = self.n * self.step_s
        return replace(self.silence, t_audio=t, t_capture=t, beat=now, music=Music(**music))


class Show:
    """A conductor with all around it, but no sound and no picture."""

    def __init__(self, names=(), bpm=120.0, step_s=0.02, **rows):
        self.stage = Stage(**rows)
        self.glider, self.music = Glider(), Clock(bpm, step_s)
        self.names = list(names)
        self.conductor = Conductor(self.glider, self.stage, Autopilot(1, self._ahead))
        self.log = []  # (beats, name) of landings

    def _ahead(self):
        pilot = self.conductor.autopilot
        name = pilot.choose([name for name in self.names if name != self.conductor.told.current])
        if name is not None:
            pilot.offer(change(name))

    def step(self, **music):
        before, beats = self.conductor.told.current, self.music.beats
        features = self.music.step(**music)
        self.glider.step(self.music.step_s, features.beat.beats - beats)
        self.conductor.step(features, self.stage.store.values)
        if self.conductor.told.current != before:
            self.log.append((features.beat.beats, self.conductor.told.current))

    def play(self, beats):
        while self.music.beats < beats:
            self.step()

    @property
    def seen(self):
        return self.glider.at(self.stage.store.values)


def change(name, psi=0.5, **more):
    return Change(name, {PSI: psi, INVERT: True}, **more)


ONE_STEP = 120 / 60 * 0.02 + 1e-6


@pytest.mark.parametrize("asked", [0.5, 1.9, 2.1, 3.99, 4.01, 5.7])
@pytest.mark.parametrize(
    ("glide", "unit"), [(4.0, "beats"), (2.0, "seconds"), (1.0, "beats"), (0.0, "beats"), (8.0, "beats")]
)
def test_a_change_lands_on_a_bar_whenever_it_is_asked_for(asked, glide, unit):
    show = Show(scene_glide=glide, scene_glide_unit=unit)
    show.play(asked)
    show.conductor.ask(change("tide"))
    show.play(asked + 16)
    ((landed, name),) = show.log
    assert name == "tide"
    assert landed % 4 < ONE_STEP
    assert landed - asked < 8 + glide


@pytest.mark.parametrize(("quantum", "line"), [("beat", 1), ("bar", 4), ("4 bars", 16), ("16 bars", 64)])
def test_it_lands_on_the_line_that_was_chosen(quantum, line):
    show = Show(scene_quantize=quantum, scene_glide=2.0)
    show.play(4.6)
    show.conductor.ask(change("tide"))
    show.play(70)
    ((landed, _),) = show.log
    assert landed % line < ONE_STEP
    assert landed < 4.6 + line + 2.0


def test_without_lines_it_begins_at_once():
    show = Show(scene_quantize="off", scene_glide=2.0)
    show.play(0.7)
    show.conductor.ask(change("tide"))
    show.play(4)
    assert show.log[0][0] == pytest.approx(2.7, abs=2 * ONE_STEP)


def test_numbers_glide_to_the_line_and_choices_switch_there():
    show = Show()
    show.conductor.ask(change("tide"))
    show.play(3.0)
    assert show.seen[PSI] == pytest.approx(0.625, abs=0.01)
    assert show.seen[INVERT] is False
    assert show.conductor.told.pending == "tide"
    show.play(4.0)
    assert (show.seen[PSI], show.seen[INVERT]) == (0.5, True)
    assert (show.conductor.told.current, show.conductor.told.pending) == ("tide", "")


def test_a_change_that_waits_may_be_replaced_or_given_up():
    show = Show(scene_quantize="4 bars", scene_glide=0.0)
    show.play(3)
    show.conductor.ask(change("tide"))
    show.play(5)
    assert show.conductor.told.pending == "tide"
    show.conductor.ask(change("neon"))
    show.play(17)
    assert show.log == [(16.0, "neon")]
    show.conductor.ask(change("tide"))
    show.conductor.ask(None)
    show.play(40)
    assert len(show.log) == 1


def test_a_change_waits_for_its_model():
    ready = []
    show = Show(scene_glide=0.0)
    show.conductor.ask(change("faces", is_ready=lambda: bool(ready)))
    show.play(9)
    assert not show.log
    ready.append(True)
    show.play(13)
    assert show.log == [(12.0, "faces")]


def test_a_bar_that_begins_elsewhere_takes_the_landing_with_it():
    show = Show()
    show.conductor.ask(change("tide"))
    show.play(1.3)
    show.music.beats = 4.0  # resync: a bar begins now, 2.7 beats early
    show.play(12)
    ((landed, _),) = show.log
    assert landed % 4 < ONE_STEP


def test_a_drop_begins_a_phrase():
    show = Show(scene_quantize="4 bars", scene_glide=0.0)
    show.play(9.3)
    show.step(drop=True)  # of the bar that began at beat 8
    show.conductor.ask(change("tide"))
    show.play(30)
    assert show.log == [(24.0, "tide")]


def test_three_beats_in_a_bar():
    show = Show(scene_glide=1.0, beat_beats_per_bar=3)
    show.music.per_bar = 3
    show.play(0.5)
    show.conductor.ask(change("tide"))
    show.play(7)
    assert show.log[0][0] == pytest.approx(3.0, abs=ONE_STEP)


NAMES = ["tide", "traffic", "drummer", "bloom"]


def test_ten_minutes_of_autopilot_change_on_their_boundaries():
    show = Show(NAMES, bpm=124.0, step_s=0.04, auto_enabled=True, auto_bars=8)
    drops = {97.3, 402.1, 800.2}  # beats; heard a little after the bar
    while show.music.n * 0.04 < 600:
        due = {drop for drop in drops if drop <= show.music.beats}
        drops -= due
        show.step(drop=bool(due))
    step = 124 / 60 * 0.04 + 1e-6
    begin = [0.0, 96.0, 404.0, 800.0]  # phrases: with the bar that is nearest to the drop
    for landed, _ in show.log:
        phrase = max(b for b in begin if b <= landed + step)
        is_drop = min(abs(landed - drop) for drop in (97.3, 402.1, 800.2)) < 2 * step
        assert is_drop or (landed - phrase) % 32 < step, landed
    names = [name for _, name in show.log]
    assert all(a != b for a, b in pairwise(names))
    assert set(names) == set(NAMES)
    assert len(names) > 30
    assert [told.auto for told in show.stage.told if "(drop)" in told.auto]


def test_the_same_seed_makes_the_same_choices():
    logs = []
    for _ in range(2):
        show = Show(NAMES, auto_enabled=True, auto_bars=2, scene_glide=0.0)
        show.play(100)
        logs.append(show.log)
    assert logs[0] == logs[1]


def test_the_autopilot_waits_while_a_hand_is_on_a_control():
    show = Show(NAMES, auto_enabled=True, auto_bars=4, scene_glide=0.0)
    show.play(31)
    assert [beats for beats, _ in show.log] == [16.0]
    show.conductor.autopilot.hand(show.music.n * 0.02)  # 20 s are 40 beats: up to beat 71
    show.play(100)
    assert [beats for beats, _ in show.log] == [16.0, 80.0, 96.0]


def test_in_a_break_the_autopilot_waits_for_the_drop_but_not_for_ever():
    show = Show(NAMES, auto_enabled=True, auto_bars=4, scene_glide=0.0)
    show.play(17)
    while show.music.beats < 40:
        show.step(breaks=True)
    show.step(drop=True)
    while show.music.beats < 75:
        show.step(breaks=True)
    drop = show.log[1][0]
    assert [round(beats) for beats, _ in show.log] == [16, 40, 72]
    assert drop == pytest.approx(40, abs=2 * ONE_STEP)


@pytest.mark.parametrize("names", [[], ["tide"]])
def test_with_nothing_else_to_show_it_stays(names):
    show = Show(names, auto_enabled=True, auto_bars=1, scene_glide=0.0)
    show.play(50)
    assert len(show.log) == len(names)


def test_a_hand_has_the_first_word():
    show = Show(NAMES, auto_enabled=True, auto_bars=2, scene_glide=4.0)
    show.play(3)
    show.conductor.ask(change("mine"))
    show.play(10)
    assert [name for _, name in show.log] == ["mine"]


@pytest.fixture(scope="module")
def G():
    return load("builtin", size=64)


def test_in_a_pipeline_a_recall_over_four_beats_lands_within_a_frame_of_the_bar(G):
    """A track of 240 bpm, frames of 1/30 s: psi and colours go evenly to the bar, and the walk arrives there."""
    values = defaults() | {"/out/size": "64x64", "/beat/from": "manual", "/beat/bpm": 240.0}
    stage = Stage()
    stage.store.set_many({address: value for address, value in values.items() if address in stage.store.values})
    pipeline = Pipeline(G, stage.store.values, step_rate=100.0, tally=Tally())
    conductor = Conductor(pipeline.glider, stage, Autopilot(1, lambda: None))
    pipeline.conduct = conductor.step
    y, seen = beat(2.3), []
    for end in range(480, len(y) + 1, 480):
        if end == 480 * 65:  # 0.65 s: in the middle of the bar
            conductor.ask(Change("tide", {PSI: 0.5, INVERT: True, SEED: 9}))
        pipeline.hear(Block(y[end - 480 : end], end, end / 48_000), stage.store.values)
        pose = pipeline.scene.track.pose(end / 48_000)
        shown = pipeline._seen(stage.store.values, pose)
        seen.append((end / 48_000, shown[PSI], shown[INVERT], pose.z[0]))
    moving = [t for t, psi, _, _ in seen if 0.5 < psi < 1.0]
    assert moving[0] == pytest.approx(1.0, abs=1 / 30)  # it begins on a bar, and lands on the next one
    assert moving[-1] == pytest.approx(2.0, abs=1 / 30)
    switched = next(t for t, _, invert, _ in seen if invert)
    assert switched == pytest.approx(2.0, abs=1 / 30)
    z = np.array([z for *_, z in seen])
    steps = np.linalg.norm(np.diff(z, axis=0), axis=1)
    assert 0.0 < steps[95:].max() <= steps[:95].max()  # it goes over: no step is larger than those of the kicks
    assert np.dot(z[98], z[-1]) / np.dot(z[98], z[98]) < 0.9
