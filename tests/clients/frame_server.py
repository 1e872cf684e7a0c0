"""Frames on a machine of its own: frame_server.py IP PORT; a line when the port is open, frames until it is killed."""

import sys
import time

from bandwalk.output.publish import Publisher
from bandwalk.records import Counters
from bandwalk.wire import insert_segment

publisher = Publisher(sys.argv[1], int(sys.argv[2]), counters=Counters())
print(publisher.port, flush=True)
jpeg = b"\xff\xd8\xff\xdb\x00\x04\x00\x00" + bytes(5_000) + b"\xff\xd9"
seq = 0
while True:
    publisher.send(insert_segment(jpeg, {"seq": seq, "t_publish": time.time()}))
    seq += 1
    time.sleep(0.05)
