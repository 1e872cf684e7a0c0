"""From sound to JPEG: late frames and latency, measured by a client in a separate process.

    python benchmarks/end_to_end.py [--seconds 30] [--config 512@30 --config 256@60] [--source FILE]

For each size and rate: `bandwalk serve` plays the demo, this process receives every frame over ZeroMQ. A frame is late
if it comes more than half a frame time after its regular time, or not at all. For comparison, an idle timer of the same
rate runs in this process: its delay is that of the machine. Frames are checked to differ. Then two latencies, with
sound and pictures that are still otherwise:

    sound  from the capture of a click in silence to the first frame that shows it; the fastest feature bundle around
           the click gives its time, some tenths of a millisecond late
    OSC    from the sending of a message to the first frame that shows it

Warm-up: the first 3 s of each run are not counted.
"""

import argparse
import contextlib
import json
import os
import platform
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import zmq

WARM_UP_S = 3.0
START_S = 45.0
PORT_BASES = range(19_200, 20_000, 4)
CLICK_EVERY_S = 0.737  # not a multiple of a step or a frame
SAMPLE_RATE = 48_000


def free_port_base():
    """Return the first of four ports that are free."""
    for base in PORT_BASES:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for port in range(base, base + 4):
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    stack.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", port))
            return base
    raise SystemExit(f"ports {PORT_BASES.start} to {PORT_BASES.stop}: all are taken")


def padded(text):
    """Return a text as OSC has it: ended by a zero, filled to a multiple of four bytes."""
    part = text.encode() + b"\0"
    return part + b"\0" * (-len(part) % 4)


class Server:
    """bandwalk serve, and its stage times at the end."""

    def __init__(self, source, size, fps, *flags):
        command = [sys.executable, "-m", "bandwalk", "serve", source, "--size", str(size), "--fps", str(fps)]
        command += ["--preset", "page"]  # its pictures stand still where nothing is heard
        self._base = free_port_base()  # of another show the figures would be wrong
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  open as long as the server
        self._process = subprocess.Popen([*command, "--port-base", str(self._base), *flags], stderr=self._log)
        self.osc = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.osc.bind(("127.0.0.1", 0))
        self.osc.settimeout(1.0)
        self.context = zmq.Context()
        self.frames = self.context.socket(zmq.SUB)
        self.frames.setsockopt(zmq.SUBSCRIBE, b"")
        self.frames.setsockopt(zmq.RCVTIMEO, 10_000)
        self.frames.connect(f"tcp://127.0.0.1:{self._base + 2}")
        self._wait_for_a_frame(time.monotonic() + START_S)

    def _wait_for_a_frame(self, end):
        """Wait until it draws.

        Raises:
            SystemExit: it has ended, or draws nothing; with what it says.
        """
        while not self.frames.poll(200):
            if self._process.poll() is not None or time.monotonic() > end:
                self._process.kill()
                self._log.seek(0)
                raise SystemExit(f"bandwalk serve draws nothing: {self._log.read().decode().strip()}")

    def send(self, address, *numbers):
        """Send an OSC message of floats."""
        tags = "," + "f" * len(numbers)
        self._send(padded(address) + padded(tags) + struct.pack(f">{len(numbers)}f", *numbers))

    def send_text(self, address, text):
        """Send an OSC message of one text."""
        self._send(padded(address) + padded(",s") + padded(text))

    def _send(self, packet):
        self.osc.sendto(packet, ("127.0.0.1", self._base))

    def stats(self):
        """Ask for /stats; return numbers by address."""
        self.send("/stats")
        found = {}
        try:
            while "/stats/late" not in found:
                packet = self.osc.recv(65536)
                address, _, rest = packet.partition(b"\0")
                tag = rest[rest.index(b",") + 1 : rest.index(b",") + 2]
                if tag in (b"i", b"f"):  # the input's health is a sentence
                    found[address.decode()] = struct.unpack(">" + tag.decode(), packet[-4:])[0]
        except TimeoutError:
            pass
        return found

    def stop(self):
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)
        self.osc.close()
        self._log.close()
        self.context.destroy(linger=0)


def split(message):
    """Return (description, picture without it)."""
    length = int.from_bytes(message[4:6], "big")
    return json.loads(message[16 : 4 + length]), message[4 + length :]


def percentiles(values_s):
    """Return "median / p99" in milliseconds."""
    ms = np.asarray(values_s) * 1e3
    return f"{np.median(ms):6.1f} /{np.percentile(ms, 99):6.1f}"


class IdleTimer(threading.Thread):
    """Sleeps until deadlines at a fixed rate and notes how late it wakes."""

    def __init__(self, fps):
        super().__init__(daemon=True)
        self._period, self._ended, self.late_s = 1 / fps, threading.Event(), []

    def run(self):
        """Wake at each deadline until stopped."""
        due = time.monotonic()
        while not self._ended.is_set():
            due += self._period
            time.sleep(max(0.0, due - time.monotonic()))
            self.late_s.append(time.monotonic() - due)

    def stop(self):
        """End the thread."""
        self._ended.set()
        self.join()


@dataclass(frozen=True)
class Rhythm:
    """What a client saw of a show for some seconds.

    gaps_s: between frames.   behind_s: from each frame's regular time.   idle_s: lateness of an idle timer.
    ages_s: of the newest sound when a frame was published.   stages: median and p99 of each, ms.
    """

    name: str
    fps: float  # that arrived
    seen: int
    different: int
    late: int
    wanted: int
    gaps_s: np.ndarray
    behind_s: np.ndarray
    idle_s: np.ndarray
    idle_late: int
    ages_s: np.ndarray
    stages: dict[str, tuple[float, float]]


STAGES = ("capture", "analyze", "walk", "synth", "encode", "publish")


def measure_rhythm(source, size, fps, *flags, seconds):
    """Return late frames and stage times of a show."""
    server = Server(source, size, fps, *flags)
    warm = time.monotonic() + WARM_UP_S
    while time.monotonic() < warm:
        server.frames.recv()
    timer = IdleTimer(fps)
    timer.start()
    arrived, metas, pictures = [], [], []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        message = server.frames.recv()
        arrived.append(time.monotonic())
        meta, picture = split(message)
        metas.append(meta)
        pictures.append(hash(picture))
    timer.stop()
    stats = server.stats()
    server.stop()
    wanted = round((metas[-1]["t_audio"] - metas[0]["t_audio"]) * fps) + 1
    offsets = np.array(arrived) - np.array([meta["t_audio"] for meta in metas])
    behind, idle = offsets - np.median(offsets), np.array(timer.late_s)
    return Rhythm(
        f"{size} px at {fps} fps, {len(metas)} frames in {seconds:g} s",
        fps=len(metas) / seconds,
        seen=len(metas),
        different=len(set(pictures)),
        late=int((behind > 0.5 / fps).sum()) + wanted - len(metas),
        wanted=wanted,
        gaps_s=np.diff(arrived),
        behind_s=np.abs(behind),
        idle_s=idle,
        idle_late=int((idle > 0.5 / fps).sum()),
        ages_s=np.array([meta["t_publish"] - meta["t_capture"] for meta in metas]),
        stages={stage: tuple(stats[f"/stats/{stage}/{kind}_ms"] for kind in ("median", "p99")) for stage in STAGES},
    )


def print_rhythm(found):
    """Print what a client saw."""
    print(f"\n{found.name}, {found.different} of them differ")
    share = f"{found.late} ({100 * found.late / found.wanted:.2f} %)"
    print(f"  late or missing   {share:12} jitter median / p99 {percentiles(found.behind_s)} ms")
    print(f"  idle timer        {found.idle_late} late     lateness median / p99 {percentiles(found.idle_s)} ms")
    for stage, (median, p99) in found.stages.items():
        print(f"  {stage:17} median {median:6.2f} ms   p99 {p99:6.2f} ms")
    print(f"  age of the newest sound when published, median / p99 {percentiles(found.ages_s)} ms")


def write_clicks(path, count):
    """Write silence with clicks of 2 kHz; return their times in seconds."""
    times = 4.0 + CLICK_EVERY_S * np.arange(count)
    y = np.zeros(round((times[-1] + 1) * SAMPLE_RATE), dtype=np.float32)
    t = np.arange(1440) / SAMPLE_RATE
    click = 0.5 * np.exp(-t / 0.008) * np.sin(2 * np.pi * 2000 * t)
    times = np.round(times * SAMPLE_RATE) / SAMPLE_RATE
    for at in times:
        start = round(at * SAMPLE_RATE)
        y[start : start + len(click)] = click
    soundfile.write(path, y, SAMPLE_RATE)
    return times


class StepListener(threading.Thread):
    """Subscribes to the features and notes when each step's bundle arrived."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self._server, self._ended, self._steps = server, threading.Event(), []

    def run(self):
        """Listen until stopped; a bundle ends with its step's /feature/time, a float."""
        renew = 0.0
        while not self._ended.is_set():
            if time.monotonic() > renew:
                self._server.send("/subscribe", self._server.osc.getsockname()[1])
                renew = time.monotonic() + 4.0
            packet = self._server.osc.recv(65536)
            now = time.time()
            if b"/feature/time" in packet[-32:]:
                t_audio = struct.unpack(">f", packet[-4:])[0]
                self._steps.append((t_audio, now - t_audio))

    def to_unix(self, t_audio):
        """Return when an audio time was heard, unix seconds, from the fastest bundle of the second around it."""
        near = [offset for t, offset in self._steps if abs(t - t_audio) < 0.5]
        return t_audio + min(near)

    def stop(self):
        """End the thread."""
        self._ended.set()
        self.join()


def measure_sound(size, fps, *flags, count=30):
    """Return latencies from clicks to the first changed frame, seconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clicks.wav"
        clicks = write_clicks(path, count)
        server = Server(str(path), size, fps, *flags)
        listener = StepListener(server)
        listener.start()
        changed, before = [], None
        while True:
            message = server.frames.recv()
            now = time.time()
            meta, picture = split(message)
            if before is not None and picture != before:
                changed.append(now)
            before = picture
            if meta["t_audio"] > clicks[-1] + 0.5:
                break
        listener.stop()
        server.stop()
    changed, latencies = np.array(changed), []
    for click in map(listener.to_unix, clicks):
        after = changed[(changed > click) & (changed < click + 0.5)]
        latencies.append(after[0] - click if len(after) else np.nan)
    return np.array(latencies)


def measure_osc(size, fps, *flags, count=40):
    """Return latencies from an OSC message to the first frame that shows it, seconds."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "silence.wav"
        soundfile.write(path, np.zeros(SAMPLE_RATE), SAMPLE_RATE)
        server = Server(str(path), size, fps, *flags)
        latencies = []
        _, before = split(server.frames.recv())
        for n in range(count):
            pause = time.monotonic() + 0.25 + rng.uniform(0, 1 / fps)
            while time.monotonic() < pause:
                if server.frames.poll(max(0, round((pause - time.monotonic()) * 1000))):
                    _, before = split(server.frames.recv())
            sent = time.monotonic()
            server.send("/transform/rotate", float(n % 2 * 10 + 1))
            while True:
                _, picture = split(server.frames.recv())
                if picture != before:
                    break
            latencies.append(time.monotonic() - sent)
            before = picture
        server.stop()
    return np.array(latencies)


def machine():
    """Return the machine and the versions, one line."""
    import torch

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = re.search(r"model name\s*: (.*)", info.read_text())[1]
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, pyzmq {zmq.__version__}"
    return f"{cpu}, {os.cpu_count()} cores, {versions}"


def main():
    """Run all measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--config", action="append", help="SIZE@FPS")
    parser.add_argument("--source", default="demo")
    args = parser.parse_args()
    print(machine())
    for config in args.config or ["512@30", "256@60"]:
        size, fps = (int(text) for text in config.split("@"))
        print_rhythm(measure_rhythm(args.source, size, fps, seconds=args.seconds))
        sound, osc = measure_sound(size, fps), measure_osc(size, fps)
        seen = sound[~np.isnan(sound)]
        wanted = (10 + 1.5 * 1e3 / fps + 10, 1.5 * 1e3 / fps + 5)
        print(
            f"  sound to frame    median / p99 {percentiles(seen)} ms, {len(seen)} of {len(sound)} clicks"
            f" (wanted: {wanted[0]:.0f})"
        )
        print(f"  OSC to frame      median / p99 {percentiles(osc)} ms (wanted: {wanted[1]:.0f})", flush=True)


if __name__ == "__main__":
    main()
