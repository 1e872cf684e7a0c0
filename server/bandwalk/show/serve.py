"""``bandwalk serve``: a show from the command line, until it is stopped."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bandwalk.machine import collector_waits, python_command
from bandwalk.pipeline.start import Start
from bandwalk.pipeline.stop_signals import Stop
from bandwalk.records import Counters
from bandwalk.show.guard import BrokenShowError, end_anyway
from bandwalk.show.parts import ShowParts, open_parts
from bandwalk.show.schedule import open_schedule
from bandwalk.show.service_notify import ServiceNotify
from bandwalk.show.show import Show
from bandwalk.show.state_file import come_back
from bandwalk.show.status_line import StatusLine
from bandwalk.show.terminal import Terminal
from bandwalk.show.what_is_seen import NO_SOUND_CARD, has_display, why_no_window

logger = logging.getLogger(__name__)

_STATUS_S = 0.25

_SWITCH_S = 5e-4
"""Python hands its lock on after this time instead of 5 ms: a burst of OSC is read while a picture is drawn."""


def serve(start: Start, stop: Stop, terminal: Terminal, counters: Counters, *, show: bool) -> None:
    """Hear a source and publish pictures until SIGINT, SIGTERM or ``--duration``.

    Args:
        start:    settings and values.
        stop:     ends the show.
        terminal: gets the status line.
        counters: of the show; what was lost before it begins is in them already.
        show:     play the sound and open the viewer, where there are a sound card and a display.

    Raises:
        BandwalkError: a part cannot be opened.
    """
    sys.setswitchinterval(_SWITCH_S)
    service = ServiceNotify()
    start, state = come_back(start)
    schedule = open_schedule(start.settings.show.schedule)
    with collector_waits():
        performance = Show(open_parts(start, show=show, counters=counters, apart=True), stop)
    stop.is_taken = True
    try:
        if state is not None:
            performance.steering.comes_back(state)
        performance.start()
        performance.steering.enter(state)
        if schedule is not None:
            performance.steering.timed.follow(schedule, performance.threads)
        _tell(performance, start)
        service.ready()
        with _viewer(performance.parts, show, start.settings.network.curve):
            _wait(performance, _status_line(terminal, start), service, start.settings.show.duration)
    except BrokenShowError:
        end_anyway()
        raise
    finally:
        service.stopping()
        performance.close()


def _status_line(terminal: Terminal, start: Start) -> StatusLine | None:
    """Return the status line; None: the log is for programs."""
    return StatusLine(terminal) if start.settings.show.log == "lines" else None


def _wait(performance: Show, status: StatusLine | None, service: ServiceNotify, duration_s: float) -> None:
    """Look after the threads and keep the status line until the show is over."""
    parts = performance.parts
    end = parts.clock.now() + duration_s if duration_s else float("inf")
    while not performance.threads.stop.wait(min(_STATUS_S, max(0.0, end - parts.clock.now()))):
        now = parts.clock.now()
        if now >= end:
            return
        performance.look()
        service.turn(performance.health.reason, now)
        if status is not None:
            status.show(parts.tally, performance.newest, now, watched=performance.watched)


@contextmanager
def _viewer(parts: ShowParts, wanted: bool, curve: str) -> Iterator[None]:
    """Open the viewer beside the server where there is a display, else say how to see the pictures."""
    endpoint, has_sound = parts.ports.publisher.endpoint, parts.feed.is_monitored
    more = ["--curve", curve] if curve else []
    if not wanted or not has_display(os.environ):
        logger.info("see it: %s", " ".join([_command(), "view", endpoint, *more]))
        if wanted:
            logger.warning("%s", why_no_window(parts.ports.web.url, has_sound=has_sound))
        yield
        return
    if not has_sound:
        logger.warning(NO_SOUND_CARD)
    viewer = subprocess.Popen(python_command("-m", "bandwalk", "view", endpoint, *more))
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
        parts.settings.network.bind,
        parts.ports.osc_in.port,
        " ".join(f"{host}:{port}" for host, port in parts.ports.targets),
    )
