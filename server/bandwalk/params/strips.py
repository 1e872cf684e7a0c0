"""Rows that repeat, like the strips of a mixing desk: one set for each band, one for each bend.

A part of the table in :mod:`bandwalk.params`.
"""

import re

from bandwalk.errors import ParameterError
from bandwalk.params.row import EVERY, INT32, TIME_CONSTANT, Row
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
        Row(
            f"{b}/f_lo",
            "f",
            f_lo,
            "The band hears from here on. 0: from the lowest tones.",
            0,
            20000,
            "Hz",
            used_by=EVERY,
        ),
        Row(
            f"{b}/f_hi",
            "f",
            f_hi,
            "The band hears up to here; it stays above the lower edge.",
            20,
            20000,
            "Hz",
            used_by=EVERY,
        ),
        Row(
            f"{b}/gain",
            "f",
            1.0,
            "How strongly the band reacts.",
            0,
            8,
            used_by=EVERY,
            exact="Factor on level and change.",
        ),
        Row(
            f"{b}/attack_s",
            "f",
            0.005,
            "How long the level takes to rise. Longer: softer.",
            0,
            5,
            "s",
            used_by=EVERY,
            exact=TIME_CONSTANT,
        ),
        Row(
            f"{b}/release_s",
            "f",
            0.15,
            "How long the level takes to fall. Longer: it lingers.",
            0,
            10,
            "s",
            used_by=EVERY,
            exact=TIME_CONSTANT,
        ),
        Row(f"{w}/kind", "s", "random", "How the band moves the picture.", choices=WALK_KINDS),
        Row(
            f"{w}/max_step",
            "f",
            max_step,
            "How far one hit moves the picture.",
            0,
            50,
            "z",
            exact="Distance in z in 1/40 s at change 1; of a pulse: how far out at level 1.",
        ),
        Row(f"{w}/gain", "f", 1.0, "How strongly the band moves the picture.", 0, 8, exact="Factor on max_step."),
        Row(f"{w}/enabled", "b", True, "Let the band move the picture."),
        Row(f"{w}/seed", "i", 1 + BANDS.index(band), "Number that chooses the way that the walk takes.", 0, INT32),
        Row(
            f"{w}/fall",
            "f",
            0.0,
            "How much a falling sound moves the picture. 0: only rises do.",
            0,
            1,
            folded=True,
            exact="Factor on a change below 0.",
        ),
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
            "Direction of the model along which the walk goes, if its movement is direction. Empty: a random one.",
            check=check_name,
            folded=True,
        ),
        Row(
            f"{w}/keyframes",
            "s",
            "",
            "Keyframes that the walk keeps to, if its movement is keyframes: a name in the presets folder.",
            check=check_file,
            folded=True,
            exact="The file is NAME.keys.toml.",
        ),
        Row(
            f"/mix/{band}/layers",
            "s",
            layers,
            "What the band moves: coarse (shapes), middle, fine (colours), or numbers.",
            check=check_layers,
            exact="Numbers of styles, the first is 0: 0-2, 6- or 0,2,4-6.",
        ),
    )


def bend_rows(slot: str) -> tuple[Row, ...]:
    """Return a bend's rows."""
    b = f"/bend/{slot}"
    return (
        Row(
            f"{b}/kind",
            "s",
            "none",
            "What the bend does inside the model, while the picture is made.",
            choices=BEND_KINDS,
        ),
        Row(f"{b}/layers", "s", "4", "Where it bends: low numbers bend shapes, high ones details.", check=check_layers),
        Row(
            f"{b}/share",
            "f",
            1.0,
            "How much of the picture's making it bends.",
            0,
            1,
            exact="Share of each layer's feature maps.",
        ),
        Row(
            f"{b}/alpha",
            "f",
            0.0,
            "Strength of the bend. 0: none.",
            -2,
            2,
            exact="1: scale doubles, rotate makes a quarter turn, a shift moves one width, dilate grows by 1/16.",
        ),
        Row(f"{b}/drive", "s", "none", "The band that moves it. none: only the hand does.", choices=DRIVES),
        Row(f"{b}/amount", "f", 0.5, "How far the band moves it.", -2, 2, exact="Added to alpha at level 1."),
    )
