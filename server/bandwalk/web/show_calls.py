"""What the web server needs from the show, as plain callables: so no stage imports a different one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bandwalk.params.controller import ConnectedController
from bandwalk.params.row import Command, Row, Value
from bandwalk.web.incoming import BeginUpload, Incoming, UploadRefusedError
from bandwalk.web.metrics import Readings

Reply = Callable[[bytes | None], object]
"""What is called with what was found, or with None; from any thread, once."""

Thumbnail = Callable[[str, str, Reply], object]
"""Gets kind and name of a picture, a JPEG file."""

LookReader = Callable[[str, Reply], object]
"""Gets the name of a look, whose values by address are a JSON object; empty: where everything rests."""

WaveReader = Callable[[str, Reply], object]
"""Gets the name of the song that plays, whose wave is a JSON object."""

HealthCall = Callable[[], tuple[bool, Mapping[str, Any]]]
"""Returns whether the show is well, and what /health says about it."""


def well() -> tuple[bool, Mapping[str, Any]]:
    """Return that a show is well of which nothing else is known."""
    return True, {"status": "ok", "reason": ""}


def no_thumbnail(kind: str, name: str, reply: Reply) -> None:
    """Reply that there is no picture."""
    reply(None)


def no_look(name: str, reply: Reply) -> None:
    """Reply that there is no such look."""
    reply(None)


def no_wave(name: str, reply: Reply) -> None:
    """Reply that there is no such song."""
    reply(None)


def no_upload(name: str, length: int) -> Incoming:
    """Refuse a song: there is no folder for it.

    Raises:
        UploadRefusedError: always.
    """
    raise UploadRefusedError(404, f"{name[:80]}: there is no music folder here")


@dataclass(frozen=True, slots=True)
class ShowCalls:
    """The show, seen from the web.

    rows:     returns the present live parameters.
    signals:  values that the show sends and nobody can set (features, frames).
    commands: the commands.
    values:   returns the present value of each live parameter, by address.
    take:     takes a raw OSC packet and the controller that sent it; it has the same effect as over UDP.
    encode:   makes an OSC message from an address and a value.
    bundle:   makes an OSC bundle from messages.
    readings: returns the readings for /metrics.
    osc_port: UDP port of OSC control.
    thumbnail: finds or draws a small picture.
    look:     reads a look.
    wave:     finds how loud a song is, part by part.
    upload:   makes place for a song in the music folder; may wait for the disk.
    health:   returns whether the show is well, and what /health says.
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
    thumbnail: Thumbnail = no_thumbnail
    look: LookReader = no_look
    wave: WaveReader = no_wave
    upload: BeginUpload = no_upload
    health: HealthCall = well
