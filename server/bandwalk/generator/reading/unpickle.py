"""Read a pickle as plain data.

Python's own unpickler imports the names in a file and calls them. This one knows the opcodes that model files use
(protocols 0 to 5), looks up names in our own table of builders, and refuses all others with a message. It never
imports a name. A budget limits time and memory: an opcode creates at most one small object, and long strings stay in
the file.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import BoundedFile, show
from bandwalk.generator.reading.pickle_machine import Budget, Builder, Names, PickleMachine
from bandwalk.generator.reading.text_opcodes import TEXT_STEPS


def unpickle(view: BoundedFile, names: Names, *, budget: Budget, persistent: Builder | None = None) -> object:
    """Read one pickle and return its value.

    Args:
        view:     Where the pickle begins.
        names:      Builders of the names that it may use.
        budget:     Limits.
        persistent: Builder of the values of persistent identifiers, in files that have them.

    Raises:
        CheckpointError: it is broken, or uses something that is not allowed.
    """
    machine = PickleMachine(view, names, budget=budget, persistent=persistent)
    start = view.pos
    try:
        while (op := view.read(1)) != pickle.STOP:
            start = view.pos - 1
            budget.spend()
            step = _STEPS.get(op) or TEXT_STEPS.get(op)
            if step is None:
                raise CheckpointError(f"byte {start}: opcode {show(op)} is not one that model files use")
            step(machine)
        return machine.stack.pop()
    except (LookupError, ValueError) as e:
        raise CheckpointError(f"byte {start}: broken pickle") from e


Step = Callable[[PickleMachine], None]


def _unpack(m: PickleMachine, form: str) -> int:
    """Read one integer."""
    number: int = struct.unpack(form, m.view.read(struct.calcsize(form)))[0]
    return number


def _blob(form: str, encoding: str | None) -> Step:
    """Return the step that pushes a text or bytes whose length comes first, in this form."""
    return lambda m: m.push(m.view.read_blob(_unpack(m, form), encoding))


def _number(form: str) -> Step:
    return lambda m: m.push(_unpack(m, form))


def _constant(make: Callable[[], object]) -> Step:
    return lambda m: m.push(make())


def _pop(m: PickleMachine) -> list[object]:
    return [m.stack.pop()]


def _pop_pair(m: PickleMachine) -> list[object]:
    value, key = m.stack.pop(), m.stack.pop()
    return [key, value]


# Sets are read as lists, since nothing is looked up in them.
_STEPS: dict[bytes, Step] = {
    pickle.PROTO: PickleMachine.check_protocol,
    pickle.FRAME: PickleMachine.check_frame,
    pickle.MARK: PickleMachine.mark,
    pickle.POP: lambda m: _pop(m).clear(),
    pickle.POP_MARK: lambda m: m.pop_mark().clear(),
    pickle.BINPUT: lambda m: m.put(_unpack(m, "<B")),
    pickle.LONG_BINPUT: lambda m: m.put(_unpack(m, "<I")),
    pickle.MEMOIZE: PickleMachine.memoize,
    pickle.BINGET: lambda m: m.get(_unpack(m, "<B")),
    pickle.LONG_BINGET: lambda m: m.get(_unpack(m, "<I")),
    pickle.NONE: _constant(lambda: None),
    pickle.NEWTRUE: _constant(lambda: True),
    pickle.NEWFALSE: _constant(lambda: False),
    pickle.BININT: _number("<i"),
    pickle.BININT1: _number("<B"),
    pickle.BININT2: _number("<H"),
    pickle.BINFLOAT: lambda m: m.push(struct.unpack(">d", m.view.read(8))[0]),
    pickle.LONG1: lambda m: m.push_long(_unpack(m, "<B")),
    pickle.LONG4: lambda m: m.push_long(_unpack(m, "<i")),
    pickle.SHORT_BINUNICODE: _blob("<B", "utf-8"),
    pickle.BINUNICODE: _blob("<I", "utf-8"),
    pickle.BINUNICODE8: _blob("<Q", "utf-8"),
    pickle.SHORT_BINSTRING: _blob("<B", "latin1"),  # Python 2's str
    pickle.BINSTRING: _blob("<i", "latin1"),
    pickle.SHORT_BINBYTES: _blob("<B", None),
    pickle.BINBYTES: _blob("<I", None),
    pickle.BINBYTES8: _blob("<Q", None),
    pickle.BYTEARRAY8: _blob("<Q", None),
    pickle.EMPTY_TUPLE: _constant(tuple),
    pickle.EMPTY_LIST: _constant(list),
    pickle.EMPTY_DICT: _constant(dict),
    pickle.EMPTY_SET: _constant(list),
    pickle.FROZENSET: lambda m: m.push(m.pop_mark()),
    pickle.TUPLE: lambda m: m.push(tuple(m.pop_mark())),
    pickle.TUPLE1: lambda m: m.push_tuple(1),
    pickle.TUPLE2: lambda m: m.push_tuple(2),
    pickle.TUPLE3: lambda m: m.push_tuple(3),
    pickle.APPEND: lambda m: m.append(_pop(m)),
    pickle.APPENDS: lambda m: m.append(m.pop_mark()),
    pickle.ADDITEMS: lambda m: m.append(m.pop_mark()),
    pickle.SETITEM: lambda m: m.set_items(_pop_pair(m)),
    pickle.SETITEMS: lambda m: m.set_items(m.pop_mark()),
    pickle.GLOBAL: lambda m: m.push_global(m.view.read_line(), m.view.read_line()),
    pickle.STACK_GLOBAL: lambda m: m.push_global(*_pop_pair(m)),
    pickle.REDUCE: PickleMachine.call,
    pickle.NEWOBJ: PickleMachine.call,
    pickle.BUILD: PickleMachine.build,
    pickle.BINPERSID: PickleMachine.push_persistent,
}
