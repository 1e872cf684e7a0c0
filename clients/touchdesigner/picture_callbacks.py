"""Callbacks of the Script TOP "picture": the newest frame, upright."""


def onSetupParameters(scriptOp):
    return


def onCook(scriptOp):
    frames = op("frames").module
    jpeg = frames.NEWEST.take()
    rgba = frames.to_rgba(jpeg) if jpeg else None
    if rgba is not None:
        scriptOp.copyNumpyArray(rgba)
        scriptOp.store("meta", frames.describe(jpeg))
