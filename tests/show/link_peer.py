"""Another program in the session, with a binding of Ableton's library that is not the server's.

Sets the tempo that its stdin says, and prints where the session is.
"""

import json
import select
import sys
import time

import link

session = link.Link(float(sys.argv[1]))
session.enabled = True
while True:
    if select.select([sys.stdin], [], [], 0.05)[0]:
        line = sys.stdin.readline()
        if not line:
            break
        state = session.captureSessionState()
        state.setTempo(float(line), session.clock().micros())
        session.commitSessionState(state)
    state = session.captureSessionState()
    before = time.monotonic()
    us = session.clock().micros()
    t = time.monotonic()
    if t - before < 2e-4:  # not interrupted in between
        print(json.dumps({"t": t, "beats": state.phaseAtTime(us, 4), "bpm": state.tempo()}), flush=True)
