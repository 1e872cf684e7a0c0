"""The viewer: the newest frame in a window, and keys that steer the server.

It waits on the frame socket and decodes only frames that it draws.
"""

import logging
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bandwalk.errors import BandwalkError, ParameterError, WireError, WorkError
from bandwalk.wire import PORTS
from bandwalk_client.control import Control
from bandwalk_client.ending import Ending, ended_by_signals
from bandwalk_client.endpoint import DEFAULT_HOST, PORT_BASE, Endpoint, parse_endpoint
from bandwalk_client.keys import BY_NAME, CLOSE, Key, help_lines
from bandwalk_client.readout import Readout
from bandwalk_client.receiver import Received, Receiver, size_of
from bandwalk_client.recording import Recording
from bandwalk_client.server_clock import clock_of
from bandwalk_client.steering import Steering

if TYPE_CHECKING:
    from bandwalk_client.window import Window

logger = logging.getLogger(__name__)

WAIT_S = 0.05
"""Longest wait for a frame, so also the longest delay of a key while no frames come."""

NOTICE_S = 2.0
"""How long the window shows what a key did."""


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """How to open the window: fullscreen, on which display (counted from 0), with or without the overlay (osd).

    curve: folder with the keys of a client; empty: none is asked for.
    """

    fullscreen: bool = False
    display: int = 0
    osd: bool = False
    curve: str = ""


class Viewer:
    """Joins a receiver, a window and the steering; for one thread.

    Args:
        ending:    closes it, too.
        folder:    for screenshots.
        recording: gets every received frame; None: nothing is recorded.
        osd:       whether to show the overlay at the start.
    """

    def __init__(
        self,
        receiver: Receiver,
        steering: Steering,
        window: "Window",
        ending: Ending,
        *,
        folder: Path,
        recording: Recording | None = None,
        osd: bool = False,
    ) -> None:
        self._receiver, self._steering, self._window = receiver, steering, window
        self._ending, self._folder, self._recording = ending, folder, recording
        self._readout = Readout(receiver)
        self._latest: Received | None = None  # not decoded yet
        self._rgb: np.ndarray | None = None  # the latest frame that was decoded
        self._has_overlay, self._has_help, self._is_done = osd, False, False
        self._notice, self._notice_end = "", 0.0
        self._drawn_notice: str | None = None
        self._actions: dict[str, Callable[[Key], str]] = {
            "overlay": self._toggle_overlay,
            "fullscreen": self._toggle_fullscreen,
            "screenshot": self._take_screenshot,
            "help": self._toggle_help,
            "quit": self._quit,
            "toggle": steering.toggle,
            "nudge": steering.nudge,
            "push": steering.push,
            "reseed": steering.reseed,
        }

    def run(self) -> None:
        """Show frames until the window is closed."""
        while not (self._is_done or self._ending.is_asked):
            received = self._receiver.receive(WAIT_S)
            now = time.monotonic()
            if received is not None:
                self._latest = received
                self._readout.note(received, now)
                self._record(received, now)
            events = self._window.poll()
            for name in events:
                self._react(name, now)
            self._steering.follow(now)
            is_changed = received is not None or bool(events) or self._notice_at(now) != self._drawn_notice
            if is_changed and self._window.is_visible:
                self._draw(now)
            self._window.pace()

    def _react(self, event: str, now: float) -> None:
        """Run a key's action, and show what it did; an error is shown, and the viewer continues."""
        if event == CLOSE:
            self._is_done = True
        key = BY_NAME.get(event)
        if key is None:
            return
        try:
            notice = self._actions[key.does](key)
        except BandwalkError as e:
            notice = str(e)
        self._say(notice, now)

    def _say(self, notice: str, now: float) -> None:
        self._notice, self._notice_end = notice, now + NOTICE_S

    def _record(self, received: Received, now: float) -> None:
        """Write a frame to the recording; if that fails, the viewer continues without it."""
        if self._recording is None:
            return
        try:
            self._recording.add(received.jpeg, size_of(received.jpeg), now)
        except WireError:
            return  # broken: it is counted when it is drawn
        except WorkError as e:
            logger.warning("%s", e)
            self._say(str(e), now)
            self._recording = None

    def _draw(self, now: float) -> None:
        rgb = self._picture()
        recording = [f"recording {self._recording.path.name}"] if self._recording else []
        lines = [
            *([*self._readout.lines(), *recording] if self._has_overlay else []),
            *(help_lines() if self._has_help else []),
        ]
        self._drawn_notice = self._notice_at(now)
        self._window.draw(
            rgb,
            lines=lines,
            meters=self._readout.meters(now) if self._has_overlay else [],
            notice=self._drawn_notice,
        )

    def _notice_at(self, now: float) -> str:
        return self._notice if self._notice and now < self._notice_end else self._readout.notice(now)

    def _picture(self) -> np.ndarray | None:
        """Return the latest frame's picture [H, W, 3] uint8, or the one before if it is broken; None before any."""
        if self._latest is not None:
            try:
                self._rgb = self._latest.rgb()
            except WireError:
                self._receiver.broken += 1
            self._latest = None
        return self._rgb

    def _toggle_overlay(self, _: Key) -> str:
        self._has_overlay = not self._has_overlay
        return ""

    def _toggle_help(self, _: Key) -> str:
        self._has_help = not self._has_help
        return ""

    def _toggle_fullscreen(self, _: Key) -> str:
        self._window.toggle_fullscreen()
        return ""

    def _take_screenshot(self, _: Key) -> str:
        from bandwalk_client.window import save_png

        rgb = self._picture()
        if rgb is None:
            return "no picture yet"
        taken = f"{datetime.now():%Y%m%d-%H%M%S-%f}"[:-3]  # to the millisecond, so that names differ
        path = self._folder / f"bandwalk-{taken}.png"
        save_png(rgb, path)
        return f"wrote {path}"

    def _quit(self, _: Key) -> str:
        self._is_done = True
        return ""


def view(
    endpoint: str = DEFAULT_HOST,
    *,
    osc: str = "",
    folder: Path | str = ".",
    record: str = "",
    options: ViewOptions | None = None,
) -> None:
    """Show a server's pictures in a window until it is closed, or SIGINT or SIGTERM comes.

    Args:
        endpoint: "HOST", "HOST:PORT" or "tcp://HOST:PORT".
        osc:      "HOST:PORT" to which keys send OSC; empty: the control port of the same server.
        folder:   for screenshots.
        record:   a .mkv file for every frame; empty: no recording.
        options:  how to open the window.

    Raises:
        ParameterError: the endpoint is invalid, the recording cannot be created, or pygame is not installed.
        DeviceError:    there is no display, or no such one.
        WireError:      the OSC host has no address.
    """
    server = parse_endpoint(endpoint)
    window_type = _import_window()
    options = options or ViewOptions()
    with ExitStack() as stack:
        ending = stack.enter_context(ended_by_signals())
        control = stack.enter_context(_open_control(server, osc))
        clock = stack.enter_context(clock_of(server))
        receiver = stack.enter_context(Receiver(endpoint, clock=clock, curve=options.curve))
        window = window_type(f"bandwalk {server}", fullscreen=options.fullscreen, display=options.display)
        stack.callback(window.close)
        recording = stack.enter_context(Recording(Path(record))) if record else None
        steering = Steering(control)
        viewer = Viewer(receiver, steering, window, ending, folder=Path(folder), recording=recording, osd=options.osd)
        viewer.run()


def _open_control(server: Endpoint, osc: str) -> Control:
    if not osc:
        return Control(server.host, max(server.osc_port, 1))
    target = parse_endpoint(osc, port=PORT_BASE + PORTS["osc"])
    return Control(target.host, target.port)


def _import_window() -> "type[Window]":
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # else pygame prints to stdout
    try:
        from bandwalk_client.window import Window
    except ImportError as e:
        raise ParameterError(f"opening the viewer: {e}; expected pip install 'bandwalk[viewer]'") from e
    return Window
