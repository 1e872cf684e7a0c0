"""Reconnects WebSocket DATs that lost their server. A module DAT."""

import time

RETRY_S = 3.0
SILENCE_S = 15.0  # the server pings every ten seconds: without one for this long, the connection is dead

_connected = {}
_heard = {}
_tried = {}


def note(name, is_connected):
    """Remember whether a DAT is connected."""
    _connected[name] = is_connected
    hear(name)


def hear(name, now=None):
    """Remember that something came, even a ping: a connection without any is dead, although nobody has closed it."""
    _heard[name] = time.monotonic() if now is None else now


def revive(dat, now=None):
    """Reconnect a DAT if it is not connected, every few seconds; call it in the main thread in each frame."""
    now = time.monotonic() if now is None else now
    if _connected.get(dat.name) and now - _heard[dat.name] < SILENCE_S:
        return
    if now - _tried.setdefault(dat.name, now) < RETRY_S:
        return
    _tried[dat.name] = now
    dat.par.active = False
    dat.par.active = True
