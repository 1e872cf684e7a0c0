"""How often a client may ask: one that asks more often is read later.

Nothing is thrown away, so the last position of a fader always comes through. While a client is not read, the system
lets it wait, and nothing collects here.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable

from bandwalk.records import Counters

MESSAGES = (1000.0, 2000)
"""Messages of one WebSocket: a second in the long run, and at once. Ten faders at 60 a second are 600."""

REQUESTS = (500.0, 2000)
"""HTTP requests of one peer, the same. A panel asks for a hundred things when it opens."""

MAX_PEERS = 256
"""Most peers that are counted; beyond it the one that was quiet for longest is forgotten."""

logger = logging.getLogger(__name__)


class Pacing:
    """What one client may still ask for.

    Args:
        limit: (times a second, times at once).
        now:   a clock, seconds.
    """

    def __init__(self, limit: tuple[float, int], now: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._most = limit
        self._now = now
        self._free, self._t = float(self._most), now()
        self.is_told = False

    def delay_s(self) -> float:
        """Count one more, and return how long it must wait, seconds."""
        now = self._now()
        self._free = min(float(self._most), self._free + (now - self._t) * self._rate) - 1.0
        self._t = now
        return max(0.0, -self._free / self._rate)

    async def wait(self, who: str, what: str, counters: Counters) -> None:
        """Count one more, and wait as long as it must; the first wait is logged, and each is counted."""
        delay_s = self.delay_s()
        if not delay_s:
            return
        counters.add("web_slowed")
        if not self.is_told:
            self.is_told = True
            logger.warning("%s sends over %g %s a second: it is answered no faster", who, self._rate, what)
        await asyncio.sleep(delay_s)


class Paces:
    """A :class:`Pacing` for each peer."""

    def __init__(self, limit: tuple[float, int]) -> None:
        self._limit = limit
        self._peers: OrderedDict[str, Pacing] = OrderedDict()

    def of(self, peer: str) -> Pacing:
        """Return that of a peer."""
        pacing = self._peers.pop(peer, None) or Pacing(self._limit)
        self._peers[peer] = pacing
        if len(self._peers) > MAX_PEERS:
            self._peers.popitem(last=False)
        return pacing
