"""What the web server needs of the show, as plain callables: row 2 hands them in, so that no stage knows another."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bandwalk.params.row import Command, Row, Value
from bandwalk.web.metrics import Readings


class Caller(Protocol):
    """A controller on a WebSocket, as the control stage sees it."""

    @property
    def name(self) -> str:
        """Who it is, for the log."""

    @property
    def ip(self) -> str:
        """The address of its other end."""

    @property
    def takes_features(self) -> bool:
        """Whether /subscribe sends features on it."""

    def answer(self, packet: bytes) -> None:
        """Send an OSC packet to it; from any thread."""

    def declare(self, port: int) -> None:
        """Know the UDP port that the same controller sends from."""

    def is_one_with(self, origin: object) -> bool:
        """Tell whether a source is this controller."""


@dataclass(frozen=True, slots=True)
class Links:
    """The show, seen from the web.

    rows:     the live parameters there are now.
    signals:  what the show tells and nobody sets (features, frames).
    commands: the commands.
    values:   present value of each live parameter, by address.
    take:     takes a raw OSC packet and who sent it, as if it had come by UDP; answers go to its ``answer``.
    encode:   makes an OSC message of an address and a value.
    bundle:   makes an OSC bundle of messages.
    readings: how the server does.
    osc_port: UDP port of OSC control.
    """

    rows: Callable[[], Iterable[Row]]
    signals: Sequence[Row]
    commands: Sequence[Command]
    values: Callable[[], Mapping[str, Value]]
    take: Callable[[bytes, Caller], None]
    encode: Callable[[str, Value], bytes]
    bundle: Callable[[Iterable[bytes]], bytes]
    readings: Callable[[], Readings]
    osc_port: int
