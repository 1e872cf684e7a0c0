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
from bandwalk.params.picture_rows import COLOUR_ROWS, TRANSFORM_ROWS
from bandwalk.params.routes import ROUTE_SLOTS, route_rows
from bandwalk.params.row import EVERY, INT32, SHOWS, Command, Row, Value, setup
from bandwalk.params.scene_rows import SCENE_ROWS
from bandwalk.params.setting_rows import SETTINGS
from bandwalk.params.song_rows import SONG_ROWS
from bandwalk.params.strips import BEND_SLOTS, DRIVES, MIX_TABLES, NAME, band_rows, bend_rows
from bandwalk.records import BANDS
from bandwalk.units import (
    parse_size,
)

GROUPS = {
    "audio": "Sound",
    "transport": "Song",
    "loop": "Loop",
    "cue": "Cue points",
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
    "schedule": "Timetable",
    "safe": "Safety",
    "out": "Pictures",
}
"""Titles of the groups of live parameters, by the first part of their addresses."""

FITS = ("crop", "fit", "mirror", "native", "auto")

_INTENSITY = "Factor on every signal of the sound; the product stays within -1..1."


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
    setup(
        "/audio/gain",
        "f",
        1.0,
        "Make the sound louder before it is heard.",
        0,
        100,
        used_by=EVERY,
        exact="Factor on the samples.",
    ),
    setup("/audio/floor_db", "f", -72.0, "A band quieter than this counts as silent.", -120, 0, "dB", used_by=EVERY),
    setup(
        "/audio/source",
        "s",
        "demo",
        "demo, live, live:computer, live:DEVICE, songs, or a file, a folder or a list in the music folder.",
        flag="SOURCE",
        used_by=SHOWS,
        routable=False,
    ),
    *SONG_ROWS,
    *(row for band in BANDS for row in band_rows(band)),
    *CLOCK_ROWS,
    setup("/beat/lowest", "f", 70.0, "Slowest tempo that is heard.", 40, 150, "bpm", used_by=EVERY, routable=False),
    setup("/beat/highest", "f", 180.0, "Fastest tempo that is heard.", 80, 240, "bpm", used_by=EVERY, routable=False),
    setup("/beat/beats_per_bar", "i", 4, "Beats in a bar.", 1, 12, used_by=EVERY, routable=False),
    Row(
        "/style/psi",
        "f",
        1.0,
        "How different the pictures may be. 0: always the average one; 1: as the model learned.",
        0,
        1.5,
        flag="--psi",
        exact="Truncation: w = mean + psi · (w - mean).",
    ),
    Row(
        "/style/noise",
        "f",
        1.0,
        "Strength of the fine random texture. 0: off.",
        0,
        2,
        exact="Factor on the synthesis noise.",
    ),
    Row("/style/noise_drive", "s", "none", "The band that moves the texture. none: it stands still.", choices=DRIVES),
    Row(
        "/style/noise_rate",
        "f",
        0.5,
        "How far one hit moves the texture.",
        0,
        10,
        "rad",
        exact="Angle in 1/40 s at change 1.",
    ),
    Row("/style/seed", "i", 1, "Number that chooses the picture where all walks start.", 0, INT32, flag="--seed"),
    Row(
        "/style/name",
        "s",
        "",
        "A saved style, where the walks begin. Empty: at the seed.",
        flag="--style",
        routable=False,
    ),
    Row("/style/class", "i", 0, "What a model with several classes draws.", 0, INT32),
    Row("/style/class_b", "i", 0, "A second class, which class mix blends in.", 0, INT32),
    Row("/style/class_mix", "f", 0.0, "Share of the second class. 0: none; 1: only the second.", 0, 1),
    Row(
        "/master/intensity",
        "f",
        1.0,
        "How strongly the sound moves the picture. 0: not at all.",
        0,
        4,
        exact=_INTENSITY,
    ),
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
    *TRANSFORM_ROWS,
    *(row for slot in BEND_SLOTS for row in bend_rows(slot)),
    *COLOUR_ROWS,
    *SCENE_ROWS,
    setup(
        "/safe/flashes", "b", True, "Hold back more than three flashes a second.", routable=False, exact="WCAG 2.3.1."
    ),
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
        "Sharpness of colours in the JPEG: 420 (half) or 444 (full).",
        choices=("420", "444"),
        used_by=SHOWS,
    ),
    setup(
        "/out/size",
        "s",
        "512",
        "Size of the pictures: the side of a square, or WIDTHxHEIGHT.",
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
    Row(
        "/direction/{name}/alpha",
        "f",
        0.0,
        "How far the picture moves along this direction.",
        -8,
        8,
        exact="w + alpha · direction.",
    ),
    Row("/direction/{name}/drive", "s", "none", "The band that moves it. none: only the hand does.", choices=DRIVES),
    Row("/direction/{name}/amount", "f", 0.0, "How far the band moves it.", -8, 8, exact="Added to alpha at level 1."),
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
