"""``bandwalk serve``: a show from the command line, until it is told to stop."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bandwalk.live import Show
from bandwalk.opening import open_parts, wants_monitor
from bandwalk.startup import Start
from bandwalk.status import StatusLine

logger = logging.getLogger(__name__)

_STATUS_S = 0.25

_SWITCH_S = 5e-4
"""Python hands its lock on after this time instead of 5 ms: a burst of OSC is read while a picture is drawn."""


def serve(start: Start, *, show: bool) -> None:
    """Hear a source and publish pictures until SIGINT, SIGTERM or ``--duration``.

    Args:
        start: settings and values.
        show:  play the sound and open the viewer, where there are a sound card and a display.

    Raises:
        BandwalkError: a part cannot be opened.
    """
    sys.setswitchinterval(_SWITCH_S)
    for report in start.report:
        logger.info("%s", report)
    performance = Show(open_parts(start, monitor=wants_monitor(dict(start.settings), show)))
    try:
        with _stops(performance):
            performance.start()
            _tell(performance)
            with _viewer(performance.parts.ports.publisher.endpoint, show):
                _wait(performance, float(start.settings["duration"]))
    finally:
        performance.close()


def _wait(performance: Show, duration_s: float) -> None:
    """Keep the status line until the show is over."""
    parts = performance.parts
    end = parts.clock.now() + duration_s if duration_s else float("inf")
    with StatusLine() as status:
        while not performance.crew.stop.wait(min(_STATUS_S, max(0.0, end - parts.clock.now()))):
            now = parts.clock.now()
            if now >= end:
                return
            status.show(parts.tally, performance.newest, now, watched=performance.watched)


@contextmanager
def _stops(performance: Show) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the show; a second one ends the process at once."""

    def stop(number: int, frame: Any) -> None:
        performance.crew.stop.set()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_DFL)

    before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


@contextmanager
def _viewer(endpoint: str, wanted: bool) -> Iterator[None]:
    """Open the viewer beside the server where there is a display, else say how to see the pictures."""
    has_display = sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if not wanted or not has_display:
        logger.info("see it: %s view %s", _command(), endpoint)
        yield
        return
    viewer = subprocess.Popen([sys.executable, "-m", "bandwalk", "view", endpoint])
    try:
        yield
    finally:
        viewer.terminate()


def _command() -> str:
    """Return how this program was called, to be pasted."""
    return f"{sys.executable} -m bandwalk" if sys.argv[0].endswith("__main__.py") else sys.argv[0]


def _tell(performance: Show) -> None:
    parts = performance.parts
    logger.info(
        "serving %s: frames %s, OSC in %s:%d, features to %s",
        parts.store.values["/audio/source"],
        parts.ports.publisher.endpoint,
        parts.settings["bind"],
        parts.ports.osc_in.port,
        " ".join(parts.settings["osc_to"]) or "subscribers",
    )
