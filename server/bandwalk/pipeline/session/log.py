"""Reads a session log line by line; a line may refer only to what was said shortly before, so that any length fits."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bandwalk.errors import ParameterError
from bandwalk.params import find_row
from bandwalk.params.row import Value
from bandwalk.pipeline.glide import Glide
from bandwalk.pipeline.session import lines
from bandwalk.pipeline.session.arrays import array_of
from bandwalk.pipeline.session.lines import Header, dict_of, list_of, number_of, text_of, whole_of

KEPT = 64
"""Values, models and glides that are remembered of each."""


class ModelName(NamedTuple):
    """A model by its name and the hash of its weights."""

    name: str
    sha256: str


class Event(NamedTuple):
    """A line. at: sample, step or audio time; said: what is new, its numbers replaced by what they stand for."""

    kind: str
    at: float
    said: dict[str, Any]


class Log:
    """A session log.

    Raises:
        ParameterError: it cannot be read, or is none; here and in :meth:`events`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                first = file.readline(lines.MAX_LINE + 1)
        except OSError as e:
            raise ParameterError(f"--replay {path}: {e.strerror}; expected a session log") from e
        self.header: Header = self._checked(lambda: lines.header_of(lines.from_line(first)), 1)
        self.values = self._checked(lambda: _values(self.header.values), 1)

    def events(self, kind: str) -> Iterator[Event]:
        """Yield the lines of one kind, in their order; the last one may be cut off."""
        known = _Known(self.values)
        with self.path.open("rb") as file:
            file.readline(lines.MAX_LINE + 1)
            for n in range(2, 1 << 62):
                line = file.readline(lines.MAX_LINE + 1)
                if not line.endswith(b"\n") and len(line) <= lines.MAX_LINE:
                    return
                event = self._checked(lambda line=line: known.event(lines.from_line(line), kind), n)
                if event is not None:
                    yield event

    def recorded(self, name: str) -> tuple[float, float]:
        """Return from which second to which a recording of this name goes; one that was never ended has no end."""
        begin, end = 0.0, float("inf")
        for event in self.events("i"):
            if event.said["what"][0] == "recording" and event.said["what"][-1] == name:
                begin = event.at
            elif event.said["what"][0] == "recorded" and event.said["what"][-1] == name:
                end = event.at
        return begin, end

    def _checked(self, read: Any, n: int) -> Any:
        try:
            return read()
        except (ParameterError, ValueError, LookupError, TypeError, OverflowError) as e:
            raise ParameterError(f"--replay {self.path}: line {n}: {str(e)[:200]}; expected a session log") from e


class _Known:
    """What has been said up to a line."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._kept: dict[str, OrderedDict[int, Any]] = {kind: OrderedDict() for kind in "vmg"}
        self._kept["v"][0] = values

    def event(self, said: Any, wanted: str) -> Event | None:
        """Return the event of a line, if it is of the wanted kind."""
        kind, *rest = list_of(said)
        if kind in ("v", "m", "g"):
            self._note(kind, rest)
            return None
        if kind != wanted:
            return None
        if kind in _ALONE:
            return _ALONE[kind](rest)
        at, news = list_of(rest, 2)
        return Event(kind, number_of(at, -1.0), self._resolved(kind, dict_of(news)))

    def _note(self, kind: str, rest: list[Any]) -> None:
        n, kept = whole_of(rest[0]), self._kept[kind]
        if kind == "v":
            last = kept[next(reversed(kept))]
            gone = {text_of(address) for address in list_of(rest[2])}
            kept[n] = {a: x for a, x in last.items() if a not in gone} | _values(dict_of(rest[1]))
        elif kind == "m":
            kept[n] = ModelName(text_of(rest[1]), text_of(rest[2]))
        else:
            begins, lands = number_of(rest[1], 0), number_of(rest[2], 0)
            if not begins < lands:
                raise ParameterError("a glide that lands before it begins")
            kept[n] = Glide(begins, lands, _values(dict_of(rest[3])), _values(dict_of(rest[4])))
        while len(kept) > KEPT:
            kept.popitem(last=False)

    def _find(self, kind: str, n: Any) -> Any:
        found = self._kept[kind].get(whole_of(n))
        if found is None:
            raise ParameterError(f"{kind} {n} was not said before")
        return found

    def _resolved(self, kind: str, news: dict[str, Any]) -> dict[str, Any]:
        """Return what is new, each part checked."""
        found: dict[str, Any] = {}
        for name, said in news.items():
            if name == "v":
                found[name] = self._find("v", said)
            elif name == "u":
                values, place = list_of(said, 2)
                found[name] = self._find("v", values), number_of(place, 0)
            elif name == "m":
                found[name] = self._find("m", said)
            elif name == "g":
                found[name] = self._glide(said) if kind == "d" else self._state(said)
            else:
                found[name] = _PARTS[name](said)
        return found

    def _glide(self, n: Any) -> Glide | None:
        return None if n == 0 else self._find("g", n)

    def _state(self, said: Any) -> tuple[Glide | None, float, float, bool]:
        n, place, left, is_in_beats = list_of(said, 4)
        return self._glide(n), number_of(place, 0), number_of(left, 0), bool(is_in_beats)


def _values(said: Mapping[str, Any]) -> dict[str, Value]:
    return {address: find_row(address).parse(x) for address, x in said.items()}


def _lost(rest: list[Any]) -> Event:
    return Event("x", 0.0, {"why": text_of(rest[0])})


def _for_people(rest: list[Any]) -> Event:
    return Event("i", number_of(rest[1]), {"what": [text_of(rest[0]), *rest[2:]]})


def _way(rest: list[Any]) -> Event:
    at, array = list_of(rest, 2)
    return Event("w", number_of(at), {"ws": array_of(array)})


def _clock(rest: list[Any]) -> Event:
    step, kind, what = list_of(rest, 3)
    if kind in ("tap", "resync"):
        return Event("c", whole_of(step), {"kind": kind, "t": number_of(what)})
    line = None
    if what is not None:
        t, beats, bpm, run = list_of(what, 4)
        line = number_of(t), number_of(beats), number_of(bpm, 1e-3, 1e6), whole_of(run)
    return Event("c", whole_of(step), {"kind": "line", "line": line})


_ALONE: dict[str, Callable[[list[Any]], Event]] = {"x": _lost, "i": _for_people, "c": _clock, "w": _way}
"""Lines that refer to no other."""


def _pushes(said: Any) -> list[tuple[str, str]]:
    pushes = [(text_of(does), text_of(band)) for does, band in list_of(said)]
    if any(does not in ("bump", "reset") or band not in ("low", "mid", "high") for does, band in pushes):
        raise ParameterError("a push of no walk")
    return pushes


def _controls(said: Any) -> dict[str, float]:
    return {text_of(name): number_of(x, 0, 1) for name, x in dict_of(said).items()}


_PARTS: dict[str, Callable[[Any], Any]] = {
    "p": _pushes,
    "t": number_of,
    "z": number_of,
    "c": _controls,
    "k": lambda said: [text_of(name) for name in list_of(said)],
    "h": list_of,
    "n": lambda said: tuple(number_of(x, 0) for x in list_of(said, 3)),
    "f": text_of,
}
