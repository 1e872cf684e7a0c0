"""A controller on a machine of its own: subscribes at its own port, and prints the addresses that it hears."""

import socket
import sys
import time

from conftest import build, parse

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    sock.settimeout(20.0)
    sock.sendto(build("/subscribe"), (sys.argv[1], int(sys.argv[2])))
    heard: set[str] = set()
    end = time.monotonic() + 20.0
    while not {"/style/psi", "/feature/time"} <= heard and time.monotonic() < end:
        try:
            heard |= {address for address, _ in parse(sock.recv(65536))}
        except TimeoutError:
            break
print(*sorted(heard))
