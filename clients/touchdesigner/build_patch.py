"""Makes the whole bandwalk network in TouchDesigner. Paste one line into the Textport (Alt+T), with this folder's path:

    import sys; sys.path.insert(0, r"FOLDER"); import build_patch; build_patch.build()

Pasted again, it brings an earlier component up to date: operators, wires and custom parameters that exist stay. The
scripts are copied into the project, which then does not need this folder.
"""

from pathlib import Path

import td

FOLDER = Path(__file__).parent
MODULES = ("line", "frames", "zmq_thread", "osc", "link", "menus", "status", "parameters")
CALLBACKS = ("picture_callbacks", "status_callbacks")
OBSOLETE = ("frames_in", "control", "frames_callbacks", "control_callbacks", "links")
"""Operators of earlier versions."""
ROW = 130


def build(parent="/project1", host=None, port_base=None, transport=None, token_file=None, certificate=None, curve=None):
    """Make the component "bandwalk", or bring it up to date, and connect it. None: as it is, or the default.

    Args:
        parent:      path of the component in which to make it.
        host:        name or address of the server (127.0.0.1).
        port_base:   first port of its block (9000).
        transport:   "websocket" (nothing to install) or "zeromq" (needs pyzmq).
        token_file:  file with the server's token.
        certificate: file of the certificate with which the server has HTTPS.
        curve:       folder with keys (``bandwalk keys``), for frames by ZeroMQ.

    Returns:
        The component; its outputs are the picture, the features, the status, and the status as a table.
    """
    home = td.op(parent) or td.op("/")
    comp = home.op("bandwalk") or home.create(td.baseCOMP, "bandwalk")
    _leave_earlier(comp)
    _make_connection_page(
        comp,
        Host=host,
        Portbase=port_base,
        Transport=transport,
        Tokenfile=token_file,
        Certificate=certificate,
        Curve=curve,
    )
    for n, name in enumerate((*MODULES, *CALLBACKS)):
        _make(comp, "textDAT", name, (0, -n), text=_script(name))
    comp.op("menus").module.append(comp, _page(comp, "Recall"))
    _make_signals(comp)
    _make_picture(comp)
    comp.op("link").module.connect(comp)
    return comp


def _leave_earlier(comp):
    """Stop the threads of the scripts that are replaced, and take away what is not needed any more."""
    for name in ("link", "zmq_thread"):
        stop = getattr(comp.op(name).module, "stop", None) if comp.op(name) else None
        if stop:
            stop()
    for name in OBSOLETE:
        if comp.op(name):
            comp.op(name).destroy()


def _page(comp, name):
    return next((page for page in comp.customPages if page.name == name), None) or comp.appendCustomPage(name)


def _make_connection_page(comp, **values):
    """Make what is missing on the page, and set what was asked for."""
    page = _page(comp, "Connection")

    def add(style, name, label, value=None):
        par = getattr(comp.par, name, None)
        if par is None:
            par = getattr(page, f"append{style}")(name, label=label)[0]
            if style == "Int":
                par.min, par.max, par.clampMin, par.clampMax = 1, 65532, True, True
            if style == "Menu":
                par.menuNames, par.menuLabels = ["websocket", "zeromq"], ["WebSocket", "ZeroMQ (pyzmq)"]
            if value is not None:
                par.default = par.val = value
        if values.get(name) is not None:
            par.val = values[name]
        return par

    add("Str", "Host", "Host", "127.0.0.1")
    add("Int", "Portbase", "First port", 9000)
    add("Menu", "Transport", "Frames by", "websocket")
    add("File", "Tokenfile", "Token file")
    add("File", "Certificate", "Certificate (HTTPS)")
    add("Folder", "Curve", "Keys (ZeroMQ)")
    add("Pulse", "Connect", "Connect")
    for name, label in (("Status", "Status"), ("Lasterror", "Last error")):
        add("Str", name, label).readOnly = True


def _make_signals(comp):
    """The features, the status, and the channels that are sent."""
    features = _make(comp, "oscinCHOP", "features", (2, -2))
    send = _make(comp, "nullCHOP", "send", (2, -3))  # its input channels are named like addresses
    status = _make(comp, "scriptCHOP", "status_out", (2, -4))
    status.par.callbacks = comp.op("status_callbacks")
    info = _make(comp, "tableDAT", "info", (2, -5))
    _make(comp, "tableDAT", "errors", (2, -6))
    _wire(_make(comp, "oscoutCHOP", "osc_out", (4, -3)), send)
    _wire(_make(comp, "outCHOP", "out_features", (4, -2)), features)
    _wire(_make(comp, "outCHOP", "out_status", (4, -4)), status)
    _wire(_make(comp, "outDAT", "out_info", (4, -5)), info)


def _make_picture(comp):
    picture = _make(comp, "scriptTOP", "picture", (4, 0))
    picture.par.callbacks = comp.op("picture_callbacks")
    _wire(_make(comp, "outTOP", "out_picture", (6, 0)), picture)
    every = {"start": True, "exit": True, "framestart": True}
    _make(comp, "executeDAT", "every_frame", (4, -7), text=_script("every_frame"), **every)
    watch = {"op": comp.path, "pars": "*", "custom": True, "builtin": False, "valuechange": True, "onpulse": True}
    _make(comp, "parameterexecuteDAT", "parameter_changed", (4, -8), text=_script("parameter_callbacks"), **watch)


def _make(comp, kind, name, place, text=None, **pars):
    """Make an operator at (column, row) with these parameters, unless it exists; its text is replaced."""
    made = comp.op(name)
    if made is not None and made.OPType != kind:
        made.destroy()
        made = None
    if made is None:
        made = comp.create(getattr(td, kind), name)
        made.nodeX, made.nodeY = place[0] * ROW, place[1] * ROW
        for par, value in pars.items():
            setattr(made.par, par, value)
    if text is not None:
        made.text = text
    return made


def _wire(op, source):
    """Connect an operator to its source, unless the user has wired it."""
    if not op.inputs:
        op.inputConnectors[0].connect(source)


def _script(name):
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")
