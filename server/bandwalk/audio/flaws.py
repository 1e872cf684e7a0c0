"""Faults of a sound file: counted, and reported once in plain words."""

import logging
from dataclasses import dataclass

from bandwalk.records import Counters

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Flaws:
    """The faults of a file, as far as it was read.

    damaged: packets that could not be decoded.
    gaps:    places where the timestamps leave a gap without sound.
    silent:  samples of silence that replace both.
    jumps:   places where the timestamps jump, as in joined recordings; nothing is missing there.
    """

    damaged: int = 0
    gaps: int = 0
    silent: int = 0
    jumps: int = 0


class FlawReporter:
    """Counts the flaws of a file while it is read, and warns of each kind once.

    Args:
        name:     of the file, for the user.
        is_quiet: only count.
    """

    def __init__(self, name: str, *, is_quiet: bool = False) -> None:
        self._name, self._is_quiet = name, is_quiet
        self._damaged = self._gaps = 0
        self._reported: set[str] = set()

    def look(self, flaws: Flaws, t_s: float, counters: Counters, *, silent_s: float) -> None:
        """Count and report new faults.

        Args:
            flaws:    of the file so far.
            t_s:      second at which the newest piece starts.
            counters: count audio_damaged (packets) and audio_gap (places).
            silent_s: seconds of inserted silence in all.
        """
        if flaws.damaged > self._damaged:
            counters.add("audio_damaged", flaws.damaged - self._damaged)
            self._damaged = flaws.damaged
            what = f"it is damaged at {t_s:.1f} s; the damaged part is silent, the rest plays in time"
            self.report("damaged", what)
        if flaws.gaps > self._gaps:
            counters.add("audio_gap", flaws.gaps - self._gaps)
            self._gaps = flaws.gaps
            self.report("gap", f"at {t_s:.1f} s it has no sound for {silent_s:.1f} s; this part is silent")

    def report(self, kind: str, what: str) -> bool:
        """Log a warning, once for each kind; return whether it was new."""
        if kind in self._reported:
            return False
        self._reported.add(kind)
        if not self._is_quiet:
            logger.warning("%s: %s", self._name, what)
        return True
