"""Objects of other programs' classes, inert: they may lie beside a generator, and nothing of them ever runs.

Checkpoints hold more than weights: arguments, paths, devices, optimizers, discriminators. None of it is drawn with,
so a class that bandwalk does not know becomes a `Foreign`, whose arguments are dropped. What a generator needs must
be understood: a foreign object in its place is refused by its name.

Python's own library is different. A checkpoint has no reason to name it, but for the plain kinds of values listed
here, and every known attack by pickle does. So any other name of it is refused, beside the weights too.
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

# Python 2's modules, by names that Python 3's library does not have.
_OLD = {"__builtin__", "copy_reg", "commands", "exceptions", "popen2", "cPickle", "StringIO", "UserDict", "urllib2"}
_LIBRARY = sys.stdlib_module_names | _OLD


class Foreign:
    """An object of a class that is not known.

    name:   Of the class, dotted.
    fields: Its state where that is a dict, by name: a network may be pickled so.
    """

    def __init__(self, name: str, *_: object) -> None:
        self.name = name
        self.fields: dict[object, object] = {}

    def build(self, state: object) -> None:
        """Take any state."""
        if type(state) is dict:
            self.fields = state


def may_be_foreign(name: str) -> bool:
    """Tell whether a name, dotted, may stand for an inert object."""
    return name in _PLAIN or name.split(".", 1)[0] not in _LIBRARY
