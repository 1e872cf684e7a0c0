"""Command-line flags made from the table of parameters, and the help that lists them."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from bandwalk.params import GROUPS, rows_used_by
from bandwalk.params.clips import RENDER
from bandwalk.params.row import Row

FIRST = (
    *("--output", "--show", "--model", "--size", "--fps", "--preset", "--psi", "--loop"),
    *("--bind", "--port-base", "--osc-to", "--start", "--end", "--crf", "--resume"),
)
"""The flags that most people need: of each long command ten, at the top of its help."""

_SHORT = 12
"""A command with so many options needs no groups."""

_NAME_WIDTH = 30
_CHOICES_WIDTH = 40


class HelpCommand(TyperCommand):
    """A command whose help fits 80 columns with every flag whole: a long one has a line of its own."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write usage, text, arguments and options, in groups."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        options = [param for param in self.get_params(ctx) if param.param_type_name == "option"]
        arguments = [param for param in self.get_params(ctx) if param.param_type_name == "argument"]
        groups: dict[str, list[Any]] = {"Arguments": arguments, "Most used": [], "SourceOptions": []}
        for option in options:
            title = str(getattr(option, "rich_help_panel", None) or "SourceOptions")
            is_first = len(options) > _SHORT and not set(FIRST).isdisjoint(option.opts)
            groups.setdefault("Most used" if is_first else title, []).append(option)
        groups["Most used"].sort(key=lambda option: min(map(FIRST.index, {*option.opts} & {*FIRST})))
        groups["SourceOptions"] = groups.pop("SourceOptions")  # last: in a long one it is --help alone
        for title, params in groups.items():
            records = [record for param in params if (record := param.get_help_record(ctx))]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records, col_max=_NAME_WIDTH)


def table_flags(
    command_name: str, *, leave_out: tuple[str, ...] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command one flag for each row that it uses.

    The command takes them as one ``flags: dict[str, Any]`` of what was given, by row name; values are texts as
    typed (checked where they are used), booleans and lists apart.
    """
    kept = [row for row in rows_used_by(command_name) if row.address not in leave_out]

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
    choices = "|".join(row.choices)
    if len(choices) > _CHOICES_WIDTH:  # they stand in the text then
        choices = row.address.rpartition("/")[2].upper()
    metavar = row.unit or choices or row.range_text or "TEXT"
    option = typer.Option(
        names,
        help=_help(row),
        metavar=None if row.type == "b" else metavar if row.choices or "|" in metavar else metavar.upper(),
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
    if len("|".join(row.choices)) > _CHOICES_WIDTH:
        notes.append(f"one of {', '.join(row.choices)}")
    if row.range_text and not row.choices and row.unit:
        notes.append(row.range_text)
    if row.default not in ("", ()):
        shown = " ".join(row.default) if isinstance(row.default, tuple) else row.default
        notes.append(f"default: {str(shown).lower() if isinstance(shown, bool) else shown}")
    return f"{row.doc} [{'; '.join(notes)}]".replace(" []", "")
