"""The keys: one table for the viewer, its help, `bandwalk keys`, and the panel, whose keys.js is made from it."""

import json
from dataclasses import asdict, dataclass

BOTH, VIEWER, PANEL = "both", "viewer", "panel"


@dataclass(frozen=True, slots=True)
class Key:
    """One row.

    names:   any of these keys, with pygame's names.
    does:    the action (:class:`~bandwalk_client.viewer.Viewer` and the panel's panel.js list them).
    doc:     one sentence.
    address: the OSC address that the key sends to, if any.
    step:    change of the value.
    where:   BOTH, VIEWER or PANEL; in the panel the first row of a key that has something to do is used.
    """

    names: tuple[str, ...]
    does: str
    doc: str
    address: str = ""
    step: float = 0.0
    where: str = BOTH


KEYS: tuple[Key, ...] = (
    Key(("o", "tab"), "overlay", "Shows or hides fps, age, drops and the three bands.", where=VIEWER),
    Key(("f",), "fullscreen", "Turns full screen on or off."),
    Key(("f11",), "fullscreen", "Turns full screen on or off, too.", where=VIEWER),
    Key(("s",), "screenshot", "Saves the picture as a PNG file."),
    Key(("space",), "toggle", "Freezes the picture, or moves it again.", "/master/freeze"),
    Key(("b",), "toggle", "Fades to black, or back to the picture.", "/master/blackout"),
    Key(("up",), "nudge", "The sound moves the picture more.", "/master/intensity", 0.1),
    Key(("down",), "nudge", "The sound moves the picture less.", "/master/intensity", -0.1),
    Key(("right",), "nudge", "Pictures differ more from the average one.", "/style/psi", 0.05),
    Key(("left",), "nudge", "Pictures are closer to the average one.", "/style/psi", -0.05),
    Key(tuple("123456789"), "slot", "Recalls what you have put on this key.", where=PANEL),
    Key(("1",), "push", "Bumps the low band, if nothing is on this key.", "/walk/low/bump"),
    Key(("2",), "push", "Bumps the mid band, if nothing is on this key.", "/walk/mid/bump"),
    Key(("3",), "push", "Bumps the high band, if nothing is on this key.", "/walk/high/bump"),
    Key(("r",), "reseed", "Starts from a random picture.", "/style/seed"),
    Key(("ctrl+z",), "undo", "Takes back your last change.", where=PANEL),
    Key(("ctrl+shift+z", "ctrl+y"), "redo", "Makes it again.", where=PANEL),
    Key(("h", "?"), "help", "Shows or hides this list."),
    Key(("f1",), "help", "Shows or hides this list, too.", where=VIEWER),
    Key(("q", "escape"), "quit", "Closes the viewer.", where=VIEWER),
)

CLOSE, REDRAW = "close window", "redraw"
"""Events of the window besides the names of keys."""

VIEWER_KEYS = tuple(key for key in KEYS if key.where != PANEL)
PANEL_KEYS = tuple(key for key in KEYS if key.where != VIEWER)

BY_NAME: dict[str, Key] = {name: key for key in VIEWER_KEYS for name in key.names}
"""The viewer's keys."""


def keys_text() -> str:
    """Return the viewer's table as text: one line per key, with the OSC address that it sends to in brackets."""
    width = max(len(" ".join(key.names)) for key in VIEWER_KEYS)
    return "\n".join(
        f"{' '.join(key.names):<{width}}  {key.doc}" + (f" [{key.address}]" if key.address else "")
        for key in VIEWER_KEYS
    )


def help_lines() -> list[str]:
    """Return the viewer's table for the window: keys and what they do, separated by a tab."""
    return [f"{' '.join(key.names)}\t{key.doc}" for key in VIEWER_KEYS]


def panel_module() -> str:
    """Return the panel's table as a JavaScript module; the browser keeps the keys that are only the viewer's."""
    rows = [
        json.dumps({name: value for name, value in asdict(key).items() if value and name != "where"})
        for key in PANEL_KEYS
    ]
    lines = "".join(f"  {row},\n" for row in rows)
    return f"// Made from clients/bandwalk_client/keys.py by `make docs`.\n\nexport const KEYS = [\n{lines}];\n"
