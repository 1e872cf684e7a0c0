"""Callbacks of the Parameter Execute DAT: changes in TouchDesigner are sent to the server."""


def onValueChange(par, prev):
    if par.name in ("Host", "Portbase", "Transport"):
        op("parameters").module.connect(parent())
    else:
        _send(par)


def onPulse(par):
    if par.name == "Connect":
        op("parameters").module.connect(parent())
    else:
        _send(par)


def _send(par):
    packet = op("parameters").module.packet_of(par, op("osc").module)
    if packet is not None:
        op("control").sendBinary(packet)
