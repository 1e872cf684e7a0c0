"""How many threads draw: tried with the first pictures of a show, which wait for nothing."""

import logging
import threading
from collections import deque
from collections.abc import Sequence

import numpy as np
import torch

from bandwalk.generator import Generator
from bandwalk.machine import cores

logger = logging.getLogger(__name__)

_ROUNDS = 4
_RUNS = 8
"""Pictures of a candidate in a round; the candidates take turns, so that a busy moment of the machine meets all."""

_BUDGET_S = 1.5
"""Drawing time after which no other round is begun: a few pictures show that a model is slow."""

_BETTER = 0.9
"""What more threads must bring, at the median and at the 95th percentile: they cost the rest of the show."""

_WORSE = 1.5
"""Several threads are tried anew where the pictures take so many times as long as when they were chosen."""

_WATCHED = 120
"""Pictures over which that is judged."""


def set_threads(n: int) -> None:
    """Let torch draw on n threads; the thread that draws calls it, since OpenMP keeps the count per thread."""
    torch.set_num_threads(n)


def candidates(G: Generator) -> Sequence[int]:
    """Return the numbers of threads that are worth a trial for a model, rising."""
    return sorted({1, max(1, cores() - 1), cores()}) if G.device.type == "cpu" else (1,)


class ThreadChoice:
    """Finds the number of drawing threads that is fastest beside the rest of a show.

    More threads are not always faster: where they meet at a barrier, each waits for the one that the rest of the show,
    or another program, has just interrupted. A number that is no better than one thread in its first round gets no
    other one.

    Args:
        wanted: to try; one number is not tried but taken.

    n: the present number.
    """

    def __init__(self, wanted: Sequence[int]) -> None:
        self._wanted = tuple(wanted)
        self.n = self._wanted[0]
        self._is_first = True
        self._anew = threading.Event()
        self._done = threading.Event()
        self.n = self._wanted[0]
        self._is_first = True
        self._begin()

    def begin(self) -> None:
        """Note that the thread that calls this draws from now on."""
        set_threads(self.n)

    def drawn(self, seconds: float) -> None:
        """Note how long a picture took; the thread that draws calls this after each one."""
        if self._anew.is_set():
            self._anew.clear()
            self._begin()
        elif self._done.is_set():
            self._watch(seconds)
            return
        elif self._is_first:  # its threads begin
            self._is_first = False
        else:
            self._note(seconds)
        set_threads(self.n)

    def again(self) -> None:
        """Try anew: another model draws; callable from any thread."""
        self._anew.set()

    def wait(self, timeout_s: float) -> int:
        """Return the number, or the present one if none is chosen within this time."""
        self._done.wait(timeout_s)
        return self.n

    def _begin(self) -> None:
        self._left = list(self._wanted)
        self._times: dict[int, list[float]] = {n: [] for n in self._wanted}
        self._at = self._round = 0
        self._is_first = True
        self.n = self._wanted[0]
        self._usual_s = 0.0
        self._watched: deque[float] = deque(maxlen=_WATCHED)
        (self._done.set if len(self._wanted) == 1 else self._done.clear)()

    def _note(self, seconds: float) -> None:
        times = self._times[self.n]
        times.append(seconds)
        if len(times) < (self._round + 1) * _RUNS:
            return
        self._at += 1
        if self._at == len(self._left):
            self._end_round()
        else:
            self._take(self._left[self._at])

    def _end_round(self) -> None:
        one = self._wanted[0]
        self._left = [n for n in self._left if n == one or self._is_better(n, one)]
        self._at, self._round = 0, self._round + 1
        spent_s = sum(map(sum, self._times.values()))
        if len(self._left) > 1 and self._round < _ROUNDS and spent_s < _BUDGET_S:
            self._take(self._left[0])
            return
        best = one
        for n in self._left[1:]:
            best = n if self._is_better(n, best) else best
        self._take(best)
        self._usual_s = float(np.median(self._times[best]))
        logger.info("draws on %d thread%s", best, "s" if best > 1 else "")
        self._done.set()

    def _take(self, n: int) -> None:
        self._is_first = n != self.n
        self.n = n

    def _is_better(self, n: int, other: int) -> bool:
        more, less = self._times[n], self._times[other]
        shares = [float(np.percentile(more, q) / np.percentile(less, q)) for q in (50, 95)]
        return max(shares) < _BETTER

    def _watch(self, seconds: float) -> None:
        """Try anew where several threads have become slow: other programs want the cores."""
        if self.n == 1:
            return
        self._watched.append(seconds)
        if len(self._watched) == _WATCHED:
            if float(np.median(self._watched)) > _WORSE * self._usual_s:
                self._anew.set()
            self._watched.clear()
