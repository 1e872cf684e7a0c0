"""The values of all live parameters at one moment, and how they are read with their types."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, ClassVar, Protocol, TypeVar, cast

from bandwalk.params.row import Value

Values = Mapping[str, Value]
"""Every live parameter's value by its address. Each was parsed by its row, so it has the row's type."""


class _Record(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=_Record)


def number(values: Values, address: str) -> float:
    """Return the value of a row of type f."""
    return cast(float, values[address])


def whole(values: Values, address: str) -> int:
    """Return the value of a row of type i."""
    return cast(int, values[address])


def text(values: Values, address: str) -> str:
    """Return the value of a row of type s."""
    return cast(str, values[address])


def switch(values: Values, address: str) -> bool:
    """Return the value of a row of type b."""
    return cast(bool, values[address])


def fields_of(prefix: str, values: Values, record: type[R]) -> R:
    """Return a record whose fields are the values under an address prefix: plain values for a stage."""
    return record(*_reader(prefix, record)(values))


@lru_cache(maxsize=64)
def _reader(prefix: str, record: type[R]) -> Callable[[Values], tuple[Value, ...]]:
    return itemgetter(*(f"{prefix}/{name}" for name in record.__dataclass_fields__))
