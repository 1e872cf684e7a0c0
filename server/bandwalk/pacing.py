"""When each frame is due: frame k shows audio time k / fps, and is drawn when the audio clock gets there."""

import math
import threading
from collections.abc import Callable

from bandwalk.clock import Clock
from bandwalk.records import Counters

_AHEAD_FRAMES = 2
"""A frame further ahead than this means that the audio clock jumped: the frames join it where it is."""


class Pacer:
    """Waits for one frame after the other, by deadlines: no drift, no pile-up.

    Args:
        anchor: gives (audio time, monotonic time) of the newest sound; between blocks time runs on from there.
        clock:  what is waited by.
        counters: gets "late": deadlines that passed by more than half a frame, or with no frame at all.
    """

    def __init__(self, anchor: Callable[[], tuple[float, float]], clock: Clock, counters: Counters) -> None:
        self._anchor = anchor
        self._clock = clock
        self._counters = counters
        self._fps = 0.0
        self._origin = 0.0  # audio time from which frames are counted at this rate
        self._k = -1

    def next(self, fps: float, stop: threading.Event) -> float | None:
        """Wait for the next frame and return its audio time, or None when stop is set.

        A frame whose time has passed is left out: the next one is on the newest sound.
        """
        if fps != self._fps:
            self._origin += max(self._k, 0) / self._fps if self._fps else 0.0
            self._k, self._fps = (0 if self._fps else -1), fps
        self._k += 1
        t_audio, t_capture = self._anchor()
        heard = t_audio + self._clock.now() - t_capture  # the audio time of this moment
        behind = heard - self._time()
        if behind > 1.0 / fps or behind < -_AHEAD_FRAMES / fps:
            due = math.floor((heard - self._origin) * fps)
            self._counters.add("late", max(0, due - self._k))
            self._k = max(due, 0)
        elif behind > 0.5 / fps:
            self._counters.add("late")
        if self._clock.sleep_until(t_capture + self._time() - t_audio, stop) or stop.is_set():
            return None
        return self._time()

    def _time(self) -> float:
        return self._origin + self._k / self._fps
