"""OSC packets as python-osc writes and reads them: oracles import nothing from bandwalk."""

from typing import Any

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder


def build(address: str, *args: Any, tags: str | None = None) -> bytes:
    """One message."""
    builder = OscMessageBuilder(address)
    for i, arg in enumerate(args):
        builder.add_arg(arg, tags[i] if tags else None)
    return builder.build().dgram


def parse(packet: bytes) -> list[tuple[str, list[Any]]]:
    """A packet's messages: (address, [arguments])."""
    if OscBundle.dgram_is_bundle(packet):
        return [pair for content in OscBundle(packet) for pair in parse(content.dgram)]
    message = OscMessage(packet)
    return [(message.address, message.params)]
