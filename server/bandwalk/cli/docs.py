"""The table of parameters as text, and as the block that stands in protocol.md."""

import re
import sys
from dataclasses import replace
from pathlib import Path

from bandwalk.layout import KINDS, write_layout
from bandwalk.params import MODEL_ROWS, ROWS, SETTINGS
from bandwalk.params.clips import RENDER
from bandwalk.params.commands import COMMANDS
from bandwalk.params.routes import ROUTE_SLOTS
from bandwalk.params.row import Command, Row, Value
from bandwalk.params.signals import SIGNALS, Signal
from bandwalk.records import BANDS
from bandwalk_client.keys import panel_module

BEGIN = "<!-- table: made by `bandwalk params --markdown`, do not edit -->"
END = "<!-- end of table -->"
BEGIN_SIGNALS = "<!-- signals under /{}: made from the table, do not edit -->"
END_SIGNALS = "<!-- end of signals -->"
SIGNAL_GROUPS = (
    "feature",
    "frame",
    "route",
    "spectrum",
    "audio",
    "transport",
    "midi",
    "scene",
    "auto",
    "record",
    "error",
    "schedule",
)
"""The first parts of the addresses of what bandwalk sends; each has a table in protocol.md."""

_VARIED = re.compile(rf"(?<=/)({'|'.join(BANDS)})(?=/)|(?<=/spectrum/)[\d.]+|(?<=/chroma/)\w+|(?<=/route/)\d+")
_SHOWN_NAMES = 4
_FIRST_ROUTE = f"/route/{ROUTE_SLOTS[0]}/"
_ANY_ROUTE = f"/route/{{{ROUTE_SLOTS[0]}..{ROUTE_SLOTS[-1]}}}/"


def _live_rows() -> list[Row]:
    """Return the live parameters, the routes as one."""
    shown = [row for row in (*ROWS, *MODEL_ROWS) if not row.address.startswith("/route/")]
    routes = [row for row in ROWS if row.address.startswith(_FIRST_ROUTE)]
    return shown + [replace(row, address=row.address.replace(_FIRST_ROUTE, _ANY_ROUTE)) for row in routes]


def table_text() -> str:
    """Return the table as aligned text, one line a row."""
    lines = []
    for title, rows in (("Parameters", _live_rows()), ("Settings", SETTINGS), ("Clips", RENDER)):
        lines.append(f"{title}\n")
        for row in rows:
            name = row.address if row.live else row.option
            default = _shown(row.default)
            lines.append(f"  {name:24} {row.type}  {row.range_text:32} {default:14} {row.unit:5} {row.doc}".rstrip())
        lines.append("")
    lines.append("Commands\n")
    for command in COMMANDS:
        reply = f" -> {command.reply}" if command.reply else ""
        lines.append(f"  {command.address:24} {command.args:4} {command.doc}{reply}")
    return "\n".join(lines)


def table_markdown() -> str:
    """Return the block of protocol.md: parameters, commands, settings."""
    flagged = {row.address for row in ROWS if row.used_by}
    parameters = [
        [*_cells(row, f"`{row.address}`", f"`{row.option}`" if row.address in flagged else ""), _part(row)]
        for row in _live_rows()
    ]
    settings, clips = ([_cells(row, f"`{row.option}`") for row in rows] for rows in (SETTINGS, RENDER))
    commands = [[f"`{c.address}`", c.args or "", _meaning(c), c.reply] for c in COMMANDS]
    return "\n".join(
        [
            BEGIN,
            "",
            "### Parameters",
            "",
            *_table(["address", "flag", "type", "range", "default", "unit", "meaning", "part of"], parameters),
            "",
            "### Commands",
            "",
            *_table(["address", "arguments", "effect", "reply"], commands),
            "",
            "### Settings",
            "",
            *_table(["flag", "type", "range", "default", "unit", "meaning"], settings),
            "",
            "### Clips (`bandwalk render`, `bandwalk analyze`)",
            "",
            *_table(["flag", "type", "range", "default", "unit", "meaning"], clips),
            "",
            END,
        ]
    )


def signals_markdown(group: str) -> str:
    """Return the block of protocol.md that lists the signals under an address: one line for rows that differ in a name.

    Args:
        group: one of SIGNAL_GROUPS.
    """
    alike: dict[str, list[Signal]] = {}
    for row in SIGNALS:
        if row.address.split("/")[1] == group:
            alike.setdefault(_VARIED.sub("{}", row.address), []).append(row)
    cells = []
    for pattern, rows in alike.items():
        names = [match[0] for match in (_VARIED.search(row.address) for row in rows) if match]
        shown = names if len(names) <= _SHOWN_NAMES else [*names[:3], "...", names[-1]]
        doc = rows[0].doc.replace(f"{names[0]} Hz", "this frequency, Hz") if names else rows[0].doc
        doc = doc.replace(f"pitch class {names[0]} ", "pitch class ") if names else doc
        address = pattern.replace("{}", "{" + ",".join(shown) + "}")
        cells.append([f"`{address}`", rows[0].type, rows[0].range_text.removesuffix("inf"), rows[0].unit, doc])
        if group == "feature":
            cells[-1].append(rows[0].source)
    heads = ["address", "type", "range", "unit", "meaning", *(["source"] if group == "feature" else [])]
    table = _table(heads, cells)
    return "\n".join([BEGIN_SIGNALS.format(group), "", *table, "", END_SIGNALS])


def splice(path: Path) -> None:
    """Put the tables in their places in a document."""
    text = _spliced(path.read_text(encoding="utf-8"), BEGIN, table_markdown(), END)
    for group in SIGNAL_GROUPS:
        text = _spliced(text, BEGIN_SIGNALS.format(group), signals_markdown(group), END_SIGNALS)
    path.write_text(text, encoding="utf-8")


def _spliced(text: str, begin: str, block: str, end: str) -> str:
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    return head + block + tail


def _cells(row: Row, *names: str) -> list[str]:
    return [
        *names,
        row.type,
        row.range_text,
        f"`{_shown(row.default)}`" if row.default != "" else "",
        row.unit,
        _meaning(row),
    ]


def _meaning(row: Row | Command) -> str:
    return f"{row.doc} {row.exact}".rstrip()


def _part(row: Row) -> str:
    return "look" if row.in_look else "setup"


def _shown(value: Value) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _table(titles: list[str], rows: list[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    return lines + ["| " + " | ".join(cells) + " |" for cells in rows]


def refresh(path: Path) -> None:
    """Bring all that is made from tables up to date: protocol.md, the tablet layouts, and the panel's keys."""
    from bandwalk.pipeline.models import rows_brought  # draws torch in, which `bandwalk params` does without

    splice(path)
    panel = path.parent / "server" / "bandwalk" / "web" / "panel"
    (panel / "keys.js").write_text(panel_module(), encoding="utf-8")
    brought = rows_brought("builtin")
    for kind, (name, _) in KINDS.items():
        write_layout(kind, path.parent / "clients" / "tablet" / name, brought)


if __name__ == "__main__":
    refresh(Path(sys.argv[1]))
