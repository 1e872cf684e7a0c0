"""Writes a layout to a file."""

from pathlib import Path

from bandwalk.errors import ParameterError
from bandwalk.layout.controls import addresses, pages
from bandwalk.layout.stage_control import stage_control_session
from bandwalk.layout.touchosc import touchosc_layout

KINDS = {
    "touchosc": ("bandwalk.tosc", touchosc_layout),
    "open-stage-control": ("bandwalk.json", lambda: stage_control_session().encode()),
}
"""{kind: (file name, what makes its bytes)}"""


def write_layout(kind: str, path: Path | None = None) -> str:
    """Write the layout of a kind, to bandwalk.tosc or bandwalk.json if no path is given.

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
        path.write_bytes(make())
    except OSError as e:
        raise ParameterError(f"-o {path}: {e.strerror}; expected a file that can be written") from e
    return f"{path}: {len(addresses(pages()))} parameters on {len(pages())} pages"
