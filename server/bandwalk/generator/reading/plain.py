"""Plain values: what the pickles' small classes become, and what of it may be an attribute."""

from __future__ import annotations

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import BoundedFile, ByteRange, read_at, show
from bandwalk.generator.reading.pickle_machine import Budget, Name, Names, check_key


class Fields:
    """An object of which only the state is kept: fields by name."""

    def __init__(self, *_: object) -> None:
        self.fields: dict[object, object] = {}

    def build(self, state: object) -> None:
        """Take the fields."""
        if type(state) is not dict:
            raise CheckpointError(f"an object's state of {show(state)}, expected a dict")
        self.fields = state


class TensorFlowNetwork(Fields):
    """A network of the TensorFlow programs."""


class Module(Fields):
    """A network, or a part of one, of the PyTorch programs, made from what their persistence writes.

    name: Of the class.
    """

    def __init__(self, meta: object) -> None:
        if type(meta) is not dict or meta.get("type") != "class":
            raise CheckpointError("a persistent object of another kind than a class")
        super().__init__()
        name = meta.get("class_name")
        self.name = name if isinstance(name, str) else ""
        self.build(meta.get("state"))


def to_dict(budget: Budget, pairs: object = ()) -> dict[object, object]:
    """Return the dict that an OrderedDict or an EasyDict was: empty, or made from pairs as Python 2 writes them."""
    if not isinstance(pairs, list | tuple):
        raise CheckpointError(f"a dict made from {show(pairs)}, expected pairs")
    budget.spend(len(pairs))
    made: dict[object, object] = {}
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise CheckpointError(f"a dict made from {show(pair)}, expected a key and a value")
        made[check_key(pair[0])] = pair[1]
    return made


def to_list(budget: Budget, items: object = ()) -> list[object]:
    """Return the list that stands for a set."""
    if not isinstance(items, list | tuple):
        raise CheckpointError(f"a set made from {show(items)}, expected a list")
    budget.spend(len(items))
    return list(items)


def encode(view: BoundedFile, budget: Budget, text: object, encoding: object = "latin1") -> bytes:
    """Return the bytes that protocols 0 to 2 of Python 3 write as a text, one letter a byte."""
    if not isinstance(text, str | ByteRange) or encoding not in ("latin1", "latin-1"):
        raise CheckpointError(f"bytes made from {show(text)}, expected a text in latin1")
    budget.spend_bytes(text.size if isinstance(text, ByteRange) else len(text))
    if isinstance(text, ByteRange):
        text = read_at(view.file, text.start, text.size).decode()
    return text.encode("latin1")


def reconstruct(names: Names, kind: object, base: object, state: object) -> object:
    """Return an object as protocols 0 and 1 begin it: its class, the built-in one below it, and that one's value."""
    builder = names[kind.text] if isinstance(kind, Name) else None
    if builder is None or not isinstance(base, Name):
        raise CheckpointError(f"an object of {show(kind)} on {show(base)}, expected the names of two classes")
    return builder(list(state.items())) if type(state) is dict else builder()
