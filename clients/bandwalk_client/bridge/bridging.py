"""The bridge: passes a server's newest frame to a sink, without a backlog."""

import logging
import time
from collections.abc import Callable

import numpy as np

from bandwalk.errors import ParameterError, WireError
from bandwalk_client.bridge.resize import Resizer, parse_resize
from bandwalk_client.bridge.sink import FrameSink, open_sink
from bandwalk_client.ending import Ending, ended_by_signals
from bandwalk_client.endpoint import DEFAULT_HOST, parse_endpoint
from bandwalk_client.receiver import Received, Receiver
from bandwalk_client.server_clock import clock_of

logger = logging.getLogger(__name__)

LOST_S = 2.0
"""After this time without a frame the server counts as lost."""

LOST_FPS = 5.0
"""Pictures per second that keep the NDI, Spout or Syphon source alive while the server is lost."""

MAX_FPS = 240.0
WHEN_LOST = ("last", "black")
_POLL_S = 0.1
_ASSUMED_FPS = 30.0


class Bridge:
    """Sends each frame when it comes, or the newest one at a fixed rate.

    Args:
        receiver: of the server.
        sink:     gets the pictures.
        fps:      pictures per second; frames are repeated or left out; 0: each frame once, when it comes.
        resizer:  converts pictures to one size; None: no conversion.
        lost:     "last" or "black": the picture to send while the server is lost.
        clock:    monotonic seconds.
    """

    def __init__(
        self,
        receiver: Receiver,
        sink: FrameSink,
        *,
        fps: float = 0.0,
        resizer: Resizer | None = None,
        lost: str = "last",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._receiver, self._sink, self._resizer, self._clock = receiver, sink, resizer, clock
        self._fps, self._black_when_lost = fps, lost == "black"
        self._latest: Received | None = None  # not decoded yet
        self._rgb: np.ndarray | None = None
        self._declared_fps = fps or _ASSUMED_FPS
        self._heard = self._due = clock()
        self._is_lost = False
        self.sent = 0

    def run(self, ending: Ending) -> None:
        """Send pictures until the program should end."""
        while not ending.is_asked:
            self.step()

    def step(self) -> None:
        """Wait for a frame or a deadline, at most a tenth of a second, and send a picture if one is due."""
        wait_s = min(max(self._due - self._clock(), 0.0), _POLL_S) if self._is_paced else _POLL_S
        received = self._receiver.receive(wait_s)
        now = self._clock()
        if received is not None:
            self._note(received, now)
        self._tell_loss(now - self._heard > LOST_S)
        if self._is_due(received, now):
            rgb = self._picture()
            if rgb is not None:
                self._sink.send(rgb, self._declared_fps)
                self.sent += 1

    @property
    def _is_paced(self) -> bool:
        return self._fps > 0 or self._is_lost

    def _note(self, received: Received, now: float) -> None:
        self._latest, self._heard = received, now
        fps = received.meta.get("fps")
        if not self._fps and isinstance(fps, int | float) and 1 <= fps <= MAX_FPS:
            self._declared_fps = float(fps)

    def _tell_loss(self, is_lost: bool) -> None:
        if is_lost != self._is_lost:
            self._is_lost = is_lost
            logger.warning("%s %s", "lost" if is_lost else "heard again from", self._receiver.endpoint)

    def _is_due(self, received: Received | None, now: float) -> bool:
        """Return whether to send a picture now; at a fixed rate, a late picture does not delay the next one."""
        if not self._is_paced:
            return received is not None
        if now < self._due:
            return False
        period = 1 / (self._fps or LOST_FPS)
        self._due = self._due + period if self._due + period > now else now + period
        return True

    def _picture(self) -> np.ndarray | None:
        """Return the picture to send now; None before the first frame."""
        if self._latest is not None:
            try:
                rgb = self._latest.rgb()
                self._rgb = rgb if self._resizer is None else self._resizer.fit(rgb)
            except WireError as e:
                self._receiver.broken += 1
                logger.debug("%s", e)
            self._latest = None
        if self._rgb is not None and self._is_lost and self._black_when_lost:
            return np.zeros_like(self._rgb)
        return self._rgb


def bridge(
    kind: str,
    endpoint: str = DEFAULT_HOST,
    *,
    name: str = "bandwalk",
    resize: str = "",
    fps: float = 0.0,
    lost: str = "last",
    curve: str = "",
) -> None:
    """Send a server's pictures to NDI, Spout or Syphon until SIGINT or SIGTERM.

    Args:
        kind:     ndi, spout or syphon.
        endpoint: "HOST", "HOST:PORT" or "tcp://HOST:PORT".
        name:     of the source, as other programs list it.
        resize:   "WIDTHxHEIGHT"; empty: the server's size.
        fps:      see :class:`Bridge`.
        lost:     see :class:`Bridge`.
        curve:    folder with the keys of a client; empty: none is asked for.

    Raises:
        ParameterError: an argument is invalid, or a library is not installed.
    """
    if not 0 <= fps <= MAX_FPS:
        raise ParameterError(f"--fps = {fps:g}: expected 0..{MAX_FPS:g}")
    if lost not in WHEN_LOST:
        raise ParameterError(f"--lost = {lost[:80]}: expected {' or '.join(WHEN_LOST)}")
    size = parse_resize(resize)
    resizer = Resizer(*size) if size else None
    sink = open_sink(kind, name)
    try:
        with (
            clock_of(parse_endpoint(endpoint)) as clock,
            Receiver(endpoint, clock=clock, curve=curve) as receiver,
            ended_by_signals() as ending,
        ):
            logger.info("%s source %r: %s", kind, name, receiver.endpoint)
            Bridge(receiver, sink, fps=fps, resizer=resizer, lost=lost).run(ending)
    finally:
        sink.close()
