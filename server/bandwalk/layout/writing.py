"""Writes a layout to a file."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bandwalk.errors import ParameterError
from bandwalk.layout.controls import addresses, pages
from bandwalk.layout.stage_control import stage_control_session
from bandwalk.layout.touchosc import touchosc_layout
from bandwalk.params.row import Row

KINDS: dict[str, tuple[str, Callable[[Sequence[Row]], bytes]]] = {
    "touchosc": ("bandwalk.tosc", touchosc_layout),
    "open-stage-control": ("bandwalk.json", lambda brought: stage_control_session(brought).encode()),
}
"""{kind: (file name, what makes its bytes of the rows that a model brings)}"""


def write_layout(kind: str, path: Path | None = None, brought: Sequence[Row] = ()) -> str:
    """Write the layout of a kind, to bandwalk.tosc or bandwalk.json if no path is given.

    Args:
        kind:    One of KINDS.
        path:    The file.
        brought: Rows that a model brings.

    Returns:
        One line that says what was written.

    Raises:
        ParameterError: no such kind, or the file cannot be written.
    """
    if kind not in KINDS:
        raise ParameterError(f"layout {kind[:80]}: expected {', '.join(KINDS)}, resolume or touchdesigner")
    name, make = KINDS[kind]
    path = path or Path(name)
    try:
        path.write_bytes(make(brought))
    except OSError as e:
        raise ParameterError(f"-o {path}: {e.strerror}; expected a file that can be written") from e
    made = pages(brought)
    return f"{path}: {len(addresses(made))} parameters on {len(made)} pages"
