"""THE table: every live parameter, every start-up setting and every command of bandwalk, one row each.

From a row, and from nowhere else, come: the OSC address with its clamp, the command-line flag with its help,
the preset key, the line in protocol.md, and a generated test. To add a parameter, add a row; what acts on it
reads it by its address.
"""

from collections.abc import Iterable
from dataclasses import replace

from bandwalk.errors import ParameterError
from bandwalk.params.clips import RENDER
from bandwalk.params.clock_rows import CLOCK_ROWS
from bandwalk.params.commands import COMMANDS
from bandwalk.params.movers import parse_mover
from bandwalk.params.routes import ROUTE_SLOTS, route_rows
from bandwalk.params.row import EVERY, INT32, SHOWS, Command, Row, Value, setup
from bandwalk.params.scene_rows import SCENE_ROWS
from bandwalk.params.setting_rows import SETTINGS
from bandwalk.params.strips import BEND_SLOTS, DRIVES, MIX_TABLES, NAME, band_rows, bend_rows
from bandwalk.records import BANDS
from bandwalk.units import (
    parse_size,
)

GROUPS = {
    "audio": "Sound",
    "band": "Bands",
    "beat": "Beat",
    "walk": "Walks",
    "mix": "Style mixing",
    "style": "Style",
    "master": "Master",
    "model": "Model",
    "transform": "Transform",
    "bend": "Bends",
    "direction": "Directions",
    "route": "Routes",
    "color": "Colour",
    "feedback": "Feedback",
    "scene": "Scenes",
    "auto": "Autopilot",
    "safe": "Safety",
    "out": "Pictures",
}
"""Titles of the groups of live parameters, by the first part of their addresses."""

FITS = ("crop", "fit", "mirror", "native", "auto")


def parse_target(text: str) -> Row | Command | None:
    """Return the row or the command that a route names; None for an empty text.

    Raises:
        ParameterError: there is none, or a route may not move it.
    """
    if not text:
        return None
    target = COMMANDS_BY_ADDRESS.get(text) or find_row(text)
    if target.address.startswith("/route/"):
        raise ParameterError(f"{text}: a route cannot move a route, expected another parameter")
    if not target.routable:
        raise ParameterError(f"{text}: no route may move it, expected another parameter or a command as /walk/low/bump")
    if isinstance(target, Row) and target.type == "s" and not target.choices:
        raise ParameterError(f"{text}: a text, expected a number, a switch or a choice")
    return target


ROWS: tuple[Row, ...] = (
    setup("/audio/gain", "f", 1.0, "Gain on the sound before it is analysed.", 0, 100, used_by=EVERY),
    setup("/audio/floor_db", "f", -72.0, "A band quieter than this counts as silent.", -120, 0, "dB", used_by=EVERY),
    setup(
        "/audio/source",
        "s",
        "demo",
        "demo, live, live:computer, live:DEVICE, or a file in the music folder.",
        flag="SOURCE",
        used_by=SHOWS,
        routable=False,
    ),
    *(row for band in BANDS for row in band_rows(band)),
    *CLOCK_ROWS,
    setup("/beat/lowest", "f", 70.0, "Slowest tempo that is heard.", 40, 150, "bpm", used_by=EVERY, routable=False),
    setup("/beat/highest", "f", 180.0, "Fastest tempo that is heard.", 80, 240, "bpm", used_by=EVERY, routable=False),
    setup("/beat/beats_per_bar", "i", 4, "Beats in a bar.", 1, 12, used_by=EVERY, routable=False),
    Row("/style/psi", "f", 1.0, "Truncation. 0: always the average picture; 1: off.", 0, 1.5, flag="--psi"),
    Row("/style/noise", "f", 1.0, "Strength of the fine random texture. 0: off.", 0, 2),
    Row("/style/noise_drive", "s", "none", "The band that moves the noise; none: the noise is fixed.", choices=DRIVES),
    Row("/style/noise_rate", "f", 0.5, "How far the noise moves in 1/40 s at change 1.", 0, 10, "rad"),
    Row("/style/seed", "i", 1, "Number that chooses the picture where all walks start.", 0, INT32, flag="--seed"),
    Row(
        "/style/name",
        "s",
        "",
        "A saved style, where the walks begin. Empty: at the seed.",
        flag="--style",
        routable=False,
    ),
    Row("/style/class", "i", 0, "The class that a conditional model draws.", 0, INT32),
    Row("/style/class_b", "i", 0, "A second class, blended in by class mix.", 0, INT32),
    Row("/style/class_mix", "f", 0.0, "Share of the second class. 0: none; 1: only the second.", 0, 1),
    Row("/master/intensity", "f", 1.0, "How strongly the sound moves the picture. 0: not at all.", 0, 4),
    Row("/master/speed", "f", 1.0, "Speed of all walks and of the moving noise. 1: normal.", 0, 8),
    setup("/master/freeze", "b", False, "Freeze the picture."),
    setup("/master/blackout", "b", False, "Fade the picture to black.", routable=False),
    setup("/master/fade", "f", 0.5, "How long the fade to black and back takes.", 0, 30, "s"),
    setup(
        "/model/fade",
        "f",
        0.5,
        "How long one model's pictures take to become the next one's.",
        0,
        30,
        "s",
        used_by=SHOWS,
        routable=False,
    ),
    Row("/transform/rotate", "f", 0.0, "Turn the picture anticlockwise.", -360, 360, "deg"),
    Row("/transform/x", "f", 0.0, "Move the picture to the right; 1 is one width.", -1, 1),
    Row("/transform/y", "f", 0.0, "Move the picture up; 1 is one height.", -1, 1),
    Row("/transform/zoom", "f", 1.0, "Enlarge the picture.", 0.25, 4),
    *(row for slot in BEND_SLOTS for row in bend_rows(slot)),
    Row("/color/hue", "f", 0.0, "Turn all colours on the colour wheel: red to yellow to green.", -360, 360, "deg"),
    Row("/color/saturation", "f", 1.0, "Strength of the colours. 0: grey; 1: as drawn.", 0, 4),
    Row("/color/contrast", "f", 1.0, "Contrast about middle grey. 0: all grey; 1: as drawn.", 0, 4),
    Row("/color/brightness", "f", 0.0, "Make everything brighter. -1: black; 0: as drawn; 1: white.", -1, 1),
    Row("/color/gamma", "f", 1.0, "Make middle tones brighter (above 1) or darker; black and white stay.", 0.2, 5),
    Row("/color/invert", "b", False, "Show the negative."),
    Row("/color/tint_hue", "f", 0.0, "Hue of the tint. 0: red; 120: green; 240: blue.", 0, 360, "deg"),
    Row("/color/tint_amount", "f", 0.0, "How much one hue replaces all colours. 0: none; 1: only that hue.", 0, 1),
    Row("/feedback/amount", "f", 0.0, "Share of the trail that is left after 0.1 s. 0: no trail.", 0, 0.95),
    Row("/feedback/zoom", "f", 1.0, "How many times as large the trail grows in a second.", 0.25, 4),
    Row("/feedback/rotate", "f", 0.0, "Turn the trail anticlockwise by so much a second.", -360, 360, "deg"),
    *SCENE_ROWS,
    setup("/safe/flashes", "b", True, "Hold back more than three flashes a second (WCAG 2.3.1).", routable=False),
    setup("/out/fps", "f", 30.0, "Frames per second.", 1, 240, "1/s", flag="--fps"),
    setup(
        "/out/quality",
        "i",
        85,
        "JPEG quality. Higher: better pictures, larger files.",
        1,
        100,
        flag="--quality",
        used_by=SHOWS,
    ),
    setup(
        "/out/chroma",
        "s",
        "420",
        "JPEG colour resolution: 420 (half) or 444 (full).",
        choices=("420", "444"),
        used_by=SHOWS,
    ),
    setup(
        "/out/size",
        "s",
        "512",
        "Side of a square, or WIDTHxHEIGHT.",
        check=parse_size,
        flag="--size",
        unit="px",
        routable=False,
    ),
    setup(
        "/out/fit",
        "s",
        "auto",
        "How a picture fits a screen of another shape. native: it is drawn in that shape; auto: by models that can.",
        choices=FITS,
        flag="--fit",
    ),
    setup(
        "/out/scale",
        "f",
        0.0,
        "Share of the size that is drawn, from 0.25 on; the picture is enlarged. 0: what holds the frame rate.",
        0,
        1,
        flag="--scale",
        routable=False,
    ),
    setup(
        "/out/delay_ms",
        "f",
        0.0,
        "Delay the pictures so that they match the sound of the PA.",
        0,
        2000,
        "ms",
        flag="--delay-ms",
        used_by=SHOWS,
    ),
    setup("/out/idle", "b", False, "Draw nothing while no client receives frames.", flag="--idle", used_by=SHOWS),
    *(row for slot in ROUTE_SLOTS for row in route_rows(slot, parse_mover, parse_target)),
)
"""The live parameters."""

MODEL_ROWS: tuple[Row, ...] = (
    Row("/direction/{name}/alpha", "f", 0.0, "How far the picture moves along this direction.", -8, 8),
    Row("/direction/{name}/drive", "s", "none", "The band whose level adds to alpha.", choices=DRIVES),
    Row("/direction/{name}/amount", "f", 0.0, "How much the band adds to alpha at full level.", -8, 8),
)
"""Live parameters that a model brings: each stands for one row a name of the model's own, and has no flag."""

BY_ADDRESS: dict[str, Row] = {row.address: row for row in (*ROWS, *SETTINGS, *RENDER)}
LIVE: dict[str, Row] = {row.address: row for row in ROWS}
_TEMPLATES: dict[str, Row] = {row.address: row for row in MODEL_ROWS}
COMMANDS_BY_ADDRESS: dict[str, Command] = {command.address: command for command in COMMANDS}


def rows_used_by(command: str) -> tuple[Row, ...]:
    """Return the rows that a command has flags for: "serve", "render" or "analyze"."""
    return tuple(row for row in BY_ADDRESS.values() if command in row.used_by)


def defaults() -> dict[str, Value]:
    """Return the value of every live parameter at the start, by address."""
    return {row.address: row.default for row in ROWS} | dict(MIX_TABLES["page"])


def rows_of(names: Iterable[str]) -> tuple[Row, ...]:
    """Return the rows that a model with these directions brings, name by name."""
    return tuple(replace(row, address=row.address.format(name=name)) for name in names for row in MODEL_ROWS)


def find_row(address: str) -> Row:
    """Return the row of a live parameter, whether the present model brings it or not.

    Raises:
        ParameterError: no live parameter has this address.
    """
    row = BY_ADDRESS.get(address)
    if row is not None and row.live:
        return row
    group, _, last = address.rpartition("/")
    group, _, name = group.rpartition("/")
    row = _TEMPLATES.get(f"{group}/{{name}}/{last}")
    if row is None or not NAME.fullmatch(name):
        raise ParameterError(f"{address[:80]}: unknown, expected an address of the table")
    return replace(row, address=address)


def missing(address: str) -> ParameterError:
    """Return the error that says why there is no live parameter of this address just now."""
    try:
        find_row(address)
    except ParameterError as e:
        return e
    group = address.split("/")[1]
    return ParameterError(f"{address}: the model has no such {group}, expected one of /{group}/list")
