"""``bandwalk looks``: the presets that --preset and /preset/recall take, each with its sentence."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from bandwalk.control import presets


def run(console: Console, folder: Path) -> None:
    """Print the user's own presets, then those that ship with bandwalk.

    Args:
        folder: of the user's own.
    """
    table = Table("name", Column("what it looks like", overflow="fold"), "from")
    for name, description, is_own in presets.describe_all(folder):
        table.add_row(escape(name), escape(description), "you" if is_own else "bandwalk")
    console.print(table)
    console.print("Play one: bandwalk serve --preset NAME, or /preset/recall s NAME. Your own:", soft_wrap=True)
    console.print(str(folder), markup=False, highlight=False, soft_wrap=True)
