"""The viewer's keys: one table for the window, its help and `bandwalk keys`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One row.

    names:   any of these keys, with pygame's names.
    does:    the action (:class:`~bandwalk_client.viewer.Viewer` lists them).
    doc:     one sentence.
    address: the OSC address that the key sends to, if any.
    step:    change of the value.
    """

    names: tuple[str, ...]
    does: str
    doc: str
    address: str = ""
    step: float = 0.0


KEYS: tuple[Key, ...] = (
    Key(("o", "tab"), "overlay", "Shows or hides fps, age, drops and the three bands."),
    Key(("f", "f11"), "fullscreen", "Turns full screen on or off."),
    Key(("s",), "screenshot", "Saves the picture as a PNG file."),
    Key(("space",), "toggle", "Freezes the picture, or moves it again.", "/master/freeze"),
    Key(("b",), "toggle", "Fades to black, or back to the picture.", "/master/blackout"),
    Key(("up",), "nudge", "The sound moves the picture more.", "/master/intensity", 0.1),
    Key(("down",), "nudge", "The sound moves the picture less.", "/master/intensity", -0.1),
    Key(("right",), "nudge", "Pictures differ more from the average one.", "/style/psi", 0.05),
    Key(("left",), "nudge", "Pictures are closer to the average one.", "/style/psi", -0.05),
    Key(("1",), "push", "Pushes the walk of the low band.", "/walk/low/bump"),
    Key(("2",), "push", "Pushes the walk of the mid band.", "/walk/mid/bump"),
    Key(("3",), "push", "Pushes the walk of the high band.", "/walk/high/bump"),
    Key(("r",), "reseed", "Starts from a random picture.", "/style/seed"),
    Key(("h", "f1"), "help", "Shows or hides this list."),
    Key(("q", "escape"), "quit", "Closes the viewer."),
)

CLOSE, REDRAW = "close window", "redraw"
"""Events of the window besides the names of keys."""

BY_NAME: dict[str, Key] = {name: key for key in KEYS for name in key.names}


def keys_text() -> str:
    """Return the table as text: one line per key, with the OSC address that it sends to in brackets."""
    width = max(len(" ".join(key.names)) for key in KEYS)
    return "\n".join(
        f"{' '.join(key.names):<{width}}  {key.doc}" + (f" [{key.address}]" if key.address else "") for key in KEYS
    )


def help_lines() -> list[str]:
    """Return the table for the window: keys and what they do, separated by a tab."""
    return [f"{' '.join(key.names)}\t{key.doc}" for key in KEYS]
