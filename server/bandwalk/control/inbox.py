"""The inbox: OSC messages that have arrived and are not applied yet. It is bounded and never loses a last value.

One thread puts packets in as fast as the network delivers them, another one takes out what has gathered. Of each
parameter only the last valid value waits. Requests (commands and questions) wait in order, and no value overtakes one:
a preset is saved with the values sent before it. So the inbox holds a list of runs; each has some values and the
request that ended it. When too many requests wait, the oldest are dropped and their runs joined.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bandwalk import osc
from bandwalk.clock import RealClock
from bandwalk.control import patterns
from bandwalk.control.store import parse_typed
from bandwalk.errors import ParameterError, WireError
from bandwalk.params import COMMANDS_BY_ADDRESS, LIVE, missing
from bandwalk.params.controller import Controller
from bandwalk.params.row import Row, Value
from bandwalk.records import Counters

MAX_REQUESTS = 1024
"""Most requests that wait: enough to ask for the whole table many times."""

MAX_REFUSALS = 256
"""Most refusals that wait; only a few per second are reported."""

MAX_REFUSALS_OF_ONE = 8
"""Most refusals of one controller, so that it does not displace those of others."""

MAX_PATTERNS = 8
"""Most patterns in a packet; each may match the whole table."""

ERROR = "/error"
"""Address of a report. An incoming report is not answered, or two servers could report to each other without end."""

Rows = Mapping[str, Row]
"""The live parameters by address."""

_COMMANDS = tuple(COMMANDS_BY_ADDRESS)


class Change(NamedTuple):
    """A parameter's new value, inside its range, and the value asked for."""

    address: str
    value: Value
    asked: object
    controller: Controller

    @property
    def is_clamped(self) -> bool:
        """Return whether a number was clamped to its range, or rounded."""
        return not isinstance(self.value, str) and self.value != self.asked

    @property
    def verb(self) -> str:
        """How a number was changed: "rounded" or "clamped"."""
        is_near = isinstance(self.value, int) and isinstance(self.asked, float) and round(self.asked) == self.value
        return "rounded" if is_near else "clamped"


class Request(NamedTuple):
    """A command, or a question for a parameter's value (no arguments); arrived: monotonic seconds."""

    address: str
    args: tuple[osc.Argument, ...]
    controller: Controller
    arrived: float = 0.0


class Refusal(NamedTuple):
    """A message that was refused, and why; the address is empty if it could not be read."""

    address: str
    reason: str
    controller: Controller


@dataclass(slots=True)
class Batch:
    """The last value of each parameter since the previous request, and the request that ended the run."""

    changes: dict[str, Change] = field(default_factory=dict)
    request: Request | None = None


class Inbox:
    """The bounded queue between the reading and the applying thread; counts ``osc_dropped``, ``osc_malformed``.

    Args:
        rows: returns the present live parameters: :meth:`Store.rows`; default: those of the table.
    """

    def __init__(self, counters: Counters, rows: Callable[[], Rows] = lambda: LIVE) -> None:
        self._counters = counters
        self._rows = rows
        self._clock = RealClock()
        self._runs: deque[Batch] = deque([Batch()])
        self._refusals: list[Refusal] = []
        self._refused: Counter[Controller] = Counter()
        self._filled = threading.Condition()
        self._closed = False

    def put(self, packet: bytes, controller: Controller) -> None:
        """Add a packet; its messages are taken out together."""
        items = list(self._sort(packet, controller))
        with self._filled:
            for item in items:
                self._add(item)
            self._filled.notify()

    def take(self) -> list[Batch | Refusal] | None:
        """Wait for messages and return all of them; None once closed."""
        with self._filled:
            self._filled.wait_for(lambda: self._closed or self._has_any())
            if self._closed:
                return None
            gathered: list[Batch | Refusal] = [*self._refusals, *self._runs]
            self._runs = deque([Batch()])
            self._refusals.clear()
            self._refused.clear()
            return gathered

    def close(self) -> None:
        """Let :meth:`take` return None."""
        with self._filled:
            self._closed = True
            self._filled.notify_all()

    def _has_any(self) -> bool:
        return len(self._runs) > 1 or bool(self._runs[0].changes) or bool(self._refusals)

    def _sort(self, packet: bytes, controller: Controller) -> Iterator[Change | Request | Refusal]:
        try:
            messages = _read(packet)
        except WireError as e:
            self._counters.add("osc_malformed")
            yield Refusal("", str(e), controller)
            return
        rows, arrived = self._rows(), self._clock.now()
        for message in messages:
            if message.address != ERROR:
                yield from _sort_message(message, controller, rows, arrived)

    def _add(self, item: Change | Request | Refusal) -> None:
        if isinstance(item, Change):
            self._runs[-1].changes[item.address] = item
        elif isinstance(item, Request):
            self._add_request(item)
        else:
            self._refused[item.controller] += 1
            if len(self._refusals) == MAX_REFUSALS or self._refused[item.controller] > MAX_REFUSALS_OF_ONE:
                self._counters.add("errors_muted")
            else:
                self._refusals.append(item)

    def _add_request(self, request: Request) -> None:
        self._runs[-1].request = request
        self._runs.append(Batch())
        if len(self._runs) > MAX_REQUESTS + 1:
            oldest = self._runs.popleft()
            self._runs[0].changes = oldest.changes | self._runs[0].changes
            self._counters.add("osc_dropped")


def _read(packet: bytes) -> list[osc.Message]:
    """Return a packet's messages; the work they can cause is bounded.

    Raises:
        WireError: as :func:`osc.decode`, or too many patterns.
    """
    messages = osc.decode(packet)
    count = sum(patterns.is_pattern(message.address) for message in messages)
    if count > MAX_PATTERNS:
        raise WireError(f"reading a bundle: {count} patterns; expected at most {MAX_PATTERNS}")
    return messages


def _sort_message(
    message: osc.Message, controller: Controller, rows: Rows, arrived: float
) -> Iterator[Change | Request | Refusal]:
    try:
        addresses = _addresses(message, rows)
    except ParameterError as e:
        yield Refusal(message.address, str(e), controller)
        return
    for address in addresses:
        if address in COMMANDS_BY_ADDRESS or not message.args:
            yield Request(address, message.args, controller, arrived)
        else:
            yield _to_change(rows[address], message.args, controller)


def _to_change(row: Row, args: tuple[osc.Argument, ...], controller: Controller) -> Change | Refusal:
    try:  # arguments past the first are ignored: some programs add their own
        return Change(row.address, parse_typed(row, args[0], clamp=True), args[0], controller)
    except ParameterError as e:
        return Refusal(row.address, str(e), controller)


def _addresses(message: osc.Message, rows: Rows) -> tuple[str, ...]:
    """Return the addresses that a message is for.

    A pattern without arguments that matches a parameter is a question: /walk/*/* does not run any /walk/low/reset.

    Raises:
        ParameterError: it matches none.
    """
    address = message.address
    if not patterns.is_pattern(address):
        if address not in COMMANDS_BY_ADDRESS and address not in rows:
            raise missing(address)
        return (address,)
    parameters = patterns.expand(address, tuple(rows))
    commands = patterns.expand(address, _COMMANDS) if message.args or not parameters else ()
    if not parameters and not commands:
        raise ParameterError(f"{address[:80]}: matches nothing; expected an address or a pattern")
    return parameters + commands
