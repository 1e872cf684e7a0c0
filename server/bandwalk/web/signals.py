"""Features and frames on their way to those who listen: values by address, fifty times a second at most."""

from collections.abc import Callable, Mapping

from bandwalk.records import BANDS, Features
from bandwalk.row import INT32, Value

PERIOD_S = 0.02
"""Shortest time between two readings: what eyes see; programs that want every step subscribe by UDP."""


class Signals:
    """Thins the analysis steps out; no onset is lost.

    Args:
        tell: gets values by address.
    """

    def __init__(self, tell: Callable[[Mapping[str, Value]], None]) -> None:
        self._tell = tell
        self._told = -PERIOD_S
        self._onset = (False,) * len(BANDS)

    def hear(self, features: Features) -> None:
        """Take one analysis step: it is told, or its onsets wait for the one that is."""
        self._onset = tuple(a or b for a, b in zip(self._onset, features.onset, strict=True))
        if 0.0 <= features.t_audio - self._told < PERIOD_S * 0.99:  # steps are not exact binary fractions
            return
        self._told = features.t_audio
        values: dict[str, Value] = {"/feature/rms": features.rms_full, "/feature/time": features.t_audio}
        columns = zip(BANDS, features.level, features.change, self._onset, features.rms, strict=True)
        for band, level, change, onset, rms in columns:
            f = f"/feature/{band}"
            values |= {f"{f}/level": level, f"{f}/change": change, f"{f}/onset": int(onset), f"{f}/rms": rms}
        self._onset = (False,) * len(BANDS)
        self._tell(values)

    def frame(self, seq: int, age_ms: float) -> None:
        """Take one published frame: its number and the age of its sound."""
        self._tell({"/frame/seq": seq & INT32, "/frame/age_ms": age_ms})
