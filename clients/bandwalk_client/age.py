"""The age of a frame, from the server's timestamp and this machine's clock, which may differ."""

import math

DRIFT = 2e-4
"""How fast two machines' clocks may drift apart, seconds per second: twice the error of a crystal."""

DISTRUST_S = 5.0
"""If every frame is late for this long, a clock was set, and the frames are not really late."""

MAX_GAP_S = 0.2
"""Most that one gap between frames counts towards DISTRUST_S: a suspended process receives nothing."""


class AgeMeter:
    """Measures age = lag - zero, where lag = received - sent, and zero is the lag of a frame that took no time.

    With one clock, zero is 0. With two, it is learned: it is the smallest lag so far, and rises by at most DRIFT; an
    age is then how much slower a frame was than the fastest one. If there are really two clocks (a tunnel, a virtual
    machine), or one of them is set, every frame seems late: after DISTRUST_S the smallest lag in that time becomes
    zero, and zero is learned from then on.

    Where the server has told its time (:mod:`bandwalk_client.server_clock`), none of this is needed: the age is the
    plain difference of the clocks.

    Args:
        limit_s:    age above which a frame is stale, seconds; None: no frame is stale.
        same_clock: whether the server's clock is this machine's.
    """

    def __init__(self, limit_s: float | None, *, same_clock: bool) -> None:
        self._limit_s = math.inf if limit_s is None else limit_s
        self._zero_s, self._drift = (0.0, 0.0) if same_clock else (math.inf, DRIFT)
        self._received: float | None = None
        self._stale_s, self._least_lag = 0.0, math.inf

    def age_s(self, sent: float, received: float, offset_s: float | None = None) -> float:
        """Return the age of a frame, seconds, 0 or more.

        Args:
            sent:     the frame's timestamp, unix seconds of the server's clock.
            received: unix seconds of this machine's clock.
            offset_s: the server's clock less this machine's, if it was asked for; None: not known.
        """
        learned = self._learned_s(sent, received)
        return learned if offset_s is None else max(received + offset_s - sent, 0.0)

    def _learned_s(self, sent: float, received: float) -> float:
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
