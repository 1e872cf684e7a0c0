"""What a show says about its window and its sound, where a machine has no display or no sound card."""

import sys
from collections.abc import Mapping


def has_display(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Return whether a window can open."""
    return platform in ("darwin", "win32") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def why_no_window(panel: str, *, has_sound: bool) -> str:
    """Return one line: what is missing here, and where to look instead."""
    silent = "" if has_sound else ", and no sound card, so it plays no sound"
    return (
        f"no window opens: this machine has no display (DISPLAY is not set){silent}; open {panel} in a browser instead"
    )


NO_SOUND_CARD = "no sound is played: this machine has no sound card; the pictures follow the sound all the same"
