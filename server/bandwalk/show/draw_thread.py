"""Draws at each frame's deadline, on a thread that is left behind where a picture does not end.

A thread cannot be ended from outside. One that hangs in a model's drawing keeps that model, and what it may yet draw
is thrown away; another thread draws with another model.
"""

import threading
from collections import deque
from collections.abc import Callable
from statistics import median

from bandwalk.clock import Clock
from bandwalk.records import Picture
from bandwalk.show.threads import ThreadGroup

MAX_FAILURES = 3
"""Pictures in a row that a model may fail to draw."""

MIN_HANG_S, HANG_TIMES = 2.0, 10.0
"""A picture hangs after so many seconds, and so many times what the model's pictures take."""

FIRST_HANG_S = 20.0
"""The same for a model's first picture, before its pace is known."""

WATCH_S = 0.1
"""How often drawing is looked at."""

_KEPT = 100
"""Pictures by which a model's pace is known."""


class Watchdog:
    """Judges how one model draws: by one thread that draws, and one that looks every now and then.

    Time counts only while somebody looks: a process that was held and goes on has not hung.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=_KEPT)
        self._begun: float | None = None
        self._failures = 0
        self._error = ""
        self._t_looked = clock.now()
        self._looked_at: float | None = None  # the picture's beginning
        self._waited_s = 0.0
        self.has_hung = False

    def begin(self) -> None:
        """Note that a picture is begun."""
        self._begun = self._clock.now()

    def end(self) -> None:
        """Note that it is drawn."""
        if self._begun is not None:
            self._times.append(self._clock.now() - self._begun)
        self._begun = None
        self._failures = 0
        self.has_hung = False

    def fail(self, error: Exception) -> None:
        """Note that it cannot be drawn."""
        self._begun = None
        self.has_hung = False
        self._failures += 1
        self._error = f"{type(error).__name__}: {error}"

    def judge(self, *, is_loading: bool) -> str:
        """Look, and return why the model is to be given up; empty: it is not.

        Args:
            is_loading: another model is being loaded, which makes pictures slow.
        """
        now, begun = self._clock.now(), self._begun
        if begun is None or begun != self._looked_at or is_loading:
            self._waited_s = 0.0
        else:
            self._waited_s += min(now - self._t_looked, 2 * WATCH_S)
        self._t_looked, self._looked_at = now, begun
        if self._failures >= MAX_FAILURES:
            return f"{MAX_FAILURES} pictures in a row failed ({self._error})"
        limit_s = max(MIN_HANG_S, HANG_TIMES * median(self._times)) if self._times else FIRST_HANG_S
        self.has_hung = self.has_hung or self._waited_s > limit_s
        return f"a picture took more than {limit_s:.0f} s" if self.has_hung else ""


class DrawThread:
    """The drawing of a show.

    Args:
        threads:       of the show.
        begin:      called once in each thread that draws.
        next_frame: waits for the next frame and returns its audio time; None: none is to be drawn.
        draw:       draws the picture of an audio time.
        put:        gets each picture.
    """

    def __init__(
        self,
        threads: ThreadGroup,
        begin: Callable[[], object],
        *,
        next_frame: Callable[[], float | None],
        draw: Callable[[float], Picture],
        put: Callable[[Picture], object],
        clock: Clock,
    ) -> None:
        self._threads = threads
        self._begin = begin
        self._next_frame = next_frame
        self._draw = draw
        self._put = put
        self._clock = clock
        self._watchdog = Watchdog(clock)
        self._left = threading.Event()

    def start(self) -> None:
        """Begin to draw."""
        self._left = left = threading.Event()
        self._threads.start("draw", lambda: self._turn(left), self._begin, left=left)

    def renew(self) -> None:
        """Judge anew: another model draws from now on; from the thread that loaded it."""
        has_hung = self._watchdog.has_hung
        self._watchdog = Watchdog(self._clock)
        if has_hung:
            self._left.set()
            self.start()

    def judge(self, *, is_loading: bool) -> str:
        """Return why the model that draws is to be given up; empty: it is not (see :meth:`Watchdog.judge`)."""
        return self._watchdog.judge(is_loading=is_loading)

    def _turn(self, left: threading.Event) -> None:
        """Wait for the next frame's deadline and draw it."""
        t_audio = self._next_frame()
        if t_audio is None:
            return
        watchdog = self._watchdog
        watchdog.begin()
        try:
            picture = self._draw(t_audio)
        except Exception as e:
            watchdog.fail(e)
            raise
        watchdog.end()
        if not left.is_set():
            self._put(picture)
