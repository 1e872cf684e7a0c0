"""Stalls: a stage of the show that works on one thing for longer than a quarter of a second.

Each stage runs its turns inside ``with stalls.watch(stage)``. A turn that took too long is counted once, when it ends
or when :meth:`Stalls.look` finds it still at work, whichever is earlier.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

STALL_S = 0.25
"""A turn that takes longer is a stall."""

STALL_STAGES = ("hear", "draw", "encode", "send", "control")
"""What may stall: a block's analysis, a picture, its JPEG, its way to the sockets, a piece of OSC."""

REPORT_S = 10.0
"""Time between two log lines on stalls of one stage; all of them are counted."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Turn:
    """One turn of a stage: when it began, and whether it is counted as a stall."""

    begun: float
    is_counted: bool = False


class Stalls:
    """The stages of a show and how long their turns take.

    Args:
        now: returns monotonic seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._turns: dict[str, _Turn] = {}  # the newest of each stage that is at work
        self._done = dict.fromkeys(STALL_STAGES, now())
        self._reported: dict[str, float] = {}
        self._counts = dict.fromkeys(STALL_STAGES, 0)

    @property
    def counts(self) -> Mapping[str, int]:
        """Stalls since the start, by stage."""
        return dict(self._counts)

    @contextmanager
    def watch(self, stage: str) -> Iterator[None]:
        """Time the body as one turn of a stage; an error in it is no turn that was done.

        Raises:
            KeyError: no such stage.
        """
        turn = _Turn(self._now())
        self._turns[stage] = turn
        try:
            yield
            self._done[stage] = self._now()
        finally:
            self._judge(stage, turn, "took")
            if self._turns.get(stage) is turn:  # a thread that was left behind ends after the next one began
                del self._turns[stage]

    def look(self) -> None:
        """Count the turns that are at work for too long already; every now and then."""
        for stage, turn in tuple(self._turns.items()):
            self._judge(stage, turn, "is at work for")

    def rest(self, stages: Iterable[str]) -> None:
        """Note that nothing is wanted of these stages now."""
        self._done.update(dict.fromkeys(stages, self._now()))

    def busy_s(self, stage: str) -> float:
        """Return for how long a stage is at work on one thing; 0: it is not at work."""
        turn = self._turns.get(stage)
        return self._now() - turn.begun if turn is not None else 0.0

    def idle_s(self, stage: str) -> float:
        """Return the time since a stage has last done a turn, or was last told to rest."""
        return self._now() - self._done[stage]

    def _judge(self, stage: str, turn: _Turn, verb: str) -> None:
        seconds = self._now() - turn.begun
        if turn.is_counted or seconds <= STALL_S:
            return
        turn.is_counted = True
        self._counts[stage] += 1
        now = self._now()
        if now - self._reported.get(stage, -REPORT_S) >= REPORT_S:
            self._reported[stage] = now
            logger.warning("stall: %s %s %.2f s (stall %d of it)", stage, verb, seconds, self._counts[stage])
