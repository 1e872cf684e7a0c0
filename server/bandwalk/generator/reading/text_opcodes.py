"""The opcodes of pickle protocol 0, which writes values as lines of text.

Protocol 1 uses a few of them too. Long texts are escaped, so they are decoded at once, and their bytes are counted.
"""

from __future__ import annotations

import codecs
import pickle
from collections.abc import Callable

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import show
from bandwalk.generator.reading.pickle_machine import PickleMachine

Step = Callable[[PickleMachine], None]

_BOOLEANS = {"00": False, "01": True}
_QUOTES = (b"'", b'"')


def _push_integer(m: PickleMachine) -> None:
    """Push an integer, or a boolean, which is written as 00 or 01."""
    line = m.view.read_line().strip()
    m.push(_BOOLEANS[line] if line in _BOOLEANS else int(line.removesuffix("L")))


def _push_unicode(m: PickleMachine) -> None:
    """Push a text of Python 3, or a unicode text of Python 2."""
    m.push(codecs.raw_unicode_escape_decode(_long_line(m))[0])  # finding a codec by name could import a module


def _push_string(m: PickleMachine) -> None:
    """Push a text of Python 2, one letter for each byte, from its repr in quotes."""
    line = _long_line(m).strip()
    if len(line) < 2 or line[:1] not in _QUOTES or line[-1:] != line[:1]:
        raise CheckpointError(f"a text {show(line[:40])}, expected one in quotes")
    m.push(codecs.escape_decode(line[1:-1])[0].decode("latin1"))


def _long_line(m: PickleMachine) -> bytes:
    line = m.view.read_long_line()
    m.budget.spend_bytes(len(line))
    return line


def _push_list(m: PickleMachine) -> None:
    m.push(m.pop_mark())


def _push_dict(m: PickleMachine) -> None:
    """Push a dict of the alternating keys and values since the mark."""
    items = m.pop_mark()
    m.push({})
    m.set_items(items)


TEXT_STEPS: dict[bytes, Step] = {
    pickle.INT: _push_integer,
    pickle.LONG: _push_integer,
    pickle.FLOAT: lambda m: m.push(float(m.view.read_line())),
    pickle.UNICODE: _push_unicode,
    pickle.STRING: _push_string,
    pickle.PUT: lambda m: m.put(int(m.view.read_line())),
    pickle.GET: lambda m: m.get(int(m.view.read_line())),
    pickle.LIST: _push_list,
    pickle.DICT: _push_dict,
}
