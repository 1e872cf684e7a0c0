"""Callbacks of the Script CHOP "status_out": one channel for each number."""


def onSetupParameters(scriptOp):
    return


def onCook(scriptOp):
    scriptOp.clear()
    scriptOp.numSamples = 1
    for name, value in op("status").module.NUMBERS.items():
        scriptOp.appendChan(name)[0] = value
