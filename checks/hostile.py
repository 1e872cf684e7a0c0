"""Sends hostile input: odd bytes in every header, broken WebSocket frames, a thousand frame subscribers.

    python checks/hostile.py [--requests 20000] [--frames 300000] [--subscribers 1150]

Starts a server with 1,024 descriptors. The exit status is 0 only if there was no status 500, no traceback and few lines
in the log, memory grew by less than 30 MB, and with all subscribers the panel, presets, a song and OSC answered within
a second. Linux only: memory and descriptors are read from /proc.
"""

import argparse
import base64
import contextlib
import http.client
import os
import random
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

import zmq
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

HEADERS = (
    *("Host", "Origin", "Expect", "Upgrade", "Connection", "Accept", "Cookie", "Authorization", "Content-Length"),
    *("Transfer-Encoding", "Content-Type", "If-None-Match", "Range", "Referer", "User-Agent", "X-Forwarded-For"),
    *("Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"),
)
PATHS = (
    b"/",
    b"/?HOST_INFO",
    b"/style/psi?VALUE",
    b"/metrics",
    b"/frames",
    b"/panel/panel.js",
    b"*",
    b"/%ff",
    b"/token",
)
METHODS = (b"GET", b"GET", b"GET", b"HEAD", b"OPTIONS", b"POST", b"CONNECT", b"BREW")
TEXTS = (b'{"COMMAND": "LISTEN", "DATA": "/style/psi"}', b'{"COMMAND": "IGNORE", "DATA": "/style/psi"}', b"[[[[", b"{}")
OPCODES = (0, 1, 1, 1, 2, 2, 2, 2, 3, 8, 9, 10, 11)
PATIENCE_S = 0.3
MAX_GROWTH_MB = 30
MAX_LOG_PER_S = 1_000  # bytes
WARM = 0.1  # part of the requests and frames after which memory is read first


class Server:
    """``bandwalk serve demo`` with the soft limit that many systems give."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        self._log = (folder / "log").open("w+b")
        folders = [part for name in ("presets", "music", "models") for part in (f"--{name}", str(folder))]
        command = [
            sys.executable,
            "-m",
            "bandwalk",
            "serve",
            "demo",
            "--size",
            "128",
            "--port-base",
            str(port),
            *folders,
        ]
        self.process = subprocess.Popen([*command, *folders], stderr=self._log, preexec_fn=few_descriptors)  # noqa: PLW1509
        end = time.monotonic() + 60
        while b"serving" not in self.log():
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit(f"the server did not start:\n{self.log().decode()}")
            time.sleep(0.1)

    def log(self) -> bytes:
        """Return its log."""
        return (self.folder / "log").read_bytes()

    def memory_mb(self) -> float:
        """Return its memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 2**20

    def settled_mb(self) -> float:
        """Return its memory once it no longer grows by itself, as it does at the start of a show."""
        seen = [self.memory_mb()]
        for _ in range(40):
            time.sleep(0.5)
            seen.append(self.memory_mb())
            if len(seen) > 4 and max(seen[-5:]) - min(seen[-5:]) < 1.0:
                break
        return seen[-1]

    def descriptors(self) -> int:
        """Return the number of open descriptors."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)
        self._log.close()


def few_descriptors() -> None:
    """Set the limit that many systems have."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def make_request(n: int, port: int, chance: random.Random) -> bytes:
    """Return request n: byte n % 256 in header n // 256, at its start, inside, at its end; later random requests."""
    header, byte = HEADERS[n // 256 % len(HEADERS)], bytes([n % 256])
    fields = {b"Host": b"127.0.0.1:%d" % port}
    value = fields.get(header.encode(), chance.choice((b"", b"127.0.0.1", b"websocket", b"100-continue", b"text/html")))
    at = chance.randrange(len(value) + 1)
    fields[header.encode()] = value[:at] + byte * chance.choice((1, 1, 1, 300)) + value[at:]
    if chance.random() < 0.3:
        fields |= (
            {b"Upgrade": b"websocket", b"Connection": b"Upgrade"} if header not in ("Upgrade", "Connection") else {}
        )
    path = chance.choice(PATHS)
    if chance.random() < 0.2:
        path = b"/" + chance.randbytes(chance.randrange(20)) + byte
    head = b"%s %s HTTP/1.1\r\n" % (chance.choice(METHODS), path)
    return head + b"".join(b"%s: %s\r\n" % field for field in fields.items()) + b"\r\n"


def send_requests(server: Server, numbers: range, chance: random.Random) -> dict[str, int]:
    """Send requests, one per connection; return how often each status came ("none": the server waits for more)."""
    seen: dict[str, int] = {}
    for n in numbers:
        status = "none"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port + 3), PATIENCE_S) as line:
            line.sendall(make_request(n, server.port + 3, chance))
            answer = line.recv(200).split(b" ")
            status = answer[1].decode("ascii", "replace") if len(answer) > 1 else "none"
        seen[status] = seen.get(status, 0) + 1
    return seen


def make_frame(chance: random.Random) -> bytes:
    """Return a WebSocket frame: usually valid with invalid content, sometimes itself broken."""
    opcode = chance.choice(OPCODES)
    payload = bytearray(chance.choice(TEXTS) if opcode == 1 else osc("/style/psi", chance.random()))
    for _ in range(chance.randrange(4)):
        payload[chance.randrange(len(payload))] = chance.randrange(256)
    if opcode >= 8 or chance.random() < 0.1:
        payload = payload[: chance.randrange(len(payload))]
    fin = 0x80 if chance.random() < 0.98 else 0
    rsv = 0 if chance.random() < 0.995 else 0x70
    size = len(payload) if chance.random() < 0.998 else chance.randrange(126)
    mask = chance.randbytes(4)
    body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return bytes([fin | rsv | opcode, 0x80 | size]) + mask + body


def send_frames(server: Server, count: int, chance: random.Random) -> int:
    """Send WebSocket frames, a hundred at a time, on a new connection after each close; return the connections."""
    sent = connections = 0
    while sent < count:
        connections += 1
        with contextlib.suppress(OSError), open_websocket(server, chance.choice(("/", "/", "/", "/frames"))) as line:
            while sent < count:
                batch = [make_frame(chance) for _ in range(100)]
                sent += len(batch)
                line.sendall(b"".join(batch))
                drain(line)
    return connections


def open_websocket(server: Server, path: str) -> socket.socket:
    """Return a connection after its handshake."""
    line = socket.create_connection(("127.0.0.1", server.port + 3), 5)
    key = base64.b64encode(bytes(16)).decode()
    host = f"Host: 127.0.0.1:{server.port + 3}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    line.sendall(f"GET {path} HTTP/1.1\r\n{host}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
    if not line.recv(4096).startswith(b"HTTP/1.1 101"):
        line.close()
        raise ConnectionError
    return line


def drain(line: socket.socket) -> None:
    """Read what has arrived; the end of the connection is an error."""
    with contextlib.suppress(BlockingIOError):
        while True:
            if not line.recv(1 << 20, socket.MSG_DONTWAIT):
                raise ConnectionResetError


def osc(address: str, *args: object) -> bytes:
    """Return an OSC message."""
    builder = OscMessageBuilder(address)
    for arg in args:
        builder.add_arg(arg)
    return builder.build().dgram


class Control:
    """Asks over OSC and times the answers."""

    def __init__(self, server: Server) -> None:
        self._to = ("127.0.0.1", server.port)
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.settimeout(2.0)

    def ask(self, address: str, *args: object, answer: str) -> float:
        """Return the milliseconds until an answer of an address comes."""
        begun = time.monotonic()
        self._line.sendto(osc(address, *args), self._to)
        came: dict[str, list[object]] = {}
        while answer not in came:
            came = {timed.message.address: timed.message.params for timed in OscPacket(self._line.recv(65536)).messages}
            if "/error" in came:
                raise SystemExit(f"{address}: {came['/error']}")
        return (time.monotonic() - begun) * 1e3


def crowd_out(server: Server, count: int, rounds: int) -> list[str]:
    """Use the show while many subscribe to frames; return the times."""
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, count + 10)
    socks = [context.socket(zmq.SUB) for _ in range(count)]
    for sock in socks:
        sock.setsockopt(zmq.SUBSCRIBE, b"")
        sock.connect(f"tcp://127.0.0.1:{server.port + 2}")
    lines, most = [], 0
    try:
        for _ in range(rounds):
            time.sleep(1.0)
            most = max(most, server.descriptors())
            took = use(server)
            lines.append(", ".join(f"{name} {ms:.0f} ms" for name, ms in took.items()))
            if max(took.values()) > 1000:
                raise SystemExit(f"with {count} subscribers: {lines[-1]}")
    finally:
        context.destroy(linger=0)
    return [*lines, f"descriptors: {most}"]


def use(server: Server) -> dict[str, float]:
    """Use panel, presets, a song and OSC once; return the milliseconds of each."""
    control, took = Control(server), {}
    begun = time.monotonic()
    page = http.client.HTTPConnection("127.0.0.1", server.port + 3, timeout=5)
    page.request("GET", "/", headers={"Accept": "text/html"})
    if page.getresponse().status != 200:
        raise SystemExit("no panel")
    page.close()
    took["panel"] = (time.monotonic() - begun) * 1e3
    took["ping"] = control.ask("/ping", 1, answer="/pong")
    took["presets"] = control.ask("/preset/list", answer="/preset/name")
    for source in ("song.wav", "demo"):
        control.ask("/ping", 2, answer="/pong")
        control._line.sendto(osc("/audio/source", source), control._to)
        took[source] = control.ask("/audio/source", answer="/audio/source")
    return took


def write_song(path: Path) -> None:
    """Write a second of sound."""
    with wave.open(str(path), "wb") as song:
        song.setnchannels(1)
        song.setsampwidth(2)
        song.setframerate(48_000)
        song.writeframes(struct.pack("<h", 1000) * 48_000)


def main() -> None:
    """Run the trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--frames", type=int, default=300_000)
    parser.add_argument("--subscribers", type=int, default=1150)
    parser.add_argument("--rounds", type=int, default=5, help="how often all is used, once a second")
    parser.add_argument("--port-base", type=int, default=28_100)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(16_384, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    with tempfile.TemporaryDirectory() as folder:
        write_song(Path(folder) / "song.wav")
        begun = time.monotonic()
        server = Server(args.port_base, Path(folder))
        try:
            faults = trial(server, args, random.Random(args.seed))
        finally:
            server.close()
        log = (Path(folder) / "log").read_bytes()
    print(f"log: {len(log)} bytes, {log.count(b'Traceback')} tracebacks")
    if len(log) > MAX_LOG_PER_S * (time.monotonic() - begun):
        faults.append(f"the log grew to {len(log)} bytes: {log[-300:].decode(errors='replace')}")
    if faults or b"Traceback" in log:
        raise SystemExit("\n".join(faults) or log.decode()[-3000:])


def trial(server: Server, args: argparse.Namespace, chance: random.Random) -> list[str]:
    """Run all three; return the failures."""
    warm_requests, warm_frames = (max(1, round(WARM * count)) for count in (args.requests, args.frames))
    statuses = send_requests(server, range(warm_requests), chance)
    send_frames(server, warm_frames, chance)
    before = server.settled_mb()
    for status, count in send_requests(server, range(warm_requests, args.requests), chance).items():
        statuses[status] = statuses.get(status, 0) + count
    print(
        f"{args.requests} requests: "
        + ", ".join(f"{status} {count} times" for status, count in sorted(statuses.items()))
    )
    print(f"{args.frames} WebSocket frames on {send_frames(server, args.frames - warm_frames, chance)} connections")
    grown = server.settled_mb() - before
    print(f"memory: {before:.0f} MB after {WARM:.0%}, {grown:+.1f} MB since")
    for line in crowd_out(server, args.subscribers, args.rounds) if args.subscribers else []:
        print(f"{args.subscribers} subscribers: {line}")
    faults = [f"status {status}: {count} times" for status, count in statuses.items() if status.startswith("5")]
    return faults + ([f"memory grew by {grown:.1f} MB"] if grown > MAX_GROWTH_MB else [])


if __name__ == "__main__":
    main()
