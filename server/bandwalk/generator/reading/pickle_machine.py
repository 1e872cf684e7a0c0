"""A pickle machine that builds plain data; it calls only the few builders that it is given."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import BoundedFile, ByteRange, show
from bandwalk.generator.reading.foreign import Foreign

# The largest known files need about 40,000. This many take a third of a second, or a second on a busy machine.
MAX_STEPS = 100_000

_MAX_KEY = 2**60  # hashes of larger integers can be made to collide

Builder = Callable[..., object]
Names = Mapping[str, Builder | None]  # None: the name may be an argument, but not be called


class Budget:
    """Limits for reading a file, shared by all pickles in it.

    size:  Size of the file, bytes.
    steps: Number of opcodes and items.
    """

    def __init__(self, size: int, steps: int = MAX_STEPS) -> None:
        self._bytes = 2 * size  # texts of protocol 0 are decoded once from the line, once to bytes
        self._steps = steps

    def spend(self, steps: int = 1) -> None:
        """Count steps: opcodes, or items that are copied."""
        self._steps -= steps
        if self._steps < 0:
            raise CheckpointError("more steps than a model file takes")

    def spend_bytes(self, size: int) -> None:
        """Count decoded bytes; at most twice the file's size are allowed."""
        self._bytes -= size
        if self._bytes < 0:
            raise CheckpointError("the same bytes used over and over")


@dataclass(frozen=True, slots=True)
class Name:
    """An allowed name, as dotted text."""

    text: str


@runtime_checkable
class Buildable(Protocol):
    """A value that is created first and gets its state later."""

    def build(self, state: object) -> None:
        """Take the state, or raise CheckpointError."""


class PickleMachine:
    """A stack and a memory, and the operations of the opcodes."""

    def __init__(
        self,
        view: BoundedFile,
        names: Names,
        *,
        budget: Budget,
        persistent: Builder | None = None,
    ) -> None:
        self.view = view
        self._names = names
        self.budget = budget
        self._persistent = persistent
        self.stack: list[object] = []
        self._below: list[list[object]] = []
        self._memo: dict[int, object] = {}

    def check_protocol(self) -> None:
        """Check that the protocol is known."""
        protocol = self.view.read(1)[0]
        if not 0 <= protocol <= 5:
            raise CheckpointError(f"pickle protocol {protocol}, expected 0 to 5")

    def check_frame(self) -> None:
        """Check that a frame is complete; frames have no other meaning here."""
        (size,) = struct.unpack("<Q", self.view.read(8))
        if size > self.view.end - self.view.pos:
            raise CheckpointError(f"cut short: a frame of {size} bytes, {self.view.end - self.view.pos} are there")

    def mark(self) -> None:
        """Begin a new stack on top of the current one."""
        self._below.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[object]:
        """End the newest stack and return its items."""
        items = self.stack
        self.stack = self._below.pop()
        return items

    def push(self, value: object) -> None:
        """Push a value on the current stack."""
        self.stack.append(value)

    def put(self, key: int) -> None:
        """Store the top of the stack in the memory."""
        self._memo[key] = self.stack[-1]

    def memoize(self) -> None:
        """Store the top of the stack under the next number."""
        self.put(len(self._memo))

    def get(self, key: int) -> None:
        """Push a value from the memory."""
        self.push(self._memo[key])

    def push_tuple(self, size: int) -> None:
        """Join the topmost ``size`` items."""
        first = len(self.stack) - size
        if first < 0:
            raise IndexError("stack")
        self.stack[first:] = [tuple(self.stack[first:])]

    def append(self, items: list[object]) -> None:
        """Add items to the list below them. Those of a foreign object are dropped."""
        target = self.stack[-1]
        if isinstance(target, Foreign):
            return
        if type(target) is not list:
            raise CheckpointError(f"adds to {show(target)}, expected a list")
        target.extend(items)

    def set_items(self, items: list[object]) -> None:
        """Set alternating keys and values in the dict below them. Those of a foreign object are dropped."""
        target = self.stack[-1]
        if isinstance(target, Foreign):
            return
        if type(target) is not dict or len(items) % 2:
            raise CheckpointError(f"sets items of {show(target)}, expected a dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[check_key(key)] = value

    def push_global(self, module: object, name: object) -> None:
        """Push an allowed name."""
        text = f"{module}.{name}" if isinstance(module, str) and isinstance(name, str) else None
        if text is None or text not in self._names:
            raise CheckpointError(f"names {show(text)}, which is not on the list of what a model file may use")
        self.push(Name(text))

    def call(self) -> None:
        """Create a value from a name and its arguments, by our own builder."""
        args, name = self.stack.pop(), self.stack.pop()
        if type(name) is not Name or type(args) is not tuple:
            raise CheckpointError(f"calls {show(name)}, which is not a name")
        builder = self._names[name.text]
        if builder is None:
            raise CheckpointError(f"calls {name.text}, which may only be named")
        try:
            self.push(builder(*args))
        except TypeError as e:
            raise CheckpointError(f"calls {name.text} with other arguments than model files do") from e

    def build(self) -> None:
        """Give the value below its state. Attributes of a dict (an EasyDict's) are not read."""
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, Buildable):
            target.build(state)
        elif type(target) is not dict or type(state) is not dict:
            raise CheckpointError(f"sets the state of {show(target)}, which has none")

    def push_persistent(self) -> None:
        """Push the value of a persistent identifier, in files that have them."""
        if self._persistent is None:
            raise CheckpointError("a persistent identifier, which such a file does not have")
        self.push(self._persistent(self.stack.pop()))

    def push_long(self, size: int) -> None:
        """Push an integer of up to 255 bytes."""
        if not 0 <= size <= 255:
            raise CheckpointError(f"an integer of {size} bytes, expected up to 255")
        self.push(int.from_bytes(self.view.read(size), "little", signed=True))


def check_key(key: object) -> str | int:
    """Return a dict's key, which is a short text or an integer.

    Keys of other types could be nested, or their hashes could be made to collide.
    """
    if type(key) is str or (type(key) is int and abs(key) < _MAX_KEY):
        return key
    what = "a text of over 256 bytes" if isinstance(key, ByteRange) else show(key)
    raise CheckpointError(f"{what} as a key, expected a short text or an integer")
