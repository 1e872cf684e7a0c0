"""From what the hand set to where routes and drives move it.

A move adds to a value, replaces it, or goes on from it. The hand's values stay in the store; what is moved is made
here, at a frame's time for what the picture follows, in each analysis step for what the walks follow.

    add      hand + share of the range * (amount y + offset)
    replace  lowest + share of the range * (amount y + offset)
    trigger  a number goes on by amount * range with each rise and begins again past its end, a switch changes,
             a choice becomes the next one
"""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bandwalk.params import find_row, parse_target
from bandwalk.params.movers import parse_mover
from bandwalk.params.routes import N_ROUTES, ROUTE_SLOTS
from bandwalk.params.row import INT32, MAX_STEPS, Command, Row, Value
from bandwalk.params.strips import BEND_SLOTS
from bandwalk.params.values import Values, number
from bandwalk.records import BANDS, Pose
from bandwalk.walk import IN_PLACE, REST, RouteValues

_FIELDS = ("from", "to", "amount", "offset", "curve", "attack_s", "release_s", "mode", "enabled")
_ADDRESSES = [tuple(f"/route/{slot}/{name}" for name in _FIELDS) for slot in ROUTE_SLOTS]
_NAMED_BY_WALKS = tuple(f"/walk/{band}/direction" for band in BANDS)
_EAR = ("/audio/", "/band/")
_WALKS = ("/walk/", "/mix/", "/style/", "/master/")


@dataclass(frozen=True, slots=True)
class Move:
    """How one number moves a row.

    at:    place of the number among the levels, then the routes, then the walks' ways of a pose.
    mode:  one of ROUTE_MODES.
    reach: how far the row moves where the number is 1.   shift: how far where it is 0. Both in the row's units.
    """

    row: Row
    at: int
    mode: str
    reach: float
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Route:
    """One route in use: what it follows, and what it moves: a row, or a command that it sends."""

    slot: int
    values: RouteValues
    move: Move | None
    command: str = ""


def routes_of(values: Values) -> tuple[Route, ...]:
    """Return the routes in use, in their order."""
    found = []
    for slot, (mover, to, *rest, enabled) in enumerate(_ADDRESSES):
        if values[mover] and values[to] and values[enabled]:
            found.append(_route(slot, values[mover], values[to], *(values[address] for address in rest)))
    return tuple(found)


@lru_cache(maxsize=256)
def _route(slot: int, name: str, to: str, amount: float, offset: float, *how: Value) -> Route:
    """Return a route. how: curve, attack_s, release_s, mode."""
    curve, attack_s, release_s, mode = how
    mover, target = parse_mover(name), parse_target(to)
    assert mover is not None
    assert target is not None
    is_row = isinstance(target, Row)
    values = RouteValues(mover, curve, attack_s, release_s, mode == "trigger" and is_row, to)  # type: ignore[arg-type]
    if isinstance(target, Command):
        return Route(slot, values, None, target.address)
    lowest, span = _span(target)
    shift = offset * span + (lowest if mode == "replace" else 0.0)
    reach = amount * span if mode != "trigger" or not _is_endless(target) else math.copysign(1.0, amount)
    return Route(slot, values, Move(target, len(BANDS) + slot, str(mode), reach, shift))


def _span(row: Row) -> tuple[float, float]:
    """Return (lowest, length) of a row's range as a number: a choice is its place in the list."""
    if row.type == "b" or row.choices:
        return 0.0, float(len(row.choices) - 1 if row.choices else 1)
    return row.lo, float(MAX_STEPS) if _is_endless(row) else row.hi - row.lo


def _is_endless(row: Row) -> bool:
    return row.type == "i" and row.hi == INT32


def drives_of(values: Values, names: Iterable[str]) -> Iterator[Move]:
    """Yield how bands move bends and directions: prefix/alpha + prefix/amount * level of prefix/drive.

    Args:
        names: of the model's directions; one that the values do not have rests: while a model is exchanged they may be
               those of the other one.
    """
    prefixes = [*(f"/bend/{slot}" for slot in BEND_SLOTS), *(f"/direction/{name}" for name in names)]
    for prefix in prefixes:
        band = values.get(f"{prefix}/drive", "none")
        if band != "none":
            row = _row(f"{prefix}/alpha")
            yield Move(row, BANDS.index(str(band)), "add", number(values, f"{prefix}/amount"))


_row = lru_cache(maxsize=1024)(find_row)


def moved(values: Values, pose: Pose, names: Collection[str] = ()) -> Values:
    """Return the values as a picture follows them: moved by the routes, then by bands and walks that drive.

    Args:
        names: of the model's directions, where what drives them counts.
    """
    numbers = (*pose.level, *(pose.routes or REST), *(pose.along or IN_PLACE))
    values = apply(values, (route.move for route in routes_of(values) if route.move), numbers)
    return apply(values, (*drives_of(values, names), *_walks_of(values, names)), numbers)


def _walks_of(values: Values, names: Collection[str]) -> Iterator[Move]:
    """Yield how walks move along the model's directions that they name."""
    for band, name in enumerate(values[address] for address in _NAMED_BY_WALKS):
        if name and name in names:
            yield Move(_row(f"/direction/{name}/alpha"), len(BANDS) + N_ROUTES + band, "add", 1.0)


def moved_by_routes(values: Values, routes: Sequence[Route], said: Sequence[float]) -> Values:
    """Return the values as routes move them, by what each of the N_ROUTES says."""
    return apply(values, (route.move for route in routes if route.move), (*_NO_LEVEL, *said))


def route_values(values: Values, said: Sequence[float]) -> dict[str, float]:
    """Return where each route in use has moved its target, by the address that says so.

    A number in the target's units, a switch as 0 or 1, a choice as its place in the list; of a command what the route
    says.
    """
    routes = routes_of(values)
    after = moved_by_routes(values, routes, said)
    shown = {}
    for route in routes:
        address, move = f"/route/{route.slot + 1}/value", route.move
        if move is None:
            shown[address] = said[route.slot]
        elif move.row.address in after:
            shown[address] = _place(move.row, after[move.row.address])
    return shown


_NO_LEVEL = (0.0,) * len(BANDS)


@dataclass(frozen=True, slots=True)
class InUse:
    """The routes in use, sorted once for many steps.

    every:     all of them.
    wanted:    what each of the N_ROUTES follows, None where a slot is unused.
    ear:       those that move what the analysis follows.
    walks:     those that move what the walks follow.
    intensity: those that move the intensity, by which routes are heard.
    """

    every: tuple[Route, ...]
    wanted: tuple[RouteValues | None, ...]
    ear: tuple[Route, ...]
    walks: tuple[Route, ...]
    intensity: tuple[Route, ...]

    @classmethod
    def of(cls, values: Values) -> "InUse":
        """Return those of the values."""
        every = routes_of(values)
        return cls(every, followed(every), _to(every, _EAR), _to(every, _WALKS), _to(every, ("/master/intensity",)))


def _to(routes: Sequence[Route], addresses: tuple[str, ...]) -> tuple[Route, ...]:
    return tuple(route for route in routes if route.move and route.move.row.address.startswith(addresses))


def followed(routes: Sequence[Route]) -> tuple[RouteValues | None, ...]:
    """Return what each of the N_ROUTES follows, None where a slot is unused."""
    by_slot = {route.slot: route.values for route in routes}
    return tuple(by_slot.get(slot) for slot in range(N_ROUTES))


def apply(values: Values, moves: Iterable[Move], numbers: Sequence[float]) -> Values:
    """Return the values, moved one after the other; each stays in its row's range. The same object where none is.

    Args:
        numbers: that the moves follow, by their places.
    """
    places: dict[str, tuple[Row, float]] = {}
    for move in moves:
        row = move.row
        if row.address in values:
            before = places[row.address][1] if row.address in places else _place(row, values[row.address])
            places[row.address] = row, _go(move, before, numbers[move.at])
    if not places:
        return values
    return {**values, **{address: _value(row, x) for address, (row, x) in places.items()}}


def _go(move: Move, before: float, x: float) -> float:
    """Return where a move takes a row's place."""
    if move.mode == "trigger":
        return _go_on(move, before, x)
    return (before if move.mode == "add" else 0.0) + move.reach * x + move.shift


def _go_on(move: Move, before: float, count: float) -> float:
    """Return the place after so many rises; past its end it begins again. Between two counts only a float glides."""
    row = move.row
    if count <= 0.0:
        return before
    if row.type == "f":
        span = row.hi - row.lo
        return row.lo + (before + count * move.reach - row.lo) % span
    lowest, span = _span(row)
    stride = move.reach if row.type == "i" else 1.0
    step = math.copysign(max(1.0, math.floor(abs(stride) + 0.5)), move.reach)
    most = row.hi if row.type == "i" else span
    return lowest + (before + math.floor(count) * step - lowest) % (most - lowest + 1)


def _place(row: Row, value: Value) -> float:
    """Return a row's value as a number: a choice as its place in the list."""
    return float(row.choices.index(str(value)) if row.choices else value)  # type: ignore[arg-type]


def _value(row: Row, place: float) -> Value:
    """Return the value at a place, held to the row's range."""
    if row.type == "f":
        return float(min(max(place, row.lo), row.hi))
    whole = math.floor(place + 0.5)
    if row.choices:
        return row.choices[min(max(whole, 0), len(row.choices) - 1)]
    return whole >= 1 if row.type == "b" else int(min(max(whole, row.lo), row.hi))
