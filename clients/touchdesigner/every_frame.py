"""Callbacks of the Execute DAT "every_frame": all periodic work, in the main thread."""


def onStart():
    op("link").module.connect(parent())


def onExit():
    op("link").module.stop(2.0)


def onFrameStart(frame):
    if op("frames").module.NEWEST.is_there:
        op("picture").cook(force=True)  # a Script TOP cooks only on request
    op("link").module.each_frame(parent())
