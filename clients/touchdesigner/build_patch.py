"""Makes the whole bandwalk network in TouchDesigner. Paste one line into the Textport (Alt+T), with this folder's path:

    import sys; sys.path.insert(0, r"FOLDER"); import build_patch; build_patch.build()

The result of an earlier call is replaced. The scripts are copied into the project, which then does not need this
folder.
"""

from pathlib import Path

import td

FOLDER = Path(__file__).parent
MODULES = ("frames", "zmq_thread", "links", "osc", "parameters")
CALLBACKS = ("frames_callbacks", "picture_callbacks", "control_callbacks")
ROW = 130


def build(parent="/project1", host="127.0.0.1", port_base=9000, transport="websocket"):
    """Make the component "bandwalk" and connect it.

    Args:
        parent:    path of the component in which to make it.
        host:      name or address of the server.
        port_base: first port of its block.
        transport: "websocket" (nothing to install) or "zeromq" (needs pyzmq).

    Returns:
        The component; its output is the picture.
    """
    home = td.op(parent) or td.op("/")
    if home.op("bandwalk"):
        home.op("bandwalk").destroy()
    comp = home.create(td.baseCOMP, "bandwalk")
    _make_connection_page(comp, host, port_base, transport)
    for n, name in enumerate((*MODULES, *CALLBACKS)):
        _make(comp, td.textDAT, name, (0, -n), text=_script(name))
    _make_inputs(comp)
    _make_picture(comp)
    comp.op("parameters").module.connect(comp)
    return comp


def _make_connection_page(comp, host, port_base, transport):
    page = comp.appendCustomPage("Connection")
    page.appendStr("Host", label="Host")[0].val = host
    port = page.appendInt("Portbase", label="First port")[0]
    port.min, port.max, port.clampMin, port.clampMax = 1, 65532, True, True
    port.val = port_base
    menu = page.appendMenu("Transport", label="Frames by")[0]
    menu.menuNames, menu.menuLabels = ["websocket", "zeromq"], ["WebSocket", "ZeroMQ (pyzmq)"]
    menu.val = transport
    page.appendPulse("Connect", label="Connect")


def _make_inputs(comp):
    """The connections to the server: frames, features, changes."""
    for n, name in enumerate(("frames_in", "control")):
        dat = _make(comp, td.websocketDAT, name, (2, -n), active=False, clamp=True, maxlines=1)
        dat.par.callbacks = comp.op("frames_callbacks" if name == "frames_in" else "control_callbacks")
    _make(comp, td.oscinCHOP, "features", (2, -2))
    send = _make(comp, td.nullCHOP, "send", (2, -3))  # its input channels are named like addresses
    out = _make(comp, td.oscoutCHOP, "osc_out", (4, -3))
    out.inputConnectors[0].connect(send)
    features = _make(comp, td.outCHOP, "out_features", (4, -2))
    features.inputConnectors[0].connect(comp.op("features"))


def _make_picture(comp):
    picture = _make(comp, td.scriptTOP, "picture", (4, 0))
    picture.par.callbacks = comp.op("picture_callbacks")
    out = _make(comp, td.outTOP, "out_picture", (6, 0))
    out.inputConnectors[0].connect(picture)
    _make(
        comp, td.executeDAT, "every_frame", (4, -4), text=_script("every_frame"), start=True, exit=True, framestart=True
    )
    watch = {"op": comp.path, "pars": "*", "custom": True, "builtin": False, "valuechange": True, "onpulse": True}
    _make(comp, td.parameterexecuteDAT, "parameter_changed", (4, -5), text=_script("parameter_callbacks"), **watch)


def _make(comp, kind, name, place, text=None, **pars):
    """Make an operator at (column, row) with these parameters."""
    made = comp.create(kind, name)
    made.nodeX, made.nodeY = place[0] * ROW, place[1] * ROW
    if text is not None:
        made.text = text
    for par, value in pars.items():
        setattr(made.par, par, value)
    return made


def _script(name):
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")
