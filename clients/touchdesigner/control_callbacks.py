"""Callbacks of the WebSocket DAT "control": the server sends changes as binary OSC messages."""


def onConnect(dat):
    op("links").module.note(dat.name, True)
    op("parameters").module.ask(parent())


def onDisconnect(dat):
    op("links").module.note(dat.name, False)


def onReceiveText(dat, rowIndex, message):
    if '"PATH_' in message:  # a different model has different parameters
        op("parameters").module.ask(parent())


def onReceiveBinary(dat, contents):
    op("links").module.hear(dat.name)
    for address, value in op("osc").module.decode(contents):
        op("parameters").module.hear(parent(), address, value)


def onReceivePing(dat, contents):
    op("links").module.hear(dat.name)
    dat.sendPong(contents)


def onReceivePong(dat, contents):
    return


def onMonitorMessage(dat, message):
    return
