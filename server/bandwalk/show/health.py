"""How a show does, in one word and one reason: what /health answers and a supervisor goes by."""

from collections.abc import Mapping
from typing import Any

from bandwalk.clock import Clock
from bandwalk.pipeline.stalls import Stalls
from bandwalk.pipeline.stats import Tally

STUCK_S = 5.0
"""A stage that has done nothing for so long is stuck."""

_DRAWN = ("draw", "send")
"""Stages that work only while pictures are wanted."""

_REGULAR = {"hear": "no sound was heard", "draw": "no picture was drawn", "send": "no picture was sent"}
"""Stages that do a turn all the time, and what it means if they do not."""


class Health:
    """The health of a show, told by its stages and by how often somebody looks.

    Args:
        tally: of the show.
        clock: of the show.
    """

    def __init__(self, tally: Tally, clock: Clock) -> None:
        self._tally = tally
        self._clock = clock
        self._begun = self._looked = clock.now()
        self.broken = ""
        """Why the show is over; empty: it is not."""

    def look(self, *, wanted: bool) -> None:
        """Look at the stages; every few tenths of a second.

        Args:
            wanted: whether pictures are drawn now.
        """
        self._looked = self._clock.now()
        self._tally.stalls.look()
        if not wanted:
            self._tally.stalls.rest(_DRAWN)

    @property
    def reason(self) -> str:
        """Why the show is not well; empty: it is."""
        unwatched_s = self._clock.now() - self._looked
        if unwatched_s > STUCK_S:
            return f"the main thread has not looked at the others for {unwatched_s:.0f} s"
        return self.broken or _stuck(self._tally.stalls)

    def read(self) -> tuple[bool, Mapping[str, Any]]:
        """Return whether the show is well, and what /health says."""
        reason, tally, now = self.reason, self._tally, self._clock.now()
        return not reason, {
            "status": "failing" if reason else "ok",
            "reason": reason,
            "sound": tally.input.sentence,
            "fps": round(tally.frames.fps(now), 2),
            "uptime_s": round(now - self._begun, 1),
            "stalls": tally.stalls.counts,
            "restarts": tally.restarts,
        }


def _stuck(stalls: Stalls) -> str:
    """Return what is stuck, the first in the order of the stages; empty: nothing."""
    for stage, meaning in _REGULAR.items():
        idle_s = stalls.idle_s(stage)
        if idle_s > STUCK_S:
            return f"{stage}: {meaning} for {idle_s:.0f} s"
    for stage in ("encode", "control"):
        busy_s = stalls.busy_s(stage)
        if busy_s > STUCK_S:
            return f"{stage}: at work on one thing for {busy_s:.0f} s"
    return ""
