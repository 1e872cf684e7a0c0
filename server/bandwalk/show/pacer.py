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
        anchor:   gives (audio time, monotonic time) of the newest sound; between blocks time runs on from there.
        clock:    what is waited by.
        counters: gets "late": deadlines that passed by more than half a frame, or with no frame at all.
    """

    def __init__(self, anchor: Callable[[], tuple[float, float]], clock: Clock, counters: Counters) -> None:
        self._anchor = anchor
        self._clock = clock
        self._counters = counters
        self._fps = 0.0
        self._origin = 0.0  # audio time from which frames are counted at this rate
        self._k = 0

    def next(self, fps: float, stop: threading.Event) -> float | None:
        """Wait for the next frame and return its audio time, or None when stop is set.

        A frame whose time has passed is left out: the next one is on the newest sound.
        """
        t_audio, t_capture = self._anchor()
        heard = t_audio + self._clock.now() - t_capture  # the audio time of this moment
        if not self._fps:
            self._fps = fps
            self._k = math.floor(max(heard, 0.0) * fps)
        elif fps != self._fps:
            self._origin, self._k, self._fps = self._time(), 1, fps
        else:
            self._k += 1
        self._catch_up(heard)
        due = t_capture + self._time() - t_audio
        if self._clock.sleep_until(due, stop) or stop.is_set():
            return None
        return self._time()

    def _catch_up(self, heard: float) -> None:
        """Leave out the frames that can no longer be in time."""
        behind = (heard - self._time()) * self._fps  # frames
        if behind > 1 or behind < -_AHEAD_FRAMES:
            newest = max(0, math.floor((heard - self._origin) * self._fps))
            self._counters.add("late", max(0, newest - self._k))
            self._k = newest
        elif behind > 0.5:
            self._counters.add("late")

    def _time(self) -> float:
        return self._origin + self._k / self._fps
