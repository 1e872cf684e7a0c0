"""The rows of the report, and how a part passes them on: line by line, so that none is lost with the process."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Setup:
    """What a part is asked for.

    device:   as torch names it.
    is_short: small sizes and few pictures, to see that the code works.
    output:   folder of the report.
    kind:     of the network, where a part measures one.
    """

    device: str
    is_short: bool
    output: Path
    kind: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table; what was not measured is None.

    ms, p99: median and 99th percentile of a picture, milliseconds.
    error:   mean difference from the reference, grey levels.
    """

    part: str
    case: str
    ms: float | None = None
    p99: float | None = None
    error: float | None = None
    note: str = ""
    is_ok: bool = True


def write_row(path: Path, row: Row) -> None:
    """Add a row to a part's file, and print it for the log."""
    print(row, flush=True)
    with path.open("a") as lines:
        lines.write(json.dumps(asdict(row)) + "\n")


def read_rows(path: Path) -> list[Row]:
    """Return the rows in a part's file; a last one that was cut off is left out."""
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [Row(**json.loads(line)) for line in lines if line.endswith("\n")]


def to_table(rows: list[Row]) -> str:
    """Return all rows as a table in Markdown."""
    lines = ["| ok | part | case | ms | p99 | fps | error | |", "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        ms, p99, error = (number(value) for value in (row.ms, row.p99, row.error))
        fps = f"{1000.0 / row.ms:.0f}" if row.ms else ""
        note = row.note.replace("|", "/")
        lines.append(
            f"| {'yes' if row.is_ok else 'no'} | {row.part} | {row.case} | {ms} | {p99} | {fps} | {error} | {note} |"
        )
    return "\n".join(lines) + "\n"


def number(value: float | None) -> str:
    """Return a number with two decimals, or nothing."""
    return "" if value is None else f"{value:.2f}"
