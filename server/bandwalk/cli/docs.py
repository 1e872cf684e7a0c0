"""The table of parameters as text, and as the block that stands in protocol.md."""

import sys
from pathlib import Path

from bandwalk.layout import KINDS, write_layout
from bandwalk.params import MODEL_ROWS, ROWS, SETTINGS
from bandwalk.params.clips import RENDER
from bandwalk.params.messages import COMMANDS
from bandwalk.params.row import Row, Value

BEGIN = "<!-- table: made by `bandwalk params --markdown`, do not edit -->"
END = "<!-- end of table -->"


def table_text() -> str:
    """Return the table as aligned text, one line a row."""
    lines = []
    for title, rows in (("Parameters", (*ROWS, *MODEL_ROWS)), ("Settings", SETTINGS), ("Clips", RENDER)):
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
    parameters = [_cells(row, f"`{row.address}`", f"`{row.option}`") for row in ROWS]
    parameters += [_cells(row, f"`{row.address}`", "") for row in MODEL_ROWS]
    settings, clips = ([_cells(row, f"`{row.option}`") for row in rows] for rows in (SETTINGS, RENDER))
    commands = [[f"`{c.address}`", c.args or "", c.doc, c.reply] for c in COMMANDS]
    return "\n".join(
        [
            BEGIN,
            "",
            "### Parameters",
            "",
            *_table(["address", "flag", "type", "range", "default", "unit", "meaning"], parameters),
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


def splice(path: Path) -> None:
    """Put the table in its place in a document."""
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    path.write_text(head + table_markdown() + tail, encoding="utf-8")


def _cells(row: Row, *names: str) -> list[str]:
    return [
        *names,
        row.type,
        row.range_text,
        f"`{_shown(row.default)}`" if row.default != "" else "",
        row.unit,
        row.doc,
    ]


def _shown(value: Value) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _table(titles: list[str], rows: list[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    return lines + ["| " + " | ".join(cells) + " |" for cells in rows]


def refresh(path: Path) -> None:
    """Bring all that is made from the table up to date: protocol.md, and the tablet layouts beside it."""
    from bandwalk.pipeline.models import rows_brought  # draws torch in, which `bandwalk params` does without

    splice(path)
    brought = rows_brought("builtin")
    for kind, (name, _) in KINDS.items():
        write_layout(kind, path.parent / "clients" / "tablet" / name, brought)


if __name__ == "__main__":
    refresh(Path(sys.argv[1]))
