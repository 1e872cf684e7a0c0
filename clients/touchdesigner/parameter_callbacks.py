"""Callbacks of the Parameter Execute DAT: changes in TouchDesigner are sent to the server."""


def onValueChange(par, prev):
    if par.name in op("link").module.CONNECTION:
        op("link").module.follow(parent())
    else:
        _send(par)


def onPulse(par):
    if par.name == "Connect":
        op("link").module.connect(parent())
    elif par.name == "Refresh":
        op("menus").module.ask(parent())
    else:
        _send(par)


def _send(par):
    for maker in ("menus", "parameters"):
        packet = op(maker).module.packet_of(par, op("osc").module)
        if packet is not None:
            op("link").module.send(packet)
