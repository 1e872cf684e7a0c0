"""How the connection is: channels of the Script CHOP "status_out", tables, and two texts on the page. A module DAT."""

import time

EVERY_S = 0.25
LOST_S = 4.0  # the server repeats its last picture when it draws none
WINDOW_S = 1.0
MAX_ERRORS = 20

NUMBERS = {"lost": 1.0, "fps": 0.0, "age_ms": 0.0, "errors": 0.0, "skipped": 0.0}
"""lost:    1 without server or pictures.
fps:     frames that came in the last second.
age_ms:  of the newest frame, since it was sent.
errors:  messages of the server (/error) so far.
skipped: frames that a newer one replaced before they were shown."""

_due = 0.0
_window = (0.0, 0)  # (when it began, frames received until then)
_fault = ""
_age_ms = (None, 0.0)  # (number of the frame, its age)


def begin(fault):
    """A connection is made; fault: what is already wrong with it, in words."""
    global _fault
    _fault = fault


def error(comp, text):
    """Note an error of the server."""
    NUMBERS["errors"] += 1
    comp.par.Lasterror.val = text
    table = comp.op("errors")
    table.appendRow([time.strftime("%H:%M:%S"), text])
    while table.numRows > MAX_ERRORS:
        table.deleteRow(0)


def each_frame(comp, now):
    """Bring channels, tables and texts up to date, a few times per second."""
    global _due
    newest, link = comp.op("frames").module.NEWEST, comp.op("link").module
    _note_age(newest, link.CLOCK)
    if now < _due:
        return
    _due = now + EVERY_S
    text = _text(link.state(), newest, now)
    lost = text != "connected"
    NUMBERS["skipped"] = float(newest.skipped)
    NUMBERS["lost"], NUMBERS["age_ms"] = float(lost), 0.0 if lost else _age_ms[1]
    _count(newest, now)
    if text != comp.par.Status.eval():
        comp.par.Status.val = text
        print(f"bandwalk: {comp.par.Host.eval()}: {text}")
    comp.op("status_out").cook(force=True)
    _fill(comp, comp.op("info"), newest.meta)


def _text(state, newest, now):
    if _fault:
        return f"lost: {_fault}"
    if state == "connected" and (newest.came is None or now - newest.came > LOST_S):
        return "lost: no pictures come"
    return state


def _count(newest, now):
    global _window
    begun, count = _window
    if now - begun >= WINDOW_S:
        NUMBERS["fps"] = max(newest.received - count, 0) / (now - begun)
        _window = now, newest.received


def _note_age(newest, clock):
    """Measure the age of a frame when the main thread sees it first."""
    global _age_ms
    seq, sent = newest.meta.get("seq"), newest.meta.get("t_publish")
    if seq != _age_ms[0] and isinstance(sent, (int, float)):
        _age_ms = seq, max(0.0, 1000 * (time.time() + (clock.offset_s or 0.0) - sent))


def _fill(comp, table, meta):
    rows = {
        "status": comp.par.Status.eval(),
        "error": comp.par.Lasterror.eval(),
        **{name: f"{value:.1f}" for name, value in NUMBERS.items()},
        **{name: meta.get(name, "") for name in ("model", "width", "height", "seq", "t_audio")},
    }
    if table.numRows != len(rows):
        table.clear()
        for name in rows:
            table.appendRow([name, ""])
    for n, value in enumerate(rows.values()):
        if table[n, 1].val != str(value):
            table[n, 1] = str(value)
