"""Sends mutated OSC packets to the server's control: there may be no error, and memory must not grow.

    python checks/fuzz_osc.py [PACKETS] [SEED]

Real packets (each address, each type, bundles, patterns) are mutated and take the path of a datagram: reader, inbox,
dispatcher and subscribers; answers are encoded. Every hundredth is sent through a real socket. Prints one line at the
end. The status is 1 if a traceback was logged, an error counted, or memory grew by more than 30 MB.
"""

import logging
import random
import resource
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bandwalk.clock import RealClock
from bandwalk.control import Damping, Dispatcher, OscIn, OscOut, Store, Subscribers
from bandwalk.osc import encode, encode_bundle
from bandwalk.params import LIVE, defaults
from bandwalk.params.commands import COMMANDS
from bandwalk.records import Counters

MAX_GROWTH_MB = 30
WARM = 20_000
"""Packets before memory is measured for the first time."""

SOURCES = [("127.0.0.1", port) for port in range(40_000, 40_400)] + [("192.0.2.9", 5000), ("::1", 5001)]


def corpus() -> list[bytes]:
    """Return valid packets of every kind."""
    plain = [encode(address, value) for address, value in defaults().items()]  # type: ignore[arg-type]
    plain += [encode(address) for address in LIVE]
    samples = {"i": 9100, "f": 1.5, "s": "name"}
    for command in COMMANDS:
        tags = command.args.replace("[", "").replace("]", "")
        plain.append(encode(command.address, *(samples[tag] for tag in tags)))
    plain += [
        encode("/walk/*/{gain,fall}", 0.5),
        encode("/*/*/*"),
        encode("/[a-z]*/psi", 1),
        encode("/error", "a", "b"),
    ]
    plain += [
        b"/style/psi\0\0,d\0\0" + struct.pack(">d", 0.5),
        b"/style/psi\0\0,T\0\0",
        b"/a\0\0,[ii]b\0\0" + bytes(16),
    ]
    bundles = [encode_bundle(plain[i : i + 9]) for i in range(0, len(plain), 9)]
    return [*plain, *bundles, *(encode_bundle([bundle, plain[0]]) for bundle in bundles[:4])]


def mutate(packet: bytes, rng: random.Random) -> bytes:
    """Return a packet with one to three faults, usually with a valid length."""
    data = bytearray(packet)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(7)
        if kind == 0 and data:
            data[at % len(data)] = rng.randrange(256)
        elif kind == 1 and data:
            data[at % len(data)] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del data[at : at + rng.choice((1, 4, 4, 4, 8))]
        elif kind == 3:
            data[at:at] = rng.randbytes(rng.choice((1, 4, 4, 4, 8)))
        elif kind == 4:
            data[at : at + 4] = struct.pack(">I", rng.choice((0, 1, 4, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF)))
        elif kind == 5:
            data[at:at] = data[: rng.randrange(64)]
        else:
            data = data[: at & ~3]
    return bytes(data) or b"\0"


class _Faults(logging.Handler):
    """Counts log records with a traceback and drops all records."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += record.exc_info is not None


def packets(count: int, seed: int) -> Iterator[bytes]:
    """Yield mutated packets, reproducible by the seed."""
    rng, right = random.Random(seed), corpus()
    for _ in range(count):
        yield mutate(rng.choice(right), rng)


def fuzz(count: int, seed: int) -> tuple[int, dict[str, int], float]:
    """Return (tracebacks, counters, growth of memory in MB) for a number of mutated packets."""
    faults, counters, clock = _Faults(), Counters(), RealClock()
    logger = logging.getLogger("bandwalk")
    logger.addHandler(faults)
    before_propagate, logger.propagate = logger.propagate, False
    store = Store(defaults())
    ear = OscIn("127.0.0.1", 0, counters=counters, rows=store.rows)
    subscribers = Subscribers(clock=clock, limit=16, own_port=ear.port)
    sent = [0]

    def send(packet: bytes, target: tuple[str, int]) -> None:  # send to nobody: the senders are invented
        sent[0] += len(packet)

    out = OscOut((), subscribers, send=send, clock=clock, counters=counters)
    damping = Damping([out.echo], clock)
    store.listen(damping.follow)
    commands: dict[str, Callable[..., None]] = {command.address: lambda args, source: None for command in COMMANDS}
    for own in ("/ping", "/subscribe", "/unsubscribe"):
        del commands[own]
    ear.start(Dispatcher(store, commands, subscribers=subscribers, send=send, clock=clock, counters=counters))
    try:
        growth = _feed(ear, packets(count, seed), turn=lambda: (damping.turn(store), out.turn(store)))
    finally:
        ear.close()
        out.close()
        logger.removeHandler(faults)
        logger.propagate = before_propagate
    return faults.count, dict(counters.counts), growth


def _feed(ear: OscIn, made: Iterator[bytes], turn: Callable[[], object]) -> float:
    inbox, start_mb = ear._inbox, None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for i, packet in enumerate(made):
            if i % 100 == 0:
                sock.sendto(packet, ("127.0.0.1", ear.port))
            else:
                inbox.put(packet, SOURCES[i % len(SOURCES)])
            if i % 1000 == 0:
                turn()
            if i == WARM:
                start_mb = _memory_mb()
    return _memory_mb() - start_mb if start_mb is not None else 0.0


def _memory_mb() -> float:
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> int:
    """Run and print the result."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    died: list[str] = []
    threading.excepthook = lambda args: died.append(str(args.exc_value))
    began = time.monotonic()
    tracebacks, counts, growth_mb = fuzz(count, seed)
    failed = counts.get("osc_failed", 0)
    sys.stdout.write(
        f"{count} packets in {time.monotonic() - began:.0f} s: {tracebacks} tracebacks, {failed} faults, "
        f"{len(died)} threads died, memory {growth_mb:+.1f} MB; {counts}\n"
    )
    return int(bool(tracebacks or failed or died or growth_mb > MAX_GROWTH_MB))


if __name__ == "__main__":
    sys.exit(main())
