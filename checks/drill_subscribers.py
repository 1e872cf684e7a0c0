"""Five subscribers of one publisher: one stops reading, one is suspended; the other three must not notice.

    python checks/drill_subscribers.py [--stall-s 60] [--fps 30]

Each subscriber is a process. Three read all the time (two plain ZeroMQ ones, one with bandwalk's receiver). One with
bandwalk's receiver stops reading for the stall; one is stopped by SIGSTOP in this time. Exit status 1: one of the three
missed a frame, the publisher's memory grew, or a suspended one got an old frame first. (bandwalk's receiver reads only
the newest frame: it may skip 1 % if two came before it read.)
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import zmq

from bandwalk.output.jpeg import open_encoder
from bandwalk.output.publish import Publisher
from bandwalk.records import Counters
from bandwalk.wire import insert_segment, parse_segment
from bandwalk_client import Receiver

ROLES = ("raw 1", "raw 2", "receiver", "stops reading", "suspended")
READY_S, SETTLE_S = 20.0, 1.5
PAUSE_S = 0.5
"""A gap between two reads of the socket that counts as a pause."""

MAX_WAKE_AGE_MS, MAX_GROWTH_MB = 200.0, 8.0


def make_jpegs(n: int = 30) -> list[bytes]:
    """Return n different pictures of 512 x 512, some 60 kB each, as JPEG files."""
    rng = np.random.default_rng(0)
    encoder = open_encoder()
    coarse = rng.integers(0, 256, (n, 64, 64, 3), np.uint8).repeat(8, axis=1).repeat(8, axis=2)
    return [encoder.encode(rgb, quality=85, chroma="420") for rgb in coarse]


class Log:
    """What one subscriber saw: counts, and the age of the first frame after each pause."""

    def __init__(self) -> None:
        self.received, self.missed, self.max_gap, self.stale, self.oldest_ms = 0, 0, 0, 0, 0.0
        self.wake_ages_ms: list[float] = []
        self._seq: int | None = None

    def note(self, meta: dict, is_awakening: bool) -> None:
        """Count a frame."""
        age_ms = 1000 * (time.time() - meta["t_publish"])
        gap = 0 if self._seq is None else meta["seq"] - self._seq - 1
        self._seq = meta["seq"]
        self.received += 1
        self.missed += gap
        self.max_gap = max(self.max_gap, gap)
        self.stale = meta.get("stale", 0)
        self.oldest_ms = max(self.oldest_ms, age_ms)
        if is_awakening:
            self.wake_ages_ms.append(round(age_ms, 1))


def read_raw(endpoint: str):
    """Yield descriptions from a plain ZeroMQ subscriber."""
    subscriber = zmq.Context.instance().socket(zmq.SUB)
    subscriber.subscribe(b"")
    subscriber.connect(endpoint)
    while True:
        yield parse_segment(subscriber.recv()) if subscriber.poll(100) else None


def read_newest(endpoint: str):
    """Yield descriptions from bandwalk's receiver."""
    with Receiver(endpoint) as receiver:
        while True:
            received = receiver.receive(0.1)
            yield received.meta | {"stale": receiver.stale} if received else None


def subscribe(role: str, endpoint: str, stall_s: float) -> None:
    """Run one subscriber until the last frame; print its log as JSON."""
    log = Log()
    read = read_raw if role.startswith("raw") else read_newest
    looked, is_awakening, has_stalled = time.monotonic(), False, role != "stops reading"
    for meta in read(endpoint):
        is_awakening |= time.monotonic() - looked > PAUSE_S
        looked = time.monotonic()
        if meta is None:
            continue
        if not log.received:
            print("ready", flush=True)
        log.note(meta, is_awakening)
        is_awakening = False
        if meta["phase"] == "end":
            break
        if meta["phase"] == "stall" and not has_stalled:
            has_stalled = True
            time.sleep(stall_s)
    del log._seq
    print(json.dumps(vars(log)), flush=True)


class Show:
    """The publisher, paced by deadlines."""

    def __init__(self, fps: float) -> None:
        self.publisher = Publisher("127.0.0.1", 0, counters=Counters())
        self._jpegs, self._fps, self._seq = make_jpegs(), fps, 0
        self.slowest_send_ms = 0.0

    def publish(self, phase: str, is_over) -> None:
        """Publish frames of this phase until is_over()."""
        deadline = time.monotonic()
        while not is_over():
            meta = {"seq": self._seq, "t_publish": time.time(), "phase": phase}
            frame = insert_segment(self._jpegs[self._seq % len(self._jpegs)], meta)
            began = time.monotonic()
            self.publisher.send(frame)
            self.slowest_send_ms = max(self.slowest_send_ms, 1000 * (time.monotonic() - began))
            self._seq += 1
            deadline = max(deadline + 1 / self._fps, time.monotonic())  # no burst after a delay
            time.sleep(deadline - time.monotonic() if deadline > time.monotonic() else 0)

    def publish_for(self, phase: str, seconds: float) -> None:
        """Publish frames of this phase for some seconds."""
        end = time.monotonic() + seconds
        self.publish(phase, lambda: time.monotonic() >= end)


def rss_mb() -> float:
    """Return the memory of this process, MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def run(stall_s: float, fps: float) -> tuple[dict[str, dict], dict[str, float]]:
    """Run the drill; return ({role: its log}, figures of the publisher)."""
    show = Show(fps)
    command = [sys.executable, __file__, "--stall-s", str(stall_s), "--endpoint", show.publisher.endpoint, "--role"]
    children = {role: subprocess.Popen([*command, role], stdout=subprocess.PIPE, text=True) for role in ROLES}
    try:
        outputs = [child.stdout for child in children.values()]
        for output in outputs:
            os.set_blocking(output.fileno(), False)
        waiting, ready_by = list(outputs), time.monotonic() + READY_S

        def are_ready() -> bool:
            waiting[:] = [output for output in waiting if output.readline() != "ready\n"]
            return not waiting or time.monotonic() > ready_by

        show.publish("start", are_ready)
        show.publish_for("start", SETTLE_S)
        before_mb = rss_mb()
        os.kill(children["suspended"].pid, signal.SIGSTOP)
        show.publish_for("stall", stall_s)
        grown_mb = rss_mb() - before_mb
        os.kill(children["suspended"].pid, signal.SIGCONT)
        show.publish_for("awake", 2 * SETTLE_S)
        show.publish("end", lambda: all(child.poll() is not None for child in children.values()))
        logs = {role: json.loads(child.stdout.read()) for role, child in children.items()}
    finally:
        for child in children.values():
            child.kill()
        show.publisher.close()
    return logs, {"grown_mb": grown_mb, "slowest_send_ms": show.slowest_send_ms}


def faults(logs: dict[str, dict], figures: dict[str, float]) -> list[str]:
    """Return the failures, one line each."""
    allowed = {"raw 1": 0, "raw 2": 0, "receiver": logs["receiver"]["received"] / 100}
    found = [f"{role}: missed {logs[role]['missed']}" for role, most in allowed.items() if logs[role]["missed"] > most]
    for role in ROLES[3:]:
        ages = logs[role]["wake_ages_ms"]
        if not ages or max(ages) > MAX_WAKE_AGE_MS:
            found.append(f"{role}: woke to frames {ages} ms old, expected some and at most {MAX_WAKE_AGE_MS:.0f}")
    if figures["grown_mb"] > MAX_GROWTH_MB:
        found.append(f"publisher grew by {figures['grown_mb']:.1f} MB, expected at most {MAX_GROWTH_MB:.0f}")
    return found


def main() -> int:
    """Run one role, or the whole drill."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stall-s", type=float, default=60.0)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--role", choices=ROLES, help=argparse.SUPPRESS)
    parser.add_argument("--endpoint", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.role:
        subscribe(args.role, args.endpoint, args.stall_s)
        return 0
    logs, figures = run(args.stall_s, args.fps)
    kb = sum(map(len, make_jpegs())) / 30 / 1000
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, libzmq {zmq.zmq_version()}"
    )
    print(f"{args.fps:g} fps, {kb:.0f} kB a frame, stalled for {args.stall_s:g} s\n")
    print(
        f"{'subscriber':<14}{'received':>9}{'missed':>8}{'max gap':>9}{'stale':>7}{'oldest ms':>11}   woke to, ms old"
    )
    for role, log in logs.items():
        ages = ", ".join(map(str, log["wake_ages_ms"])) or "-"
        counts = f"{log['received']:>9}{log['missed']:>8}{log['max_gap']:>9}{log['stale']:>7}{log['oldest_ms']:>11.1f}"
        print(f"{role:<14}{counts}   {ages}")
    print(f"\npublisher: grew by {figures['grown_mb']:.1f} MB, slowest send {figures['slowest_send_ms']:.1f} ms")
    found = faults(logs, figures)
    print("\n".join(found) or "passed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
