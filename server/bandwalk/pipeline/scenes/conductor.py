"""The conductor: begins changes of scene so that they land on a line of the music.

The glide begins as long before the line as it takes, and lands on it: a picture that is new on the one is what a
change on the bar means. What is asked for too late for the next line waits for the one after it.
"""

from dataclasses import replace
from typing import Any, Protocol

from bandwalk.params.values import Values, number, text, whole
from bandwalk.pipeline.glide import Glider, Length
from bandwalk.pipeline.scenes.autopilot import Autopilot
from bandwalk.pipeline.scenes.change import Change, Due, Told
from bandwalk.pipeline.scenes.phrase import Phrase
from bandwalk.records import Features


class Stage(Protocol):
    """What a conductor needs of the show; nothing of it may wait."""

    def set(self, change: Change) -> Values:
        """Set the values of a change that begins, and return all values."""

    def tell(self, told: Told) -> None:
        """Tell all what is on and what waits: called when it is new."""


class Conductor:
    """Looks at each analysis step, in the thread that hears; other threads ask for changes.

    Attributes:
        told:  what is on and what waits.
        place: in the list of scenes, of the newest change that was asked for or made: next goes on from there.
    """

    def __init__(self, glider: Glider, stage: Stage, autopilot: Autopilot, current: str = "") -> None:
        self.told = Told(current)
        self.place = 0
        self.autopilot = autopilot
        self._glider = glider
        self._stage = stage
        self._phrase = Phrase()
        self._waiting: Change | None = None
        self._gliding: Due | None = None
        self._lands = 0.0  # place of the glider where it has landed

    def ask(self, change: Change | None) -> None:
        """Make this change at the next line; None: none. From any thread; the newest one counts."""
        self._waiting = change
        if change is not None and change.place:
            self.place = change.place

    def is_time(self, seconds: float, values: Values, bpm: float) -> bool:
        """Return whether a change has to be asked for now to land on the line nearest to so many seconds ahead."""
        grid, left = self._phrase.grid(text(values, "/scene/quantize")), seconds * bpm / 60.0
        line = self._phrase.aligned(left, grid) if grid else left
        return line <= max(grid / 2, _length(values, bpm))

    def recalled(self, name: str) -> None:
        """Note that a preset was recalled without waiting, from any thread."""
        self._gliding = None
        self._tell(current=name, place=0)

    def saved(self, name: str) -> None:
        """Note that what is on was saved as a preset, from any thread; a glide that is on its way still lands."""
        if self._gliding is None:
            self._tell(current=name, place=0)

    def comes_back(self, name: str, coming: str) -> None:
        """Note which scene is on at the start, and which one glides in; empty: none."""
        self._tell(current=name, place=0)
        left = self._glider.left_beats
        if coming:
            self._gliding, self._lands = Due(Change(coming, {}), left, 0.0), self._glider.lands

    def moved(self, place: int) -> None:
        """Note that the scene that is on has another place in the list; 0: it is not in it."""
        self.place = place
        self._tell(place=place)

    def step(self, features: Features, values: Values) -> Values:
        """Follow a step; return the values that hold after it: those of a change that begins, or the same."""
        per_bar = whole(values, "/beat/beats_per_bar")
        self._phrase.step(features.beat, per_bar, drop=features.music.drop)
        self._follow_glide()
        due = self._due(features, values)
        if due is not None:
            values = self._begin(due, values, due.left * 60.0 / features.beat.bpm)
            self._follow_glide()
        change = self._waiting or (self._gliding.change if self._gliding else None)
        self._tell(pending=change.name if change is not None else "")
        return values

    def _due(self, features: Features, values: Values) -> Due | None:
        """Return the change that begins in this step."""
        change, length = self._waiting, _length(values, features.beat.bpm)
        if change is None:
            if self._gliding is not None:
                return None
            return self.autopilot.step(features, values, self._phrase, length)
        grid = self._phrase.grid(text(values, "/scene/quantize"))
        left = self._phrase.way(grid, length) if change.is_ready() else None
        return None if left is None else Due(change, left, grid)

    def _begin(self, due: Due, values: Values, seconds: float) -> Values:
        change = due.change
        change.begin(seconds)
        if self._waiting is change:
            self._waiting = None
        set_all = lambda: self._stage.set(change)  # noqa: E731
        values = self._glider.begin(values, change.ends, set_all, Length(due.left, is_in_beats=True))
        self._gliding, self._lands = due, self._glider.lands
        self.place = change.place or self.place
        self.autopilot.changed(due.left, self._phrase)
        if due.reason:
            self._tell(auto=f"bar {self._phrase.bar_in(due.left)}: {change.name} ({due.reason})")
        return values

    def _follow_glide(self) -> None:
        """Let the landing go with the bar, and say so when it has landed."""
        due = self._gliding
        if due is None:
            return
        if self._glider.place >= self._lands:
            self._gliding = None
            self._tell(current=due.change.name, place=due.change.place)
        elif due.grid:
            unit = min(due.grid, self._phrase.grid("bar"))
            self._glider.retarget(self._phrase.aligned(self._glider.left_beats, unit))

    def _tell(self, **news: Any) -> None:
        told = replace(self.told, **news)
        if told != self.told:
            self.told = told
            self._stage.tell(told)


def _length(values: Values, bpm: float) -> float:
    """Return the length of a glide, beats."""
    asked = number(values, "/scene/glide")
    return asked if text(values, "/scene/glide_unit") == "beats" else asked * bpm / 60.0
