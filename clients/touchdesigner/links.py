"""Brings WebSocket DATs back that lost their server. A module DAT."""

import time

RETRY_S = 3.0
SILENCE_S = 15.0  # the server pings every ten seconds: where nothing comes for so long, the line is dead

_connected = {}
_heard = {}
_tried = {}


def note(name, is_connected):
    """Remember whether a DAT is connected."""
    _connected[name] = is_connected
    hear(name)


def hear(name, now=None):
    """Remember that something came, a ping too: a line without one is dead, though nobody has closed it."""
    _heard[name] = time.monotonic() if now is None else now


def revive(dat, now=None):
    """Connect a DAT again if it is not connected, every few seconds; call it in the main thread, each frame."""
    now = time.monotonic() if now is None else now
    if _connected.get(dat.name) and now - _heard[dat.name] < SILENCE_S:
        return
    if now - _tried.setdefault(dat.name, now) < RETRY_S:
        return
    _tried[dat.name] = now
    dat.par.active = False
    dat.par.active = True
