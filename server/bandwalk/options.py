"""Command-line flags made from the table of parameters."""

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from bandwalk.clips import RENDER
from bandwalk.params import GROUPS, ROWS, SETTINGS
from bandwalk.row import Row


def table_flags(
    rows: Iterable[Row] = (*ROWS, *SETTINGS), *, leave_out: tuple[str, ...] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command one flag for each row.

    The command takes them as one ``flags: dict[str, Any]`` of what was given, by row name; values are texts as
    typed (checked where they are used), booleans and lists apart.
    """
    kept = [row for row in rows if row.address not in leave_out]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in inspect.signature(command).parameters.values() if p.name != "flags"]

        def wrapper(**given: Any) -> None:
            flags = {row.name: given.pop(row.name) for row in kept}
            command(**given, flags={name: value for name, value in flags.items() if value not in (None, [])})

        parameters = [*own, *(_flag(row) for row in kept)]
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
        wrapper.__name__, wrapper.__doc__ = command.__name__, command.__doc__
        return wrapper

    return decorate


def _flag(row: Row) -> inspect.Parameter:
    """Return the flag of a row as a parameter that typer understands."""
    kinds: dict[str, Any] = {"b": bool | None, "l": list[str] | None}
    both = row.type == "b" and row.live  # a preset may have switched it on
    names = f"{row.option}/--no-{row.option[2:]}" if both else row.option
    metavar = row.unit or "|".join(row.choices) or row.range_text or "TEXT"
    option = typer.Option(
        names,
        help=_help(row),
        metavar=None if row.type == "b" else metavar.upper() if not row.choices else metavar,
        rich_help_panel=_panel(row),
        show_default=False,
    )
    annotation: Any = Annotated.__class_getitem__((kinds.get(row.type, str | None), option))  # type: ignore[attr-defined]
    return inspect.Parameter(row.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _panel(row: Row) -> str:
    """Return the heading under which the help shows a row's flag."""
    if row.live:
        return GROUPS[row.address.split("/")[1]]
    return "Clip" if row in RENDER else "Settings"


def _help(row: Row) -> str:
    notes = []
    if row.range_text and not row.choices and row.unit:
        notes.append(row.range_text)
    if row.default not in ("", ()):
        shown = " ".join(row.default) if isinstance(row.default, tuple) else row.default
        notes.append(f"default: {str(shown).lower() if isinstance(shown, bool) else shown}")
    return f"{row.doc} [{'; '.join(notes)}]".replace(" []", "")
