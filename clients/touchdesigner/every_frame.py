"""Callbacks of the Execute DAT "every_frame": all periodic work, in the main thread."""


def onStart():
    op("parameters").module.connect(parent())


def onExit():
    op("zmq_thread").module.stop()


def onFrameStart(frame):
    if op("frames").module.NEWEST.is_there:
        op("picture").cook(force=True)  # a Script TOP cooks only on request
    op("parameters").module.each_frame(parent())
    revive = op("links").module.revive
    if parent().par.Transport.eval() == "websocket":
        revive(op("frames_in"))
    revive(op("control"))
