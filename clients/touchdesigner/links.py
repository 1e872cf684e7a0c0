"""Brings WebSocket DATs back that lost their server. A module DAT."""

import time

RETRY_S = 3.0

_connected = {}
_tried = {}


def note(name, is_connected):
    """Remember whether a DAT is connected."""
    _connected[name] = is_connected


def revive(dat, now=None):
    """Connect a DAT again if it is not connected, every few seconds; call it in the main thread, each frame."""
    now = time.monotonic() if now is None else now
    if _connected.get(dat.name) or now - _tried.setdefault(dat.name, now) < RETRY_S:
        return
    _tried[dat.name] = now
    dat.par.active = False
    dat.par.active = True
