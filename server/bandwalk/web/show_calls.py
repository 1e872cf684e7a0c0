"""What the web server needs from the show, as plain callables: so no stage imports a different one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bandwalk.params.controller import ConnectedController
from bandwalk.params.row import Command, Row, Value
from bandwalk.web.metrics import Readings


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
    take: Callable[[bytes, ConnectedController], None]
    encode: Callable[[str, Value], bytes]
    bundle: Callable[[Iterable[bytes]], bytes]
    readings: Callable[[], Readings]
    osc_port: int
