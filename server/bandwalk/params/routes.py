"""The rows of the routes, sixteen slots alike, and the text that fills one from the command line.

A part of the table in :mod:`bandwalk.params`.
"""

from collections.abc import Callable

from bandwalk.errors import ParameterError
from bandwalk.params.row import TIME_CONSTANT, Row, Value

N_ROUTES = 16

ROUTE_SLOTS = tuple(str(n) for n in range(1, N_ROUTES + 1))

ROUTE_CURVES = ("linear", "square", "root", "steps")
"""How a signal is bent before it moves anything; steps: in quarters."""

ROUTE_MODES = ("add", "replace", "trigger")

ON_STAGE = ("enabled", "amount")
"""What of a route a tablet shows."""

_FORM = "FROM=TO[:AMOUNT][:OPTION...], e.g. low/level=/transform/zoom:0.3"

Check = Callable[[str], object]


def route_rows(slot: str, check_mover: Check, check_target: Check) -> tuple[Row, ...]:
    """Return a route's rows.

    Args:
        check_mover, check_target: raise ParameterError for what cannot move anything, or cannot be moved.
    """
    r = f"/route/{slot}"

    def row(name: str, kind: str, default: Value, doc: str, **more: object) -> Row:
        kept = {"used_by": (), "routable": False, "folded": name not in ON_STAGE, **more}
        return Row(f"{r}/{name}", kind, default, doc, **kept)  # type: ignore[arg-type]

    return (
        row("from", "s", "", "What moves: a signal, an lfo, or a learned control. Empty: nothing.", check=check_mover),
        row("to", "s", "", "What is moved: the address of a parameter or a command.", check=check_target),
        row("amount", "f", 0.25, "How far it moves. 1: over the whole range; below 0: the other way.", lo=-1, hi=1),
        row("offset", "f", 0.0, "Where the movement begins. 1: the whole range further up.", lo=-1, hi=1),
        row(
            "curve",
            "s",
            "linear",
            "How the signal is shaped: square: peaks count more; root: less; steps: in quarters.",
            choices=ROUTE_CURVES,
        ),
        row("attack_s", "f", 0.0, "How long the movement takes to rise.", lo=0, hi=60, unit="s", exact=TIME_CONSTANT),
        row("release_s", "f", 0.1, "How long the movement takes to fall.", lo=0, hi=60, unit="s", exact=TIME_CONSTANT),
        row(
            "mode",
            "s",
            "add",
            "add: to the value set by hand; replace: instead of it; trigger: one step on at each hit.",
            choices=ROUTE_MODES,
        ),
        row("enabled", "b", True, "Let the route move its target."),
    )


def parse_route(text: str) -> dict[str, Value]:
    """Return the values of a route, by the last parts of their addresses, of FROM=TO[:AMOUNT][:OPTION...].

    An option is a curve, a mode, or one of offset=X, attack=SECONDS, release=SECONDS. Whether FROM, TO and the numbers
    are good ones is for their rows to say.

    Raises:
        ParameterError: the text is no route.
    """
    mover, _, rest = (part.strip() for part in text.partition("="))
    target, *options = (part.strip() for part in rest.split(":"))
    if not mover or not target.startswith("/"):
        raise ParameterError(f"{text[:120]}: expected {_FORM}")
    values: dict[str, Value] = {"from": mover, "to": target}
    for n, option in enumerate(options):
        name, value = _option(option, is_first=n == 0)
        if not name or name in values:
            words = ", ".join((*ROUTE_CURVES, *ROUTE_MODES))
            raise ParameterError(
                f"{text[:120]}: {option or 'an empty option'}: expected once each an amount after the address, "
                f"{words}, offset=X, attack=SECONDS or release=SECONDS"
            )
        values[name] = value
    return values


def _option(text: str, *, is_first: bool) -> tuple[str, Value]:
    """Return (last part of the address, value) of an option; ("", "") where it is none."""
    if text in ROUTE_CURVES:
        return "curve", text
    if text in ROUTE_MODES:
        return "mode", text
    name, equals, number = text.partition("=")
    names = {"offset": "offset", "attack": "attack_s", "release": "release_s"}
    try:
        if equals:
            return names.get(name, ""), float(number)
        return ("amount" if is_first else ""), float(text)
    except ValueError:
        return "", ""
