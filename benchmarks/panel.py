"""How much a control panel slows the show down, and how fast it reacts: a real server, a real Chromium.

    python benchmarks/panel.py [--size 256] [--fps 30] [--seconds 6] [--rounds 3]

Frames per second of the server, interleaved: no web client; an open panel; a panel and nine WebSocket clients that read
frames. Then the time from a press on blackout in the page (without fade) to the first black frame on its canvas, and
back. Browser and clients run on the machine that draws.
"""

import argparse
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "chromium")
CLIENTS = 9
PRESSES = 30

_STEER = """async (presses) => {
  const picture = document.getElementById('picture');
  const button = document.querySelector("[data-address='/master/blackout'] button");
  const copy = document.createElement('canvas');
  copy.width = copy.height = 4;
  const paper = copy.getContext('2d', { willReadFrequently: true });
  const isBlack = () => {
    paper.drawImage(picture, 0, 0, 4, 4);
    return paper.getImageData(0, 0, 4, 4).data.every((byte, i) => i % 4 === 3 || byte < 4);
  };
  const times = [];
  for (let i = 0; i < presses; i += 1) {
    await new Promise((done) => setTimeout(done, 200 + 100 * Math.random()));
    const wanted = !isBlack();
    const begun = performance.now();
    button.click();
    while (isBlack() !== wanted) await new Promise(requestAnimationFrame);
    times.push(performance.now() - begun);
  }
  return times;
}"""


def main() -> None:
    """Measure and print one table."""
    args = _parse()
    port = _free_port_base()
    command = [sys.executable, "-m", "bandwalk", "serve", "demo", "--size", str(args.size), "--fps", str(args.fps)]
    server = subprocess.Popen(
        [*command, "--master-fade", "0", "--port-base", str(port)], stderr=subprocess.DEVNULL, env=os.environ
    )
    try:
        base = f"127.0.0.1:{port + 3}"
        _wait_for(base)
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            _report(base, browser, server.pid, args)
    finally:
        server.terminate()
        server.wait(10)


def _report(base: str, browser: Browser, pid: int, args: argparse.Namespace) -> None:
    rates: dict[str, list[tuple[float, float]]] = {}
    shown: list[float] = []
    for _ in range(args.rounds):
        rates.setdefault("nobody on the web", []).append(_rate(base, pid, args.seconds))
        with _panel(base, browser) as page:
            before = page.evaluate("window.panel.shown")
            rates.setdefault("a panel", []).append(_rate(base, pid, args.seconds))
            shown.append((page.evaluate("window.panel.shown") - before) / args.seconds)
            with _watchers(base):
                rates.setdefault(f"a panel and {CLIENTS} clients", []).append(_rate(base, pid, args.seconds))
    with _panel(base, browser) as page:
        times = sorted(page.evaluate(_STEER, PRESSES))
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f}, {args.size} px at {args.fps} fps")
    nobody = statistics.median(rate for rate, _ in rates["nobody on the web"])
    for name, values in rates.items():
        rate, cost = (statistics.median(column) for column in zip(*values, strict=True))
        print(f"{name:28} {rate:6.2f} frames per second ({rate / nobody - 1:+.1%}), {cost:5.1f} ms CPU time each")
    print(f"{'on the panel':28} {statistics.median(shown):6.2f} frames per second")
    print(f"{'press to changed picture':28} {statistics.median(times):4.0f} ms median, {times[-2]:.0f} ms p95")


def _rate(base: str, pid: int, seconds: float) -> tuple[float, float]:
    """Return the server's frames per second, by its own count, and its CPU time per frame, milliseconds."""
    begun, first, cpu = time.monotonic(), _frames(base), _cpu_s(pid)
    time.sleep(seconds)
    last, ended = _frames(base), time.monotonic()
    return (last - first) / (ended - begun), 1e3 * (_cpu_s(pid) - cpu) / max(last - first, 1)


def _cpu_s(pid: int) -> float:
    """Return the CPU time that a process has used, seconds (Linux; elsewhere 0)."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _frames(base: str) -> int:
    with urllib.request.urlopen(f"http://{base}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("bandwalk_frames_total ")))


@contextmanager
def _panel(base: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"http://{base}/")
    page.wait_for_selector("#page-Play .control")
    page.wait_for_function("() => window.panel.shown > 10")
    yield page
    context.close()


@contextmanager
def _watchers(base: str) -> Iterator[None]:
    def read(ws: object) -> None:
        try:
            while True:
                ws.recv()  # type: ignore[attr-defined]
        except ConnectionClosed:
            return

    with ExitStack() as stack:
        for _ in range(CLIENTS):
            ws = stack.enter_context(connect(f"ws://{base}/frames", compression=None, close_timeout=1))
            threading.Thread(target=read, args=(ws,), daemon=True).start()
        yield


def _wait_for(base: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if _frames(base) > 60:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("the server did not start")


def _free_port_base() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return min(int(probe.getsockname()[1]), 65000)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
