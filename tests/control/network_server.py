"""Control and frames of a server on a machine of its own: prints its port, and goes on until its stdin is closed."""

import select
import sys

from conftest import Server
from test_state import STEP

server = Server(bind=sys.argv[1], allow=(sys.argv[2],))
print(server.port, flush=True)
while not select.select([sys.stdin], [], [], 0.02)[0]:
    server.clock.advance(0.02)
    server.osc_out.send_features(STEP)
    server.turn()
server.close()
