"""Inert objects in place of other programs' classes: a file may hold them, and none of their code ever runs.

Checkpoints hold more than weights: arguments, paths, devices, optimizers, discriminators. Drawing needs none of these,
so each unknown class becomes a `Foreign`, and its arguments are dropped. In place of a part of the generator, a foreign
object is an error that names its class.

Python's standard library is different. A checkpoint needs from it only the plain values listed here, but every known
pickle attack uses it. So any other name in it is refused, anywhere in the file.
"""

from __future__ import annotations

import sys

_PLAIN = frozenset(
    (
        *("argparse.Namespace", "types.SimpleNamespace", "types.MappingProxyType", "uuid.UUID", "functools.partial"),
        *("re._compile", "random.Random", "itertools.count", "operator.attrgetter", "operator.itemgetter"),
        *("logging.Logger", "logging.getLogger", "enum.Enum", "enum.IntEnum", "time.struct_time"),
        *(f"datetime.{name}" for name in ("date", "datetime", "time", "timedelta", "timezone")),
        *(f"collections.{name}" for name in ("ChainMap", "Counter", "UserDict", "UserList", "deque")),
        *(
            f"{module}.{name}"
            for module in ("builtins", "__builtin__")
            for name in ("complex", "range", "slice", "xrange")
        ),
        *(
            f"{module}.{kind}{name}"
            for module in ("pathlib", "pathlib._local")
            for kind in ("", "Pure")
            for name in ("Path", "PosixPath", "WindowsPath")
        ),
        "decimal.Decimal",
        "fractions.Fraction",
    )
)

# Modules of Python 2 that Python 3 does not have.
_OLD = {"__builtin__", "copy_reg", "commands", "exceptions", "popen2", "cPickle", "StringIO", "UserDict", "urllib2"}
_LIBRARY = sys.stdlib_module_names | _OLD


class Foreign:
    """An object of an unknown class.

    name:   Dotted name of the class.
    fields: Its state by name, if that is a dict: a network may be pickled like this.
    """

    def __init__(self, name: str, *_: object) -> None:
        self.name = name
        self.fields: dict[object, object] = {}

    def build(self, state: object) -> None:
        """Accept any state."""
        if type(state) is dict:
            self.fields = state


def may_be_foreign(name: str) -> bool:
    """Tell whether a dotted name may become an inert object."""
    return name in _PLAIN or name.split(".", 1)[0] not in _LIBRARY
