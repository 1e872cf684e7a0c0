"""THE table: every live parameter, every start-up setting and every command of bandwalk, one row each.

From a row, and from nowhere else, come: the OSC address with its clamp, the command-line flag with its help,
the preset key, the line in protocol.md, and a generated test. To add a parameter, add a row; what acts on it
reads it by its address.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bandwalk.errors import ParameterError
from bandwalk.params.clips import RENDER
from bandwalk.params.messages import COMMANDS
from bandwalk.params.row import INT32, Command, Row, Value
from bandwalk.params.strips import BEND_SLOTS, DRIVES, MIX_TABLES, band_rows, bend_rows
from bandwalk.records import BANDS
from bandwalk.units import (
    parse_channels,
    parse_direction,
    parse_host_port,
    parse_name,
    parse_origin,
    parse_size,
)

GROUPS = {
    "audio": "Sound",
    "band": "Bands",
    "walk": "Walks",
    "mix": "Style mixing",
    "style": "Style",
    "master": "Master",
    "transform": "Transform",
    "bend": "Bends",
    "direction": "Directions",
    "out": "Pictures",
}
"""Titles of the groups of live parameters, by the first part of their addresses."""

DEVICES = ("auto", "cpu", "cuda", "mps")

FEATURES = ("bands", "spectral16", "nsynth")
"""What may drive the walks: a band each, or a style each by one of 16 channels of a spectrum or of an encoder."""

FITS = ("crop", "fit", "mirror")

ROWS: tuple[Row, ...] = (
    Row("/audio/gain", "f", 1.0, "Gain on the sound before it is analysed.", 0, 100),
    Row("/audio/floor_db", "f", -72.0, "A band quieter than this counts as silent.", -120, 0, "dB"),
    Row("/audio/source", "s", "demo", "demo, live, live:computer, live:DEVICE, or a file of the music.", flag="SOURCE"),
    *(row for band in BANDS for row in band_rows(band)),
    Row("/style/psi", "f", 1.0, "Truncation. 0: always the average picture; 1: off.", 0, 1.5, flag="--psi"),
    Row("/style/noise", "f", 1.0, "Strength of the fine random texture. 0: off.", 0, 2),
    Row("/style/noise_drive", "s", "none", "The band that moves the noise; none: the noise is fixed.", choices=DRIVES),
    Row("/style/noise_rate", "f", 0.5, "How far the noise moves in 1/40 s at full change.", 0, 10, "rad"),
    Row("/style/seed", "i", 1, "Number that chooses the picture where all walks start.", 0, INT32, flag="--seed"),
    Row("/style/class", "i", 0, "The class that a conditional model draws.", 0, INT32),
    Row("/style/class_b", "i", 0, "A second class; class_mix blends it in.", 0, INT32),
    Row("/style/class_mix", "f", 0.0, "Share of the second class. 0: none; 1: only the second.", 0, 1),
    Row("/master/intensity", "f", 1.0, "How strongly the sound moves the picture. 0: not at all.", 0, 4),
    Row("/master/speed", "f", 1.0, "Speed of all walks and of the moving noise. 1: normal.", 0, 8),
    Row("/master/freeze", "b", False, "Freeze the picture."),
    Row("/master/blackout", "b", False, "Fade the picture to black."),
    Row("/master/fade", "f", 0.5, "How long the fade to black and back takes.", 0, 30, "s"),
    Row("/transform/rotate", "f", 0.0, "Turn the picture anticlockwise.", -360, 360, "deg"),
    Row("/transform/x", "f", 0.0, "Move the picture to the right; 1 is one width.", -1, 1),
    Row("/transform/y", "f", 0.0, "Move the picture up; 1 is one height.", -1, 1),
    Row("/transform/zoom", "f", 1.0, "Enlarge the picture.", 0.25, 4),
    *(row for slot in BEND_SLOTS for row in bend_rows(slot)),
    Row("/out/fps", "f", 30.0, "Frames per second.", 1, 240, "1/s", flag="--fps"),
    Row("/out/quality", "i", 85, "JPEG quality. Higher: better pictures, larger files.", 1, 100, flag="--quality"),
    Row("/out/chroma", "s", "420", "JPEG colour resolution: 420 (half) or 444 (full).", choices=("420", "444")),
    Row("/out/size", "s", "512", "Square side, or WIDTHxHEIGHT.", check=parse_size, flag="--size", unit="px"),
    Row("/out/fit", "s", "crop", "How a picture fits a screen of another shape.", choices=FITS, flag="--fit"),
    Row(
        "/out/delay_ms",
        "f",
        0.0,
        "Delay the pictures so that they meet the sound of the PA.",
        0,
        2000,
        "ms",
        flag="--delay-ms",
    ),
    Row("/out/idle", "b", False, "Draw nothing while no client receives frames.", flag="--idle"),
)
"""The live parameters."""

MODEL_ROWS: tuple[Row, ...] = (
    Row("/direction/{name}/alpha", "f", 0.0, "How far the picture moves along this direction.", -8, 8),
    Row("/direction/{name}/drive", "s", "none", "The band that moves the picture further along it.", choices=DRIVES),
    Row("/direction/{name}/amount", "f", 0.0, "How far the band moves it at full level.", -8, 8),
)
"""Live parameters that a model brings: each stands for one row a name of the model's own, and has no flag."""

WALKS: Mapping[str, Mapping[str, str]] = {"none": {}, "rgb": {"red": "low", "green": "mid", "blue": "high"}}
"""Sets of learned walks, each walk with the band that drives it."""

WALK_AMOUNT = 1.0
"""How far a walk of a set goes at its band's full level."""

NAME = re.compile(r"[a-z0-9_-]{1,32}")
"""What a model's names look like, so that they can stand in an address and in a file."""


SETTINGS: tuple[Row, ...] = (
    Row("model", "s", "builtin", "The model that draws: builtin, or a model file."),
    Row("device", "s", "auto", "Where the generator runs; mps: Apple's GPU.", choices=DEVICES),
    Row(
        "engine",
        "s",
        "torch",
        "What draws model files: torch, torch compiled beside the show, or OpenVINO.",
        choices=("torch", "compile", "openvino"),
    ),
    Row("exact", "b", False, "Draw by the plain float32 reference, no shortcuts."),
    Row("threads", "i", 0, "Threads that draw. 0: choose the fastest automatically.", 0, 256),
    Row(
        "mix",
        "s",
        "page",
        "Default layers: those of the published page or of the published code.",
        choices=("page", "code"),
    ),
    Row(
        "direction",
        "l",
        (),
        "Set a direction: where it starts and which band drives it; repeatable.",
        check=parse_direction,
        unit="NAME=ALPHA[:BAND:AMOUNT]",
    ),
    Row("like", "s", "", "Whole model of the same shapes, from which a state dict takes the settings it lacks."),
    Row("w", "s", "", "Projected or edited w of the model (.npz, .npy, .pt): where its walks begin."),
    Row("directions", "s", "", "File of directions to use instead of the model's own."),
    Row(
        "walks",
        "s",
        "none",
        "Learned walks instead of random ones. rgb: low, mid, high drive red, green, blue.",
        choices=tuple(WALKS),
    ),
    Row("preset", "s", "", "Preset to start with: a name in the presets folder, or a file."),
    Row(
        "features",
        "s",
        "bands",
        "What drives the walks: three bands, or 16 features, one for each style.",
        choices=FEATURES,
    ),
    Row("nsynth", "s", "", "NSynth's encoder, for --features nsynth: a file of convert's, or Magenta's checkpoint."),
    Row("channels", "s", "", "Channels to listen to, for example 3-4. Empty: all.", check=parse_channels),
    Row("monitor", "b", False, "Play the sound through the sound card too."),
    Row("loop", "b", False, "Start a file again when it ends."),
    Row("duration", "f", 0.0, "Stop after this time. 0: never.", 0, 10**7, "s"),
    Row("step_rate", "f", 100.0, "Analysis steps a second.", 25, 400, "1/s"),
    Row("bind", "s", "127.0.0.1", "Network address to open the ports on."),
    Row("port_base", "i", 9000, "First of the ports: OSC in, features out, frames, HTTP.", 1, 65532),
    Row(
        "osc_to",
        "l",
        (),
        "Send features here instead of 127.0.0.1:9001; repeatable.",
        check=parse_host_port,
        unit="HOST:PORT",
    ),
    Row(
        "osc_allow",
        "l",
        (),
        "Address or network beyond loopback that may subscribe; may be given again.",
        unit="IP[/BITS]",
    ),
    Row("osc_map", "l", (), "Send a feature to another program's own address; repeatable.", unit="ROUTE"),
    Row("osc_map_file", "s", "", "File of such routes, one on each line."),
    Row("osc_map_rate", "f", 0.0, "Maximum messages per second on a route. 0: one each analysis step.", 0, 400, "1/s"),
    Row(
        "allow_origin",
        "l",
        (),
        "Web page from elsewhere that may steer, e.g. http://desk.local:8080, or null; repeatable.",
        check=parse_origin,
        unit="ORIGIN",
    ),
    Row(
        "host",
        "l",
        (),
        "Another name of this machine that browsers may use, e.g. box.lan; repeatable.",
        check=parse_name,
        unit="NAME",
    ),
    Row(
        "token_file",
        "s",
        "",
        "File with the token that panel, WebSockets and /metrics ask for; BANDWALK_TOKEN if empty.",
        unit="FILE",
    ),
    Row("max_subscribers", "i", 16, "Maximum number of OSC subscribers.", 0, 256),
    Row("encoder", "s", "auto", "JPEG encoder.", choices=("auto", "turbojpeg", "simplejpeg")),
    Row("models", "s", "", "Folder of models. Empty: the user's data folder."),
    Row("presets", "s", "", "Folder of presets. Empty: the user's data folder."),
    Row("music", "s", "", "Folder of music. Empty: the user's music folder."),
)
"""Start-up settings: fixed while the server runs, so they have a flag and no OSC address."""

SHOWN_LIVE = {"/audio/source", "/out/quality", "/out/chroma", "/out/delay_ms", "/out/idle"}
"""Live parameters that a clip has no use for."""

_OFFLINE = {
    *("model", "device", "exact", "threads", "like", "w", "direction", "directions", "walks"),
    *("mix", "preset", "presets", "channels", "step_rate", "features", "nsynth"),
}

RENDERED: tuple[Row, ...] = (
    *(row for row in ROWS if row.address not in SHOWN_LIVE),
    *(row for row in SETTINGS if row.address in _OFFLINE),
    *RENDER,
)
"""All rows that shape a clip: the flags of ``render``."""

_HEARD = {"preset", "presets", "channels", "step_rate", "method", "bpm", "features", "nsynth", "device"}

ANALYZED = tuple(row for row in RENDERED if row.address in _HEARD or row.address.startswith(("/audio/", "/band/")))
"""Those that shape what is heard: the flags of ``analyze``."""


BY_ADDRESS: dict[str, Row] = {row.address: row for row in (*ROWS, *SETTINGS, *RENDER)}
LIVE: dict[str, Row] = {row.address: row for row in ROWS}
_TEMPLATES: dict[str, Row] = {row.address: row for row in MODEL_ROWS}
COMMANDS_BY_ADDRESS: dict[str, Command] = {command.address: command for command in COMMANDS}


def defaults(mix: str = "page") -> dict[str, Value]:
    """Return the value of every live parameter at the start, by address."""
    return {row.address: row.default for row in ROWS} | dict(MIX_TABLES[mix])


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


def fields_of(prefix: str, values: Mapping[str, Any], record: Any) -> Any:
    """Return a record whose fields are the values under an address prefix: plain values for a stage."""
    return record(**{name: values[f"{prefix}/{name}"] for name in record.__dataclass_fields__})
