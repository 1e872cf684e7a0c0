"""How a recalled look glides in: numbers move evenly, everything else switches on the landing.

The values in the store are the final ones at once, so that all controllers show the same fader positions; what is seen
is made here from them. It depends on audio time only: each analysis step counts the glide on, and each pose carries
how far it is, as it carries the walks.
"""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from bandwalk.control.store import Store, is_same
from bandwalk.params.row import Value
from bandwalk.params.values import Values

T = TypeVar("T")

AT_ONCE = ("/walk/", "/style/seed", "/style/name")
"""What else than numbers changes when a glide begins: the walks go over to their new places by themselves."""


@dataclass(frozen=True, slots=True)
class Glide:
    """One glide; places rise by 1 from landing to landing.

    begins, lands: places; lands is a whole number.
    starts, ends:  what was seen before and what is seen after, of the addresses that differ.
    """

    begins: float
    lands: float
    starts: Mapping[str, Value]
    ends: Mapping[str, Value]

    def at(self, values: Values, place: float) -> Values:
        """Return the values as they are seen at a place; what was set to something else since does not glide."""
        if place >= self.lands:
            return values
        share = max(0.0, (place - self.begins) / (self.lands - self.begins))
        shown = {
            address: _between(start, self.ends[address], share)
            for address, start in self.starts.items()
            if address in values and is_same(values[address], self.ends[address])
        }
        return MappingProxyType({**values, **shown})


def _between(start: Value, end: Value, share: float) -> Value:
    if isinstance(start, float) and isinstance(end, float):
        return start + (end - start) * share
    return start


def _switches(address: str, start: Value) -> bool:
    """Return whether a value is another one from the first moment of a glide on."""
    return address.startswith(AT_ONCE) and not isinstance(start, float)


class Length(NamedTuple):
    """Of a glide: beats, or seconds."""

    number: float
    is_in_beats: bool = False


class GlideState(NamedTuple):
    """Where a glide is: what glides, the place, and what is left until the landing (seconds or beats)."""

    glide: Glide | None = None
    place: float = 0.0
    left: float = 0.0
    is_in_beats: bool = False


class Rest(NamedTuple):
    """What is left of a glide. starts: what is seen now, of the addresses that glide; left: until the landing."""

    starts: Mapping[str, Value]
    left: Length


class Glider:
    """The glide of one pipeline: any thread begins one, the thread that hears counts it on.

    Attributes:
        place:    rises by 1 with each glide that lands; between whole numbers a glide is on its way.
        lock:     whoever holds it is alone: no glide begins meanwhile.
        revision: rises whenever something else than the count of steps changes the glide.
    """

    def __init__(self) -> None:
        self.place = 0.0
        self.lock = threading.RLock()
        self.revision = 0
        self._glide: Glide | None = None
        self._left = 0.0
        self._is_in_beats = False

    @property
    def state(self) -> GlideState:
        """Where the glide is, to be set again by :meth:`go`."""
        return GlideState(self._glide, self.place, self._left, self._is_in_beats)

    def go(self, state: GlideState) -> None:
        """Be where a glide was."""
        with self.lock:
            self._glide, self.place, self._left, self._is_in_beats = state

    @property
    def lands(self) -> float:
        """Return the place at which the newest glide has landed."""
        return self._glide.lands if self._glide is not None else 0.0

    def begin(self, values: Values, ends: Values, change: Callable[[], T], length: Length) -> T:
        """Begin a glide from what is seen now; one that is on its way ends where it is.

        Args:
            values: in the store.
            ends:   what changes, with the values after it.
            change: sets them in the store; called here.
            length: until the landing.

        Returns:
            What change returned.
        """
        with self.lock:
            self.revision += 1
            place = self.place
            seen = self.at(values, place)
            starts = {a: seen[a] for a, end in ends.items() if a in seen and _is_on_its_way(a, seen[a], end)}
            self._glide = Glide(place, math.floor(place) + 1.0, starts, dict(ends))
            self._left, self._is_in_beats = length
            self.place = math.nextafter(place, math.inf) if self._left > 0 else self._glide.lands  # the walks see it
            return change()

    def step(self, dt_s: float, beats: float) -> float:
        """Count the glide on by an analysis step, seconds and beats long; return the place."""
        with self.lock:
            if self._left > 0:
                by, left = beats if self._is_in_beats else dt_s, self._left
                end = math.floor(self.place) + 1.0
                self._left = max(0.0, left - by)
                self.place = self.place + (end - self.place) * by / left if self._left else end
            return self.place

    @property
    def left_beats(self) -> float:
        """Beats until the landing; 0: no glide counts beats now."""
        return self._left if self._is_in_beats else 0.0

    def rest(self, values: Values) -> Rest | None:
        """Return what is left of the glide that is on its way; None: there is none. Any thread may ask.

        Args:
            values: in the store.
        """
        with self.lock:
            if self._glide is None or self._left <= 0:
                return None
            seen = self._glide.at(values, self.place)
            starts = {a: seen[a] for a in self._glide.starts if a in values and not is_same(seen[a], values[a])}
            return Rest(starts, Length(self._left, self._is_in_beats))

    def resume(self, values: Values, rest: Rest) -> None:
        """Go on with what was left of a glide, as in a show before this one; its ends are in the store.

        Numbers move evenly, so they go on as they would have gone.
        """
        ends = {address: values[address] for address in rest.starts if address in values}
        self.begin({**values, **rest.starts}, ends, lambda: None, rest.left)

    def retarget(self, beats: float) -> None:
        """Land in so many beats, if a glide that counts beats is on its way."""
        with self.lock:
            if self._left > 0 and self._is_in_beats and beats > 0:
                self._left = beats
                self.revision += 1

    def at(self, values: Values, place: float | None = None) -> Values:
        """Return the values as they are seen at a place, by default that of the newest step."""
        return glided(self._glide, values, self.place if place is None else place)


def glided(glide: Glide | None, values: Values, place: float) -> Values:
    """Return the values as they are seen at a place of a glide; None: nothing glides."""
    return values if glide is None else glide.at(values, place)


def recall(store: Store, glider: Glider, values: Values, *, since: int, seconds: float) -> tuple[str, ...]:
    """Set what a preset holds; the picture gets there in so many seconds.

    Args:
        since: what was set after this mark of the store keeps its value.

    Returns:
        The addresses that the present model lacks.

    Raises:
        ParameterError: a value that is refused.
    """
    change = partial(store.set_many, values, since=since, is_recall=True)
    return glider.begin(store.values, values, change, Length(seconds))


def _is_on_its_way(address: str, start: Value, end: Value) -> bool:
    return not (is_same(start, end) or _switches(address, start))
