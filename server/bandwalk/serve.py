"""``bandwalk serve``: a show from the command line, until it is told to stop."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bandwalk.launch import python_command
from bandwalk.live import Show
from bandwalk.opening import open_parts
from bandwalk.startup import Start
from bandwalk.status import StatusLine

logger = logging.getLogger(__name__)

_STATUS_S = 0.25

_SWITCH_S = 5e-4
"""Python hands its lock on after this time instead of 5 ms: a burst of OSC is read while a picture is drawn."""


class _Stop(threading.Event):
    """The event that ends a show; is_taken: a show waits for it."""

    is_taken = False


def serve(start: Start, *, show: bool) -> None:
    """Hear a source and publish pictures until SIGINT, SIGTERM or ``--duration``.

    Args:
        start: settings and values.
        show:  play the sound and open the viewer, where there are a sound card and a display.

    Raises:
        BandwalkError: a part cannot be opened.
    """
    sys.setswitchinterval(_SWITCH_S)
    with _stops() as stop:
        performance = Show(open_parts(start, show=show), stop)
        stop.is_taken = True
        try:
            _perform(performance, start, show)
        finally:
            performance.close()


def _perform(performance: Show, start: Start, show: bool) -> None:
    performance.start()
    _tell(performance, start)
    with _viewer(performance.parts.ports.publisher.endpoint, show):
        _wait(performance, float(start.settings["duration"]))


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
def _stops() -> Iterator[_Stop]:
    """Let SIGINT and SIGTERM set the event that ends the show; a second one ends the process at once.

    Before the show has the event, the first one ends the process too: nothing was begun that wants an end.
    """
    stop = _Stop()

    def end(number: int, frame: Any) -> None:
        stop.set()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_DFL)
        if not stop.is_taken:
            os._exit(0)

    before = {name: signal.signal(name, end) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
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
    viewer = subprocess.Popen(python_command("-m", "bandwalk", "view", endpoint))
    try:
        yield
    finally:
        viewer.terminate()


def _command() -> str:
    """Return how this program was called, to be pasted."""
    return f"{sys.executable} -m bandwalk" if sys.argv[0].endswith("__main__.py") else sys.argv[0]


def _tell(performance: Show, start: Start) -> None:
    parts = performance.parts
    for report in start.report:
        logger.info("%s", report)
    logger.info("panel: %s", parts.ports.web.url)
    logger.info(
        "serving %s: frames %s, OSC in %s:%d, features to %s",
        parts.store.values["/audio/source"],
        parts.ports.publisher.endpoint,
        parts.settings["bind"],
        parts.ports.osc_in.port,
        " ".join(f"{host}:{port}" for host, port in parts.ports.targets),
    )
