"""THE table: every live parameter, every start-up setting and every command of bandwalk, one row each.

From a row, and from nowhere else, come: the OSC address with its clamp, the command-line flag with its help,
the preset key, the line in protocol.md, and a generated test. To add a parameter, add a row; what acts on it
reads it by its address.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bandwalk.clips import RENDER
from bandwalk.errors import ParameterError
from bandwalk.records import BANDS, THIRDS_HZ
from bandwalk.row import INT32, Command, Row, Value
from bandwalk.strips import BEND_SLOTS, DRIVES, MIX_TABLES, band_rows, bend_rows
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
    Row("/audio/gain", "f", 1.0, "Factor on the sound before analysis.", 0, 100),
    Row("/audio/floor_db", "f", -72.0, "RMS under which a band is silent.", -120, 0, "dB"),
    Row("/audio/source", "s", "demo", "demo, live, live:computer, live:DEVICE, or a file of the music.", flag="SOURCE"),
    *(row for band in BANDS for row in band_rows(band)),
    Row("/style/psi", "f", 1.0, "Truncation: 0 is the average picture, 1 is off.", 0, 1.5, flag="--psi"),
    Row("/style/noise", "f", 1.0, "Strength of the synthesis noise; 0: off.", 0, 2),
    Row("/style/noise_drive", "s", "none", "Band whose rises let the noise drift; none: it is fixed.", choices=DRIVES),
    Row("/style/noise_rate", "f", 0.5, "How far it drifts per 1/40 s at full change.", 0, 10, "rad"),
    Row("/style/seed", "i", 1, "Seed of the z that all walks start from.", 0, INT32, flag="--seed"),
    Row("/style/class", "i", 0, "Class that a conditional model draws.", 0, INT32),
    Row("/style/class_b", "i", 0, "A second class, mixed in by class_mix.", 0, INT32),
    Row("/style/class_mix", "f", 0.0, "How much of the second class: 0 none, 1 only it.", 0, 1),
    Row("/master/intensity", "f", 1.0, "Factor on the sound's hold on the picture.", 0, 4),
    Row("/master/speed", "f", 1.0, "Factor on the speed of all walks and of the noise's drift.", 0, 8),
    Row("/master/freeze", "b", False, "The picture rests."),
    Row("/master/blackout", "b", False, "The picture is black."),
    Row("/master/fade", "f", 0.5, "Seconds that blackout takes to black and back.", 0, 30, "s"),
    Row("/transform/rotate", "f", 0.0, "Turns the picture, anticlockwise.", -360, 360, "deg"),
    Row("/transform/x", "f", 0.0, "Moves the picture to the right, in widths.", -1, 1),
    Row("/transform/y", "f", 0.0, "Moves the picture up, in heights.", -1, 1),
    Row("/transform/zoom", "f", 1.0, "Enlarges the picture.", 0.25, 4),
    *(row for slot in BEND_SLOTS for row in bend_rows(slot)),
    Row("/out/fps", "f", 30.0, "Frames a second.", 1, 240, "1/s", flag="--fps"),
    Row("/out/quality", "i", 85, "JPEG quality.", 1, 100, flag="--quality"),
    Row("/out/chroma", "s", "420", "JPEG chroma: 4:2:0 or 4:4:4.", choices=("420", "444")),
    Row("/out/size", "s", "512", "Square side, or WIDTHxHEIGHT.", check=parse_size, flag="--size", unit="px"),
    Row("/out/fit", "s", "crop", "How a square picture fills another shape.", choices=FITS, flag="--fit"),
    Row("/out/delay_ms", "f", 0.0, "Holds pictures back until the sound is heard.", 0, 2000, "ms", flag="--delay-ms"),
    Row("/out/idle", "b", False, "Draw nothing while nobody watches.", flag="--idle"),
)
"""The live parameters."""

MODEL_ROWS: tuple[Row, ...] = (
    Row("/direction/{name}/alpha", "f", 0.0, "How far the picture goes along this direction.", -8, 8),
    Row("/direction/{name}/drive", "s", "none", "Band that moves it further.", choices=DRIVES),
    Row("/direction/{name}/amount", "f", 0.0, "How far at the band's full level.", -8, 8),
)
"""Live parameters that a model brings: each stands for one row a name of the model's own, and has no flag."""

WALKS: Mapping[str, Mapping[str, str]] = {"none": {}, "rgb": {"red": "low", "green": "mid", "blue": "high"}}
"""Sets of learned walks, each walk with the band that drives it."""

WALK_AMOUNT = 1.0
"""How far a walk of a set goes at its band's full level."""

NAME = re.compile(r"[a-z0-9_-]{1,32}")
"""What a model's names look like, so that they can stand in an address and in a file."""


def _signal_rows(band: str) -> tuple[Row, ...]:
    f = f"/feature/{band}"
    return (
        Row(f"{f}/level", "f", 0.0, "How loud the band is against its recent loudest.", 0, 1),
        Row(f"{f}/change", "f", 0.0, "How fast it rises or falls against its recent fastest.", -1, 1),
        Row(f"{f}/onset", "i", 0, "1 in the step in which a hit was found.", 0, 1),
        Row(f"{f}/rms", "f", 0.0, "RMS of the band under a Hann window of 60 ms, linear, unscaled.", 0),
    )


SIGNALS: tuple[Row, ...] = (
    *(row for band in BANDS for row in _signal_rows(band)),
    Row("/feature/rms", "f", 0.0, "RMS of the whole sound.", 0),
    Row("/feature/time", "f", 0.0, "Audio time of the step since the server began to hear.", 0, unit="s"),
    Row("/frame/seq", "i", 0, "Number of the frame.", 0, INT32),
    Row("/frame/age_ms", "f", 0.0, "Age of the newest sound in it when it was published.", 0, unit="ms"),
    Row("/audio/level_db", "f", -120.0, "Highest peak of the input's channels in the last 0.4 s.", -120, 40, "dB"),
    Row("/audio/health", "s", "", "What is wrong with the sound that arrives, in words; empty: nothing."),
    *(Row(f"/spectrum/{hz:g}", "f", 0.0, f"Third-octave at {hz:g} Hz: 0 at -72 dB, 1 full.", 0, 1) for hz in THIRDS_HZ),
)
"""What bandwalk tells: features, each analysis step; frames; and, to WebSockets only, the input and the spectrum."""

SETTINGS: tuple[Row, ...] = (
    Row("model", "s", "builtin", "The generator: builtin, or a model file."),
    Row("device", "s", "auto", "Where the generator runs; mps: Apple's GPU.", choices=DEVICES),
    Row(
        "engine",
        "s",
        "torch",
        "What draws model files: torch, torch compiled beside the show, or OpenVINO.",
        choices=("torch", "compile", "openvino"),
    ),
    Row("exact", "b", False, "Draw by the plain float32 reference, no shortcuts."),
    Row("threads", "i", 0, "Threads that draw; 0: what is soonest here.", 0, 256),
    Row("mix", "s", "page", "Default layers: the published page's, or the published code's.", choices=("page", "code")),
    Row(
        "direction",
        "l",
        (),
        "Where a direction of the model starts, and what drives it; may be given again.",
        check=parse_direction,
        unit="NAME=ALPHA[:BAND:AMOUNT]",
    ),
    Row("like", "s", "", "Whole model of the same shapes, from which a state dict takes the settings it lacks."),
    Row("w", "s", "", "Projected or edited w of the model (.npz, .npy, .pt): where its walks begin."),
    Row("directions", "s", "", "File of directions for the model, instead of the one beside it."),
    Row(
        "walks",
        "s",
        "none",
        "Learned walks that low, mid, high drive instead: rgb: red, green, blue.",
        choices=tuple(WALKS),
    ),
    Row("preset", "s", "", "Preset to start with: a name in the presets folder, or a file."),
    Row("features", "s", "bands", "What drives the walks: bands, or 16 channels, a style each.", choices=FEATURES),
    Row("nsynth", "s", "", "NSynth's encoder, for --features nsynth: a file of convert's, or Magenta's checkpoint."),
    Row("channels", "s", "", "Channels that are heard, e.g. 3-4; all of them if empty.", check=parse_channels),
    Row("monitor", "b", False, "Play the sound through the sound card too."),
    Row("loop", "b", False, "Begin a file again when it ends."),
    Row("duration", "f", 0.0, "End by itself after this time; 0: never.", 0, 10**7, "s"),
    Row("step_rate", "f", 100.0, "Analysis steps a second.", 25, 400, "1/s"),
    Row("bind", "s", "127.0.0.1", "Address that the ports are opened on."),
    Row("port_base", "i", 9000, "First of the ports: OSC in, features out, frames, HTTP.", 1, 65532),
    Row(
        "osc_to",
        "l",
        (),
        "Gets features, instead of the second port on this machine; may be given again.",
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
    Row("osc_map", "l", (), "Sends a feature to another program's own address; may be given again.", unit="ROUTE"),
    Row("osc_map_file", "s", "", "File of such routes, one a line."),
    Row("osc_map_rate", "f", 0.0, "Most messages a second along a route; 0: one each step.", 0, 400, "1/s"),
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
    Row("max_subscribers", "i", 16, "Most OSC subscribers at a time.", 0, 256),
    Row("encoder", "s", "auto", "JPEG encoder.", choices=("auto", "turbojpeg", "simplejpeg")),
    Row("models", "s", "", "Folder of models; the user's data folder if empty."),
    Row("presets", "s", "", "Folder of presets; the user's data folder if empty."),
    Row("music", "s", "", "Folder of music; the user's music folder if empty."),
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


COMMANDS: tuple[Command, ...] = (
    Command("/transport/play", "", "Lets the file play on."),
    Command("/transport/pause", "", "Holds the file; silence is heard."),
    Command("/transport/seek", "f", "Goes to this second of the file."),
    *(Command(f"/walk/{band}/reset", "", "Back to the start, the directions from their seed again.") for band in BANDS),
    *(Command(f"/walk/{band}/bump", "", "A push by hand: as far as full change moves in 1/40 s.") for band in BANDS),
    Command("/model/load", "s", "Draws with another model: builtin, or a name in the models folder."),
    Command("/model/list", "", "Names the models.", "/model/name s, once each"),
    Command("/direction/list", "", "Names the directions of the model.", "/direction/name s, once each"),
    Command("/preset/save", "s", "Writes all live parameters to a preset in the presets folder."),
    Command("/preset/list", "", "Names the presets.", "/preset/name s, once each"),
    Command("/preset/recall", "s[f]", "Recalls a preset, numbers gliding over these seconds."),
    Command(
        "/subscribe",
        "[ifi]",
        "Sends state, features and changes to this port of the sender for 10 s, or to its own; most a second; "
        "seconds in which the state comes round again.",
    ),
    Command("/unsubscribe", "[i]", "Ends the subscription."),
    Command("/ping", "i", "Tells that the server is there.", "/pong i, the same number"),
    Command("/stats", "", "Asks how the server does.", "/stats/* (below)"),
)

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
