"""The viewer's keys, one table: what the window obeys, what its help shows and what `bandwalk keys` prints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One row.

    names:   as pygame names keys; any of them.
    does:    the action (:class:`~bandwalk_client.viewer.Viewer` lists them).
    doc:     one sentence.
    address: the OSC address that it sends to, if it sends.
    step:    by how much it moves the value.
    """

    names: tuple[str, ...]
    does: str
    doc: str
    address: str = ""
    step: float = 0.0


KEYS: tuple[Key, ...] = (
    Key(("o", "tab"), "overlay", "Overlay: fps, age, drops, the three bands."),
    Key(("f", "f11"), "fullscreen", "Full screen and back."),
    Key(("s",), "screenshot", "Writes the picture to a PNG file."),
    Key(("space",), "toggle", "Freezes the picture, or lets it go.", "/master/freeze"),
    Key(("b",), "toggle", "Black, or back.", "/master/blackout"),
    Key(("up",), "nudge", "More of the sound in the picture.", "/master/intensity", 0.1),
    Key(("down",), "nudge", "Less of the sound in the picture.", "/master/intensity", -0.1),
    Key(("right",), "nudge", "Farther from the average picture.", "/style/psi", 0.05),
    Key(("left",), "nudge", "Nearer to the average picture.", "/style/psi", -0.05),
    Key(("1",), "push", "Pushes the walk of low.", "/walk/low/bump"),
    Key(("2",), "push", "Pushes the walk of mid.", "/walk/mid/bump"),
    Key(("3",), "push", "Pushes the walk of high.", "/walk/high/bump"),
    Key(("r",), "reseed", "Begins from another picture.", "/style/seed"),
    Key(("h", "f1"), "help", "This list."),
    Key(("q", "escape"), "quit", "Closes the viewer."),
)

CLOSE, REDRAW = "close window", "redraw"
"""What else a window tells of, beside the names of keys."""

BY_NAME: dict[str, Key] = {name: key for key in KEYS for name in key.names}


def keys_text() -> str:
    """Return the table for people: one line a key, the OSC address that it sends to in brackets."""
    width = max(len(" ".join(key.names)) for key in KEYS)
    return "\n".join(
        f"{' '.join(key.names):<{width}}  {key.doc}" + (f" [{key.address}]" if key.address else "") for key in KEYS
    )


def help_lines() -> list[str]:
    """Return the table for the window: keys and what they do, a tab between them."""
    return [f"{' '.join(key.names)}\t{key.doc}" for key in KEYS]
