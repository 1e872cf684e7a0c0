"""From the table to controls on pages: what both kinds of layout share.

The first page is for playing (`first_page`). Each other one is a group of the table, in columns: one a band where the
group has bands. A column that would be too long for thumbs goes on in the next one, and a group with too many columns
on a page of its own. Of a model's directions and of routes, of which there are many with the same few rows, each has a
line across the page. Rows that the table folds are left out.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bandwalk.layout.first_page import ADDRESSES, LINES, LOOK_COLUMNS, RECALL, TITLE, looks
from bandwalk.params import GROUPS, ROWS
from bandwalk.params.commands import COMMANDS
from bandwalk.params.row import INT32, MAX_STEPS, Command, Row, Value
from bandwalk.params.strips import check_layers
from bandwalk.units import LAYER_NAMES, parse_size

T = TypeVar("T")

WIDTH, HEIGHT = 1024, 768
"""The canvas, pixels; the programs fit it to the screen."""

TAB_BAR, MARGIN, GAP, CAPTION = 56, 8, 8, 22
MAX_ROWS, MAX_COLUMNS = 8, 3
MIN_THUMB, MAX_CONTROL = 48, 72
"""Height of the smallest control that a thumb hits, and of the largest that is of use."""

MANY_CHOICES = 5
"""More than these are no row of buttons that a thumb hits: they get two places, and stand in several rows."""

_WIDE = 20.0  # a range that many times its default wants fine movements
_FINE_UNITS = frozenset({"Hz", "s", "ms"})
_LINED = ("direction", "route")
_SIZES = ("256", "512", "1024", "1920x1080")


_WITH = {
    "mix": "band",
    "transform": "style",
    "feedback": "color",
    "safe": "out",
    "transport": "audio",
    "loop": "audio",
    "cue": "audio",
    "model": "out",
    "master": "beat",
    "scene": "beat",
    "auto": "beat",
    "schedule": "beat",
    "record": "audio",
}
"""Groups too small for a page of their own, and those on whose pages they are."""

_TITLES = {"beat": "Beat, scenes", "style": "Style", "audio": "Sound", "color": "Colour", "out": "Setup"}
"""Titles of the pages that have more than one group."""


@dataclass(frozen=True, slots=True)
class TabletControl:
    """One control and where it stands on its page.

    kind:    fader, toggle, choice, text (any text; offers are some), button (a command), or recall (a
             command with its caption as argument).
    caption: what it says above itself.
    box:     (x, y, width, height) of the control without its caption, pixels.
    """

    address: str
    kind: str
    caption: str
    box: tuple[int, int, int, int]
    row: Row | None = None

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest value of a fader."""
        assert self.row is not None
        most = MAX_STEPS if self.row.type == "i" and self.row.hi == INT32 else self.row.hi
        return self.row.lo, most

    @property
    def is_fine(self) -> bool:
        """Whether a fader moves more slowly than the finger: its range is wide for what is set on it."""
        assert self.row is not None
        default = self.row.default if isinstance(self.row.default, int | float) else 0.0
        lo, hi = self.range
        return self.row.unit in _FINE_UNITS or (hi - lo) > _WIDE * abs(default) > 0

    @property
    def default(self) -> Value:
        """What it shows before the server has said."""
        assert self.row is not None
        return self.row.default

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns in which the offers stand."""
        rows = math.ceil(len(self.offers) / MANY_CHOICES) if _places(self.row) > 1 else 1
        return rows, math.ceil(len(self.offers) / rows)

    @property
    def offers(self) -> tuple[str, ...]:
        """The texts that can be chosen by one touch."""
        assert self.row is not None
        if self.row.choices:
            return self.row.choices
        if self.row.check is parse_size:
            return _SIZES
        if self.row.check is check_layers:
            return (*LAYER_NAMES, "none")
        return ("demo", "live") if self.address == "/audio/source" else ("",)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of controls. heads: (text, x, width) over its columns."""

    title: str
    controls: tuple[TabletControl, ...]
    heads: tuple[tuple[str, int, int], ...]


def pages(brought: Sequence[Row] = ()) -> list[Page]:
    """Return all pages: every live parameter that is not folded, and every command that needs no argument, once.

    Args:
        brought: Rows that a model brings.
    """
    buttons = [command for command in COMMANDS if not command.args and not command.reply]
    order = [group for group in GROUPS if group not in _WITH]
    others = sorted({_group(button.address) for button in buttons} - GROUPS.keys())
    found = [_first(buttons)]
    shown = [row for row in (*ROWS, *brought) if not row.folded]
    for group in (*order, *others):
        members: list[Row | Command] = [row for row in shown if _on(row, group)]
        members += [button for button in buttons if _on(button, group)]
        found += _pages_of(_TITLES.get(group, GROUPS.get(group, group.capitalize())), members)
    return found


def _on(member: Row | Command, group: str) -> bool:
    return _group(member.address) == group and member.address not in ADDRESSES


def _first(buttons: Sequence[Command]) -> Page:
    """Return the page of the looks, and of what is played by hand."""
    members: dict[str, Row | Command] = {member.address: member for member in ROWS}
    members |= {member.address: member for member in buttons}
    made: list[TabletControl] = []
    y = MARGIN + CAPTION
    for line in _parts(list(looks()), LOOK_COLUMNS):
        boxes = _side_by_side(LOOK_COLUMNS, y, MIN_THUMB)
        made += [TabletControl(RECALL, "recall", name, box) for name, box in zip(line, boxes, strict=False)]
        y += MIN_THUMB + GAP
    for addresses_, height in LINES:
        y += CAPTION
        boxes = _side_by_side(len(addresses_), y, height)
        made += [_control(members[address], box) for address, box in zip(addresses_, boxes, strict=True)]
        y += height + GAP
    return Page(TITLE, tuple(made), (("looks", MARGIN, WIDTH // 2),))


def _side_by_side(count: int, y: int, height: int) -> list[tuple[int, int, int, int]]:
    width = (WIDTH - MARGIN * (count + 1)) // count
    return [(MARGIN + n * (width + MARGIN), y, width, height) for n in range(count)]


def _group(address: str) -> str:
    group = address.split("/")[1]
    return _WITH.get(group, group)


def _pages_of(title: str, members: list[Row | Command]) -> list[Page]:
    if not members:
        return []
    is_lined = _group(members[0].address) in _LINED
    sheets = _lined_sheets(members) if is_lined else _parts(_columns(members), MAX_COLUMNS)
    return [_place(title if not n else f"{title} {n + 1}", sheet) for n, sheet in enumerate(sheets)]


def _columns(members: list[Row | Command]) -> list[tuple[str, list[Row | Command]]]:
    """Return (head, members) of each column: by the middle part of the address, or evenly where there is none."""
    named: dict[str, list[Row | Command]] = {}
    for member in members:
        named.setdefault("/".join(member.address.split("/")[2:-1]), []).append(member)
    columns = []
    for head, column in named.items():
        parts = math.ceil(len(column) / MAX_ROWS) if head else min(MAX_COLUMNS, math.ceil(len(column) / 3))
        length = math.ceil(len(column) / parts)
        columns += [(head, part) for part in _parts(column, length)]
    return columns


def _lined_sheets(members: list[Row | Command]) -> list[list[tuple[str, list[Row | Command]]]]:
    """Return the columns of each page: a direction a line, a column for each of what it has."""
    columns: dict[str, list[Row | Command]] = {}
    for member in members:
        columns.setdefault(member.address.rpartition("/")[2], []).append(member)
    parts = [_parts(column, MAX_ROWS) for column in columns.values()]
    return [list(zip(columns, sheet, strict=True)) for sheet in zip(*parts, strict=True)]


def _parts(things: list[T], size: int) -> list[list[T]]:
    return [things[i : i + size] for i in range(0, len(things), size)]


def _place(title: str, columns: list[tuple[str, list[Row | Command]]]) -> Page:
    width = (WIDTH - MARGIN * (len(columns) + 1)) // len(columns)
    top = CAPTION + GAP if any(head for head, _ in columns) else 0
    room = (HEIGHT - TAB_BAR - top - 2 * MARGIN) // max(sum(map(_places, column)) for _, column in columns)
    height = min(MAX_CONTROL, room - CAPTION - GAP)
    pitch = min(room, MAX_CONTROL + 2 * CAPTION)
    controls, heads = [], []
    for n, (head, column) in enumerate(columns):
        x = MARGIN + n * (width + MARGIN)
        heads += [(head, x, width)] if head else []
        y = MARGIN + top + CAPTION
        for member in column:
            more = (_places(member) - 1) * pitch
            controls.append(_control(member, (x, y, width, height + more)))
            y += pitch + more
    return Page(title, tuple(controls), tuple(heads))


def _places(member: Row | Command | None) -> int:
    return 2 if isinstance(member, Row) and len(member.choices) > MANY_CHOICES else 1


def _control(member: Row | Command, box: tuple[int, int, int, int]) -> TabletControl:
    if isinstance(member, Command):
        caption = f"{member.address.split('/')[2]} bump" if member.title == "bump" else member.title
        return TabletControl(member.address, "button", caption, box)
    lined = member.address.split("/")[2] if _group(member.address) in _LINED else ""
    caption = lined or member.title
    kind = {"f": "fader", "i": "fader", "b": "toggle"}.get(member.type, "choice" if member.choices else "text")
    unit = f" ({member.unit})" if member.unit else ""
    return TabletControl(member.address, kind, caption + unit, box, member)


def addresses(found: Iterable[Page]) -> list[str]:
    """Return the addresses of all live parameters on some pages, page by page."""
    return [control.address for page in found for control in page.controls if control.row is not None]
