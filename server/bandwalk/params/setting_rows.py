"""The rows of the start-up settings of a show: a part of the table in :mod:`bandwalk.params`."""

from collections.abc import Mapping

from bandwalk.params.routes import parse_route
from bandwalk.params.row import EVERY, SHOWS, Row
from bandwalk.params.stage_rows import STAGE
from bandwalk.units import parse_channels, parse_direction, parse_host_port, parse_name, parse_origin

DEVICES = ("auto", "cpu", "cuda", "mps")

FEATURES = ("bands", "spectral16", "nsynth")
"""What may drive the walks: a band each, or a style each by one of 16 channels of a spectrum or of an encoder."""

WALKS: Mapping[str, Mapping[str, str]] = {"none": {}, "rgb": {"red": "low", "green": "mid", "blue": "high"}}
"""Sets of learned walks, each walk with the band that drives it."""

FIRST_LOOK = "heartbeat"
"""The look that a show or a clip begins with, if nothing else is asked for."""

WALK_AMOUNT = 1.0
"""How far a walk of a set goes at its band's full level."""

SETTINGS: tuple[Row, ...] = (
    Row("model", "s", "builtin", "The model that draws: builtin, or a model file."),
    Row("device", "s", "auto", "Where models run; mps: Apple's GPU.", choices=DEVICES, used_by=EVERY),
    Row(
        "engine",
        "s",
        "auto",
        "What draws model files. auto: in a show the faster one, measured once; in a clip torch.",
        choices=("auto", "torch", "openvino"),
    ),
    Row("exact", "b", False, "Draw with the plain float32 reference, without shortcuts."),
    Row("threads", "i", 0, "Threads that draw. 0: choose the fastest automatically.", 0, 256),
    Row(
        "mix",
        "s",
        "page",
        "Which styles each band drives at the start: as on the published page, or as in the published code.",
        choices=("page", "code"),
    ),
    Row(
        "direction",
        "l",
        (),
        "Start value of a direction, and the band that drives it; repeatable.",
        check=parse_direction,
        unit="NAME=ALPHA[:BAND:AMOUNT]",
    ),
    Row(
        "route",
        "l",
        (),
        "Let a signal move a parameter, e.g. low/level=/transform/zoom:0.3; repeatable.",
        check=parse_route,
        unit="FROM=TO[:AMOUNT][:OPTION...]",
    ),
    Row("like", "s", "", "Complete model with the same layer sizes; it supplies what a state dict lacks."),
    Row("w", "s", "", "File with a projected or edited w (.npz, .npy, .pt): the walks start there."),
    Row("directions", "s", "", "File of directions to use instead of the model's own."),
    Row(
        "walks",
        "s",
        "none",
        "Learned walks instead of random ones. rgb: low, mid, high drive red, green, blue.",
        choices=tuple(WALKS),
    ),
    Row(
        "preset",
        "s",
        FIRST_LOOK,
        "Preset to start with: a look, a name in the presets folder, or a file.",
        used_by=EVERY,
    ),
    Row("preset_setup", "b", False, "Set the setup in the preset, too, as the size of the pictures.", used_by=EVERY),
    Row(
        "features",
        "s",
        "bands",
        "What is heard and drives the walks: three bands, or 16 drivers, one for each style.",
        choices=FEATURES,
        used_by=EVERY,
    ),
    Row(
        "nsynth",
        "s",
        "",
        "For --features nsynth: Magenta's checkpoint, or the file that convert made from it.",
        used_by=EVERY,
    ),
    Row(
        "channels",
        "s",
        "",
        "Channels to listen to, for example 3-4. Empty: all of a file, the first two of a card.",
        check=parse_channels,
        used_by=EVERY,
    ),
    Row("monitor", "b", False, "Also play the sound through the sound card.", used_by=SHOWS),
    Row("loop", "b", False, "Start a file again when it ends.", used_by=SHOWS),
    Row("duration", "f", 0.0, "Stop after this time. 0: never.", 0, 10**7, "s", used_by=SHOWS),
    Row("step_rate", "f", 100.0, "Analysis steps a second.", 25, 400, "1/s", used_by=EVERY),
    Row("bind", "s", "127.0.0.1", "Network address to open the ports on.", used_by=SHOWS),
    Row("port_base", "i", 9000, "First of four ports: OSC in, features out, frames, HTTP.", 1, 65532, used_by=SHOWS),
    Row(
        "osc_to",
        "l",
        (),
        "Send features here instead of 127.0.0.1:9001; repeatable.",
        check=parse_host_port,
        unit="HOST:PORT",
        used_by=SHOWS,
    ),
    Row(
        "osc_allow",
        "l",
        (),
        "Address or network, besides this machine, that may subscribe; repeatable.",
        unit="IP[/BITS]",
        used_by=SHOWS,
    ),
    Row(
        "osc_map",
        "l",
        (),
        "Also send a feature elsewhere: FEATURE=ADDRESS[:LO..HI][:CURVE][@HOST:PORT]; repeatable.",
        unit="ROUTE",
        used_by=SHOWS,
    ),
    Row("osc_map_file", "s", "", "File of routes as in --osc-map, one on each line.", used_by=SHOWS),
    Row(
        "osc_map_rate",
        "f",
        0.0,
        "Maximum messages per second on a route. 0: one for each analysis step.",
        0,
        400,
        "1/s",
        used_by=SHOWS,
    ),
    Row(
        "allow_origin",
        "l",
        (),
        "Web page that may steer, e.g. http://desk.local:8080; null: pages without an origin; repeatable.",
        check=parse_origin,
        unit="ORIGIN",
        used_by=SHOWS,
    ),
    Row(
        "host",
        "l",
        (),
        "Another name of this machine that browsers may use, e.g. box.lan; repeatable.",
        check=parse_name,
        unit="NAME",
        used_by=SHOWS,
    ),
    Row(
        "token_file",
        "s",
        "",
        "File with the token that panel, WebSockets and /metrics ask for. Empty: the token in BANDWALK_TOKEN.",
        unit="FILE",
        used_by=SHOWS,
    ),
    Row(
        "midi",
        "l",
        (),
        "MIDI devices to open: a part of a name, or all; repeatable.",
        unit="NAME",
        used_by=SHOWS,
    ),
    Row("midi_map", "s", "", "What MIDI controls move at the start: a map in the presets folder.", used_by=SHOWS),
    Row("link_lead", "b", False, "Set the tempo and the beat of Ableton Link's session.", used_by=SHOWS),
    Row("max_subscribers", "i", 16, "Maximum number of OSC subscribers.", 0, 256, used_by=SHOWS),
    Row("encoder", "s", "auto", "JPEG encoder.", choices=("auto", "turbojpeg", "simplejpeg"), used_by=SHOWS),
    Row("models", "s", "", "Folder of models. Empty: the user's data folder."),
    Row("presets", "s", "", "Folder of presets. Empty: the user's data folder.", used_by=EVERY),
    Row("music", "s", "", "Folder of music. Empty: the user's music folder.", used_by=SHOWS),
    *STAGE,
)
"""Start-up settings: fixed while the server runs, so they have a flag and no OSC address."""
