"""Callbacks of the Script TOP "picture": the newest picture, which a thread has decoded."""


def onSetupParameters(scriptOp):
    return


def onCook(scriptOp):
    taken = op("frames").module.NEWEST.take()
    if taken is not None:
        picture, meta = taken
        scriptOp.copyNumpyArray(picture)
        scriptOp.store("meta", meta)
