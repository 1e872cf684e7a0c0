"""Callbacks of the WebSocket DAT "frames_in": each binary message is one JPEG file."""


def onConnect(dat):
    op("links").module.note(dat.name, True)


def onDisconnect(dat):
    op("links").module.note(dat.name, False)


def onReceiveText(dat, rowIndex, message):
    return


def onReceiveBinary(dat, contents):
    op("links").module.hear(dat.name)
    op("frames").module.NEWEST.put(contents)


def onReceivePing(dat, contents):
    op("links").module.hear(dat.name)
    dat.sendPong(contents)


def onReceivePong(dat, contents):
    return


def onMonitorMessage(dat, message):
    return
