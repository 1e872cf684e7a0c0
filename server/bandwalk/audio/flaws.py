"""What is wrong with a file, counted, and said once in words."""

import logging
from dataclasses import dataclass

from bandwalk.records import Counters

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Flaws:
    """What was wrong with a file as far as it was read.

    damaged: packets that could not be decoded.
    gaps:    places where the file's timestamps leave time without sound.
    silent:  samples of silence that stand for both.
    jumps:   places where the file's clock jumps, as where recordings were joined; nothing is missing there.
    """

    damaged: int = 0
    gaps: int = 0
    silent: int = 0
    jumps: int = 0


class Teller:
    """Counts the flaws of a file while it is read, and warns of each kind once.

    Args:
        name:     of the file, as the user knows it.
        is_quiet: counts only.
    """

    def __init__(self, name: str, *, is_quiet: bool = False) -> None:
        self._name, self._is_quiet = name, is_quiet
        self._damaged = self._gaps = self._silent = 0
        self._told: set[str] = set()

    def look(self, flaws: Flaws, t_s: float, counters: Counters, *, silent_s: float) -> None:
        """Take note of what is new.

        Args:
            flaws:    of the file, up to now.
            t_s:      second at which what was read just now begins.
            counters: where audio_damaged (packets) and audio_gap (places) are counted.
            silent_s: seconds of silence that stand in, in all.
        """
        if flaws.damaged > self._damaged:
            counters.add("audio_damaged", flaws.damaged - self._damaged)
            self._damaged = flaws.damaged
            self.tell(
                "damaged", f"it is damaged at {t_s:.1f} s; what cannot be decoded is silent, the rest plays in time"
            )
        if flaws.gaps > self._gaps:
            counters.add("audio_gap", flaws.gaps - self._gaps)
            self._gaps = flaws.gaps
            self.tell("gap", f"at {t_s:.1f} s it has no sound for {silent_s:.1f} s; silence stands there")

    def tell(self, kind: str, what: str) -> bool:
        """Warn of something, once each kind; return whether it was new."""
        if kind in self._told:
            return False
        self._told.add(kind)
        if not self._is_quiet:
            logger.warning("%s: %s", self._name, what)
        return True
