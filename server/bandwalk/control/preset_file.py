"""One preset as a readable TOML file, grouped as addresses are: what it holds, how it is read and written.

    format = 2
    description = "Slow waves; the kick bends them."

    [walk.low]
    kind = "orbit"
    max_step = 10.0

A file with ``format = 2`` is complete: what is part of a look and is not named has the table's default. A file without
a format sets only what it names. Setup (what the rows say is not part of a look) and keys that this version does not
know are kept apart.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from bandwalk.control import safe_toml
from bandwalk.control.store import parse_typed
from bandwalk.errors import ParameterError
from bandwalk.params import find_row
from bandwalk.params.row import Row, Value
from bandwalk.units import readable

FORMAT = 2

MAX_DESCRIPTION = 200
"""Letters of a preset's sentence."""

_SLOTS = ("bend", "direction", "route")
"""Groups of many alike: one at rest is not written."""

_MAX_DEPTH = 8
_MAX_NAMED = 6
"""Addresses that a report names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a preset holds.

    values:      of what is part of a look, by address.
    is_complete: what is not named has the table's default.
    setup:       values of what is not part of a look, by address.
    unknown:     what this version does not know, as it stands in the file, by address.
    description: one sentence; empty: none.
    """

    values: Mapping[str, Value]
    is_complete: bool = False
    setup: Mapping[str, Value] = field(default_factory=dict)
    unknown: Mapping[str, object] = field(default_factory=dict)
    description: str = ""

    def over(self, rows: Mapping[str, Row]) -> dict[str, Value]:
        """Return what a recall sets.

        Args:
            rows: the live parameters by address; a complete look sets all those that are part of a look.
        """
        rest = {a: row.default for a, row in rows.items() if row.in_look} if self.is_complete else {}
        return {**rest, **self.values}

    def remarks(self, *, with_setup: bool = False) -> list[str]:
        """Return what is in the file and is not set by a recall, in words.

        Args:
            with_setup: setup is set, too.
        """
        setup = [] if with_setup or not self.setup else [f"setup is left out: {named(self.setup)}"]
        return setup + ([f"unknown to this version: {named(self.unknown)}"] if self.unknown else [])


def named(addresses: Iterable[str]) -> str:
    """Return addresses for a report, the first of them by name."""
    shown = [readable(address)[:60] for address in addresses]
    more = len(shown) - _MAX_NAMED
    return ", ".join(shown[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def load(path: Path) -> Look:
    """Return what a preset file holds, each value checked by its row.

    Raises:
        ParameterError: the file cannot be read, is not TOML, is larger than 64 KB, is of a format that this version
            does not know, or has a value that its row refuses.
    """
    try:
        with path.open("rb") as file:
            return _look_of(safe_toml.parse(file.read(safe_toml.MAX_BYTES + 1)))
    except OSError as e:
        raise ParameterError(f"preset {path}: {e.strerror}; expected a file that can be read") from e
    except ParameterError as e:
        raise ParameterError(f"preset {path}: {e}") from e


def to_text(
    values: Mapping[str, Value], rows: Mapping[str, Row], *, description: str = "", unknown: Mapping[str, object]
) -> str:
    """Return the text of a complete file of those values that are part of a look.

    Args:
        values:  by address.
        rows:    of all of them.
        unknown: what a newer version wrote; kept where it fits.
    """
    doc: dict[str, Any] = {"format": FORMAT} | ({"description": description} if description else {})
    for address in _worth_writing(values, rows):
        _put(doc, address, values[address])
    text = tomli_w.dumps(doc)
    for address, value in unknown.items():
        _put(doc, address, value)
    try:
        whole = tomli_w.dumps(doc)
        safe_toml.parse(whole.encode())
    except (ParameterError, ValueError):  # with it the file would be too large or too complex to be read again
        return text
    return whole


def _look_of(doc: dict[str, Any]) -> Look:
    version, description = doc.pop("format", 1), doc.pop("description", "")
    if version not in (1, FORMAT) or isinstance(version, bool):
        raise ParameterError(f"format = {readable(str(version))[:40]}: expected {FORMAT}, or none")
    if not isinstance(description, str) or len(description) > MAX_DESCRIPTION or not description.isprintable():
        raise ParameterError(f"description: expected one sentence of at most {MAX_DESCRIPTION} letters")
    values: dict[str, Value] = {}
    setup: dict[str, Value] = {}
    unknown: dict[str, object] = {}
    for address, value in _to_addresses(doc):
        row = _row_of(address)
        if row is None:
            unknown[address] = value
        else:
            (values if row.in_look else setup)[address] = parse_typed(row, value)
    return Look(values, version == FORMAT, setup, unknown, description)


def _row_of(address: str) -> Row | None:
    try:
        return find_row(address)
    except ParameterError:
        return None


def _worth_writing(values: Mapping[str, Value], rows: Mapping[str, Row]) -> list[str]:
    """Return the addresses that are part of a look, without slots in which all is as the table has it."""
    seen = [address for address in values if rows[address].in_look]
    used = {address.rpartition("/")[0] for address in seen if values[address] != rows[address].default}
    return [a for a in seen if a.split("/")[1] not in _SLOTS or a.rpartition("/")[0] in used]


def _put(doc: dict[str, Any], address: str, value: object) -> None:
    """Put a value at its place, {"walk": {"low": {"gain": 1.0}}} for /walk/low/gain, if the place is free."""
    *groups, name = address[1:].split("/")
    for group in groups:
        below = doc.setdefault(group, {})
        if not isinstance(below, dict):
            return
        doc = below
    doc.setdefault(name, value)


def _to_addresses(doc: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    if depth > _MAX_DEPTH:
        raise ParameterError(f"{prefix}: nested deeper than any parameter")
    for name, value in doc.items():
        address = f"{prefix}/{name}"
        if isinstance(value, dict):
            yield from _to_addresses(value, address, depth + 1)
        else:
            yield address, value
