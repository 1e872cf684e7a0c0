"""A show beside a session of Ableton Link: sets what its stdin says, and prints where its clock is."""

import json
import sys
import threading
import time

from bandwalk.pipeline.start import resolve
from bandwalk.show.parts import open_parts
from bandwalk.show.show import Show

show = Show(open_parts(resolve(json.loads(sys.argv[1]), "demo")), threading.Event())
show.start()


def tell():
    while not show.threads.stop.wait(0.05):
        shown, stats = show.parts.pipeline.beat_clock.shown, dict(show.steering.stats())
        if shown is not None:
            peers = stats.get("/stats/link/peers")
            print(json.dumps({"t": shown.t, "beats": shown.beats, "bpm": shown.bpm, "peers": peers}), flush=True)


telling = threading.Thread(target=tell)
telling.start()
for line in sys.stdin:
    address, value = line.split()
    show.parts.store.set(address, json.loads(value), clamp=False)
begun = time.monotonic()
show.close()
telling.join()
assert time.monotonic() - begun < 3.0  # leaving the session takes no time
