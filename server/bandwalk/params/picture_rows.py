"""Rows of what happens to the finished picture: a part of the table in :mod:`bandwalk.params`."""

from bandwalk.params.row import Row

TRANSFORM_ROWS: tuple[Row, ...] = (
    Row("/transform/rotate", "f", 0.0, "Turn the picture anticlockwise.", -360, 360, "deg"),
    Row("/transform/x", "f", 0.0, "Move the picture to the right; 1 is one width.", -1, 1),
    Row("/transform/y", "f", 0.0, "Move the picture up; 1 is one height.", -1, 1),
    Row("/transform/zoom", "f", 1.0, "Enlarge the picture.", 0.25, 4),
)

COLOUR_ROWS: tuple[Row, ...] = (
    Row("/color/hue", "f", 0.0, "Turn all colours on the colour wheel: red to yellow to green.", -360, 360, "deg"),
    Row("/color/saturation", "f", 1.0, "Strength of the colours. 0: grey; 1: as drawn.", 0, 4),
    Row(
        "/color/contrast",
        "f",
        1.0,
        "Difference of bright and dark. 0: all grey; 1: as drawn.",
        0,
        4,
        exact="About 0.5.",
    ),
    Row("/color/brightness", "f", 0.0, "Make everything brighter. -1: black; 0: as drawn; 1: white.", -1, 1),
    Row(
        "/color/gamma",
        "f",
        1.0,
        "Make middle tones brighter (above 1) or darker; black and white stay.",
        0.2,
        5,
        exact="c ** (1 / gamma).",
    ),
    Row("/color/invert", "b", False, "Show the negative."),
    Row("/color/tint_hue", "f", 0.0, "Hue of the tint. 0: red; 120: green; 240: blue.", 0, 360, "deg"),
    Row("/color/tint_amount", "f", 0.0, "How much one hue replaces all colours. 0: none; 1: only that hue.", 0, 1),
    Row(
        "/feedback/amount",
        "f",
        0.0,
        "How long pictures stay as a trail. 0: no trail.",
        0,
        0.95,
        exact="Share that is left after 0.1 s.",
    ),
    Row(
        "/feedback/zoom",
        "f",
        1.0,
        "How fast the trail grows. 1: not at all; below 1: it shrinks.",
        0.25,
        4,
        exact="Factor on its size in a second.",
    ),
    Row(
        "/feedback/rotate", "f", 0.0, "How fast the trail turns, anticlockwise.", -360, 360, "deg", exact="In a second."
    ),
)
"""Colours, then the trail."""
