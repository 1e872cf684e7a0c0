"""How old a frame is, by the server's stamp and this machine's clock, which may disagree."""

import math

DRIFT = 2e-4
"""Seconds a second by which two machines' clocks may part: twice what a crystal is off."""

DISTRUST_S = 5.0
"""After so long without one frame in time, the clocks have been set, not the frames delayed."""

MAX_GAP_S = 0.2
"""The most that one gap between frames counts towards DISTRUST_S: a process that was suspended heard nothing."""


class AgeMeter:
    """Measures age = lag - zero, where lag = received - sent, and zero is the lag of a frame that took no time.

    Zero is 0 where both clocks are one. Else it is learned: the smallest lag seen, which drifts up by at most
    DRIFT; an age is then the time by which a frame was slower than the quickest one. Where the clocks are said to
    be one and are not (a tunnel, a virtual machine), or one of them is set, no frame is in time any longer: after
    DISTRUST_S of that the smallest lag heard meanwhile becomes zero, and is learned from then on.

    Args:
        limit_s:    Age above which a frame is stale, seconds; None: none is.
        same_clock: Whether the server's clock is this machine's.
    """

    def __init__(self, limit_s: float | None, *, same_clock: bool) -> None:
        self._limit_s = math.inf if limit_s is None else limit_s
        self._zero_s, self._drift = (0.0, 0.0) if same_clock else (math.inf, DRIFT)
        self._received: float | None = None
        self._stale_s, self._least_lag = 0.0, math.inf

    def age_s(self, sent: float, received: float) -> float:
        """Return the age of a frame, seconds, 0 or more.

        Args:
            sent:     The frame's stamp, unix seconds by the server's clock.
            received: Unix seconds by this machine's clock.
        """
        lag = received - sent
        gap = min(max(received - (received if self._received is None else self._received), 0.0), MAX_GAP_S)
        self._received = received
        self._zero_s = min(lag, self._zero_s + self._drift * gap)
        if lag - self._zero_s <= self._limit_s:
            self._forget_stale()
        else:
            self._note_stale(lag, gap)
        return lag - self._zero_s

    def _note_stale(self, lag: float, gap: float) -> None:
        self._stale_s += gap
        self._least_lag = min(self._least_lag, lag)
        if self._stale_s > DISTRUST_S:
            self._zero_s, self._drift = self._least_lag, DRIFT
            self._forget_stale()

    def _forget_stale(self) -> None:
        self._stale_s, self._least_lag = 0.0, math.inf
