r"""OSC 1.0 packets: bytes to messages and back, strictly, by the standard library alone.

    message  address\0 padded to 4 | ,tags\0 padded to 4 | arguments, big endian, each padded to 4
    bundle   "#bundle\0" | 8-byte time tag | { 4-byte size | message or bundle } ...

Everything that comes in is untrusted: lengths, padding and nesting are checked, time tags are ignored (a bundle
dated next year is applied now), and an argument of a type that bandwalk has no use for keeps its place as
:class:`Unusable`, so that the arguments after it are right and the message is refused with a reason.

Source: The Open Sound Control 1.0 Specification.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from bandwalk.errors import WireError

MAX_DEPTH = 8
"""Bundles in bundles that are read; deeper ones are refused."""

MAX_MESSAGES = 256
"""Messages of a packet; four times the table. A bundle of thousands would hold up all others."""

_BUNDLE = b"#bundle\0"
_IMMEDIATELY = (1).to_bytes(8, "big")
_HEADER = len(_BUNDLE) + len(_IMMEDIATELY)
_INT, _FLOAT = struct.Struct(">i"), struct.Struct(">f")
_NUMBERS = {"i": _INT, "f": _FLOAT, "h": struct.Struct(">q"), "d": struct.Struct(">d")}
_TEXTS = {"s", "S"}  # S is a symbol, of systems that tell it from a text
_CONSTANTS = {"T": True, "F": False}

IMPULSES = frozenset("IN")
"""Arguments without a value, which push a button: OSCQuery's clients send them to commands."""

_UNUSABLE = {  # tag: (its name, bytes it takes)
    "N": ("nil", 0),
    "I": ("an impulse", 0),
    "[": ("an array", 0),
    "]": ("an array", 0),
    "c": ("a character", 4),
    "r": ("a colour", 4),
    "m": ("a MIDI message", 4),
    "t": ("a time tag", 8),
    "b": ("a blob", -1),
}


@dataclass(frozen=True, slots=True)
class Unusable:
    """An argument of a type that no address takes; its text says which, for the refusal."""

    tag: str

    def __str__(self) -> str:
        name, _ = _UNUSABLE.get(self.tag, ("an unknown type", 0))
        return f"{name} ({self.tag})"


Argument = int | float | str | bool | Unusable


class Message(NamedTuple):
    """One OSC message: its address, which may be a pattern, and its arguments."""

    address: str
    args: tuple[Argument, ...]


def decode(packet: bytes) -> list[Message]:
    """Return the messages of a packet in order, bundles flattened and their time tags ignored.

    Raises:
        WireError: not an OSC packet, or one that contradicts itself anywhere; none of it is used then.
    """
    if len(packet) % 4 or not packet:
        raise WireError(f"reading a packet: {len(packet)} bytes, expected a multiple of 4")
    messages: list[Message] = []
    _read_element(packet, 0, end=len(packet), depth=0, into=messages)
    return messages


def _read_element(data: bytes, at: int, *, end: int, depth: int, into: list[Message]) -> None:
    if data[at] != _BUNDLE[0]:
        if len(into) == MAX_MESSAGES:
            raise WireError(f"reading a bundle: more messages than expected (at most {MAX_MESSAGES})")
        into.append(_read_message(data, at, end))
        return
    if data[at : at + len(_BUNDLE)] != _BUNDLE or end - at < _HEADER:
        raise WireError(f"reading a bundle: began with {data[at : at + 8]!r}, expected #bundle and a time tag")
    if depth == MAX_DEPTH:
        raise WireError(f"reading a bundle: nested deeper than expected (at most {MAX_DEPTH})")
    at += _HEADER
    while at < end:
        (size,) = _INT.unpack_from(data, at)
        at += 4
        if size <= 0 or size % 4 or size > end - at:
            raise WireError(f"reading a bundle: element of {size} bytes, expected a multiple of 4 up to {end - at}")
        _read_element(data, at, end=at + size, depth=depth + 1, into=into)
        at += size


def _read_message(data: bytes, at: int, end: int) -> Message:
    address, at = _read_text(data, at, end)
    if not address.startswith("/") or not address.isascii() or not address.isprintable():
        raise WireError(f"reading a message: address {address[:40]!r}, expected printable ASCII that begins with /")
    if at == end:  # as old senders do that have no arguments
        return Message(address, ())
    tags, at = _read_text(data, at, end)
    if not tags.startswith(","):
        raise WireError(f"reading {address[:80]}: type tags {tags[:40]!r}, expected a comma first")
    args: list[Argument] = []
    for tag in tags[1:]:
        value, at = _read_argument(data, at, end=end, tag=tag)
        args.append(value)
        if at < 0:
            return Message(address, tuple(args))
    if at != end:
        raise WireError(f"reading {address[:80]}: {end - at} bytes more than the type tags {tags[:40]!r} tell")
    return Message(address, tuple(args))


def _read_argument(data: bytes, at: int, *, end: int, tag: str) -> tuple[Argument, int]:
    """Return an argument and where the next one begins; -1: nobody knows, the tag is not a standard one."""
    if tag in _TEXTS:
        return _read_text(data, at, end)
    if tag in _NUMBERS:
        after = _step(at, _NUMBERS[tag].size, end)
        (number,) = _NUMBERS[tag].unpack_from(data, at)
        return (_shortest(number) if tag == "f" else number), after
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], at
    return Unusable(tag), _skip(data, at, end=end, tag=tag)


def _skip(data: bytes, at: int, *, end: int, tag: str) -> int:
    if tag not in _UNUSABLE:
        return -1
    if tag != "b":
        return _step(at, _UNUSABLE[tag][1], end)
    body = _step(at, 4, end)
    (size,) = _INT.unpack_from(data, at)
    if size < 0:
        raise WireError(f"reading a message: blob of {size} bytes, expected 0 or more")
    return _step(body, (size + 3) & ~3, end)


def _step(at: int, size: int, end: int) -> int:
    if at + size > end:
        raise WireError(f"reading a message: an argument of {size} bytes where {end - at} are left")
    return at + size


def _read_text(data: bytes, at: int, end: int) -> tuple[str, int]:
    stop = data.find(b"\0", at, end)
    after = (stop + 4) & ~3  # elements begin at multiples of 4 of the packet, so padding ends at one
    if stop < 0 or after > end or any(data[stop:after]):
        raise WireError("reading a message: a text without an end, expected NUL and zeros up to a multiple of 4")
    try:
        return data[at:stop].decode(), after
    except UnicodeDecodeError as e:
        raise WireError(f"reading a message: {e.reason} in a text, expected UTF-8") from e


def _shortest(number: float) -> float:
    """Return the shortest decimal that is the same float32.

    A fader's 0.7 is 0.699999988079071 once widened; this way it stays 0.7 in presets and on screen.
    """
    if number.is_integer():
        return number
    for digits in (6, 7, 8):
        short = float(f"{number:.{digits}g}")
        if abs(short) < 3e38 and _FLOAT.unpack(_FLOAT.pack(short))[0] == number:
            return short
    return number  # nine digits, NaN, infinity


def encode(address: str, *args: object) -> bytes:
    """Return one message; int and bool are sent as i, float as f, str as s, and nothing else is sent.

    Raises:
        WireError: another type, an int beyond int32, a float beyond float32, or a NUL in a text.
    """
    tags, body = ",", b""
    for arg in args:
        tag, data = _write_argument(address, arg)
        tags += tag
        body += data
    return _head(address, tags) + body


@lru_cache(1024)
def _head(address: str, tags: str) -> bytes:
    """Return how a message begins: the same few hundred are sent fifty times a second."""
    return _write_text(address) + _write_text(tags)


def encode_switch(address: str, is_on: bool) -> bytes:
    """Return one message whose argument is T or F: what OSCQuery declares a boolean to be."""
    return _write_text(address) + _write_text(",T" if is_on else ",F")


def encode_bundle(messages: Iterable[bytes]) -> bytes:
    """Return encoded messages as one bundle dated "immediately"."""
    elements = (_INT.pack(len(message)) + message for message in messages)
    return b"".join((_BUNDLE, _IMMEDIATELY, *elements))


def _write_argument(address: str, arg: object) -> tuple[str, bytes]:
    try:
        if isinstance(arg, int):
            return "i", _INT.pack(arg)
        if isinstance(arg, float):
            return "f", _FLOAT.pack(arg)
    except (struct.error, OverflowError) as e:
        raise WireError(f"writing {address}: {arg} does not fit, expected 32 bits") from e
    if isinstance(arg, str):
        return "s", _write_text(arg)
    raise WireError(f"writing {address}: a {type(arg).__name__}, expected int, float or str")


def _write_text(text: str) -> bytes:
    data = text.encode(errors="replace")  # a file's name may hold what is no UTF-8
    if b"\0" in data:
        raise WireError(f"writing {text[:40]!r}: a NUL in a text, expected none")
    return data + bytes(4 - len(data) % 4)


class NumberBundle:
    """Bundles of one-number messages whose bytes are laid out once; only the numbers change.

    Args:
        layout:    (address, "f" or "i") of each message, in order.
        max_bytes: of one bundle; what does not fit goes into further ones. 0: one bundle.
        repeated:  the address of a message that is in each bundle.
    """

    def __init__(self, layout: Sequence[tuple[str, str]], *, max_bytes: int = 0, repeated: str = "") -> None:
        self._bundles = [_Layout(layout, indices) for indices in _cut(layout, max_bytes, repeated)]

    def pack(self, numbers: Sequence[float]) -> list[bytes]:
        """Return the bundles with these numbers, in the order of the layout."""
        return [bundle.pack(numbers) for bundle in self._bundles]


class _Layout:
    """One bundle: the bytes between the numbers, and which numbers stand in it."""

    def __init__(self, layout: Sequence[tuple[str, str]], indices: Sequence[int]) -> None:
        self._indices = indices
        self._pieces: list[bytes | float] = []
        form, constant = ">", _BUNDLE + _IMMEDIATELY
        for address, tag in (layout[i] for i in indices):
            message = _write_text(address) + _write_text("," + tag)
            constant += _INT.pack(len(message) + 4) + message
            self._pieces += [constant, 0]
            form += f"{len(constant)}s{tag}"
            constant = b""
        self._struct = struct.Struct(form)

    def pack(self, numbers: Sequence[float]) -> bytes:
        pieces = self._pieces.copy()
        pieces[1::2] = [numbers[i] for i in self._indices]
        return self._struct.pack(*pieces)


def _cut(layout: Sequence[tuple[str, str]], max_bytes: int, repeated: str) -> list[list[int]]:
    """Return which messages go into which bundle; a message that is repeated is the last of each."""
    sizes = [4 + len(_write_text(address)) + 4 + 4 for address, _ in layout]
    always = [i for i, (address, _) in enumerate(layout) if address == repeated]
    first = len(_BUNDLE + _IMMEDIATELY) + sum(sizes[i] for i in always)
    bundles: list[list[int]] = [[]]
    used = first
    for i in range(len(layout)):
        if i in always:
            continue
        if max_bytes and used + sizes[i] > max_bytes:
            bundles.append([])
            used = first
        bundles[-1].append(i)
        used += sizes[i]
    return [bundle + always for bundle in bundles]
