"""Features, spectrum and frames on their way to those who listen: values by address, thinned out for eyes."""

from collections.abc import Callable, Mapping, Sequence

from bandwalk.params.messages import SIGNALS
from bandwalk.params.row import INT32, Value
from bandwalk.records import BANDS, Features

PERIOD_S = 0.02
"""Shortest time between two readings: what eyes see; programs that want every step subscribe by UDP."""

SPECTRUM_PERIOD_S = 0.04
"""Shortest time between two readings of the spectrum, which is as slow as its window."""

_SPECTRUM = tuple(row.address for row in SIGNALS if row.address.startswith("/spectrum/"))


class Signals:
    """Thins the analysis steps out; no onset is lost.

    Args:
        tell: gets values by address.
    """

    def __init__(self, tell: Callable[[Mapping[str, Value]], None]) -> None:
        self._tell = tell
        self._told = self._shown = -1.0
        self._onset = (False,) * len(BANDS)
        self._input: dict[str, Value] = {}

    def hear(self, features: Features, spectrum: Callable[[], Sequence[float]]) -> None:
        """Take one analysis step: it is told, or its onsets wait for the one that is.

        Args:
            features: what the step heard.
            spectrum: reads the level of each third-octave; called where one is told.
        """
        self._onset = tuple(a or b for a, b in zip(self._onset, features.onset, strict=True))
        if not _is_due(self._told, features.t_audio, PERIOD_S):
            return
        self._told = features.t_audio
        values: dict[str, Value] = {"/feature/rms": features.rms_full, "/feature/time": features.t_audio}
        columns = zip(BANDS, features.level, features.change, self._onset, features.rms, strict=True)
        for band, level, change, onset, rms in columns:
            f = f"/feature/{band}"
            values |= {f"{f}/level": level, f"{f}/change": change, f"{f}/onset": int(onset), f"{f}/rms": rms}
        self._onset = (False,) * len(BANDS)
        if _is_due(self._shown, features.t_audio, SPECTRUM_PERIOD_S):
            self._shown = features.t_audio
            values |= zip(_SPECTRUM, spectrum(), strict=True)
        self._tell(values)

    def input(self, db: float, health: str) -> None:
        """Take how the sound arrives: peak in dBFS, and what is wrong; told where it is new."""
        now: dict[str, Value] = {"/audio/level_db": db, "/audio/health": health}
        if now != self._input:
            self._tell({address: value for address, value in now.items() if value != self._input.get(address)})
            self._input = now

    def frame(self, seq: int, age_ms: float) -> None:
        """Take one published frame: its number and the age of its sound."""
        self._tell({"/frame/seq": seq & INT32, "/frame/age_ms": age_ms})


def _is_due(before: float, now: float, period_s: float) -> bool:
    """Tell whether a period is over; a clock that was set back begins a new one."""
    return not 0.0 <= now - before < period_s * 0.99  # steps are not exact binary fractions
