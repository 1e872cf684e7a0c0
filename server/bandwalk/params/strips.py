"""Rows that repeat, like the strips of a mixing desk: one set for each band, one for each bend.

A part of the table in :mod:`bandwalk.params`.
"""

import re

from bandwalk.errors import ParameterError
from bandwalk.params.row import EVERY, INT32, Row
from bandwalk.records import BANDS
from bandwalk.units import parse_layers, parse_seeds

NAME = re.compile(r"[a-z0-9_-]{1,32}")
"""What a model's names look like, so that they can stand in an address and in a file."""

_FILE = re.compile(r"(?:[\w-][\w .-]{0,99}/)?[\w-][\w .-]{0,99}")

DRIVES = ("none", *BANDS)
"""What may drive a value: nothing, or a band's level."""

WALK_KINDS = ("random", "published", "orbit", "hold", "pulse", "tour", "loop", "drift", "direction", "keyframes")

BEND_KINDS = (
    "none", "scale", "rotate", "translate_x", "translate_y", "flip_x", "flip_y", "dilate", "erode", "threshold",
)  # fmt: skip
"""What a bend may do to a layer's maps."""

BEND_SLOTS = ("a", "b", "c")

# f_lo, f_hi, max_step, layers of the page, layers of the code
_BAND_TABLE = {
    "low": (0.0, 150.0, 10.0, "coarse", "coarse"),
    "mid": (200.0, 350.0, 3.0, "fine", "middle"),
    "high": (500.0, 5000.0, 10.0, "middle", "fine"),
}
"""The table of the published page; the published code swaps the layers of mid and high."""

MIX_TABLES = {
    "page": {f"/mix/{band}/layers": row[3] for band, row in _BAND_TABLE.items()},
    "code": {f"/mix/{band}/layers": row[4] for band, row in _BAND_TABLE.items()},
}


def check_layers(text: str) -> None:
    """Raise ParameterError for a text that is no layer list."""
    parse_layers(text, 1)


def check_file(text: str) -> None:
    """Raise ParameterError for a text that is neither empty nor the name of a file, in a subfolder or not."""
    if text and not _FILE.fullmatch(text):
        raise ParameterError(f"file = {text[:80]!r}: expected NAME or FOLDER/NAME, of letters, digits, space, _ . -")


def check_name(text: str) -> None:
    """Raise ParameterError for a text that is neither empty nor a name as models have them."""
    if text and not NAME.fullmatch(text):
        raise ParameterError(f"direction = {text[:80]!r}: expected a name of /direction/list")


def band_rows(band: str) -> tuple[Row, ...]:
    """Return a band's rows."""
    f_lo, f_hi, max_step, layers, _ = _BAND_TABLE[band]
    b, w = f"/band/{band}", f"/walk/{band}"
    return (
        Row(f"{b}/f_lo", "f", f_lo, "Lower edge of the band. 0: no lower edge.", 0, 20000, "Hz", used_by=EVERY),
        Row(
            f"{b}/f_hi",
            "f",
            f_hi,
            "Upper edge of the band; it stays above the lower edge.",
            20,
            20000,
            "Hz",
            used_by=EVERY,
        ),
        Row(f"{b}/gain", "f", 1.0, "Gain on the band's level and change.", 0, 8, used_by=EVERY),
        Row(
            f"{b}/attack_s", "f", 0.005, "Time that the level takes to rise (time constant).", 0, 5, "s", used_by=EVERY
        ),
        Row(
            f"{b}/release_s", "f", 0.15, "Time that the level takes to fall (time constant).", 0, 10, "s", used_by=EVERY
        ),
        Row(f"{w}/kind", "s", "random", "How the walk moves.", choices=WALK_KINDS),
        Row(
            f"{w}/max_step",
            "f",
            max_step,
            "How far the walk moves in 1/40 s at change 1; of a pulse: how far out at level 1.",
            0,
            50,
            "z",
        ),
        Row(f"{w}/gain", "f", 1.0, "Gain on the walk's steps.", 0, 8),
        Row(f"{w}/enabled", "b", True, "Let the walk move."),
        Row(f"{w}/seed", "i", 1 + BANDS.index(band), "Number that chooses the walk's path.", 0, INT32),
        Row(f"{w}/fall", "f", 0.0, "How much a falling sound moves the walk. 0: only rises do.", 0, 1, folded=True),
        Row(
            f"{w}/bars",
            "i",
            8,
            "Length of what a walk does by itself: tour, loop, pulse, drift. 0: one beat.",
            0,
            64,
            "bars",
            folded=True,
        ),
        Row(
            f"{w}/seeds",
            "s",
            "",
            "Seeds that a tour goes to, for example 3 17 42. Empty: random ones.",
            check=parse_seeds,
            folded=True,
        ),
        Row(
            f"{w}/direction",
            "s",
            "",
            "The model's direction along which the walk direction goes. Empty: one in z.",
            check=check_name,
            folded=True,
        ),
        Row(
            f"{w}/keyframes",
            "s",
            "",
            "File NAME.keys.toml of the presets folder that the walk keyframes keeps to.",
            check=check_file,
            folded=True,
        ),
        Row(
            f"/mix/{band}/layers",
            "s",
            layers,
            "Styles that the band's walk drives: coarse, middle, fine, or numbers.",
            check=check_layers,
        ),
    )


def bend_rows(slot: str) -> tuple[Row, ...]:
    """Return a bend's rows."""
    b = f"/bend/{slot}"
    return (
        Row(f"{b}/kind", "s", "none", "What the bend does to the feature maps.", choices=BEND_KINDS),
        Row(f"{b}/layers", "s", "4", "Which layers are bent, by the numbers of their styles.", check=check_layers),
        Row(f"{b}/share", "f", 1.0, "Share of each layer's feature maps that are bent.", 0, 1),
        Row(f"{b}/alpha", "f", 0.0, "Strength of the bend. 0: none.", -2, 2),
        Row(f"{b}/drive", "s", "none", "The band whose level adds to alpha.", choices=DRIVES),
        Row(f"{b}/amount", "f", 0.5, "How much the band adds to alpha at full level.", -2, 2),
    )
