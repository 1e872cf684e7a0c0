"""The filters that no parameter moves, run together: the air above 5 kHz, and the weighting of loudness."""

import numpy as np

from bandwalk.analysis.bank import Loudness, RmsWindow
from bandwalk.analysis.filters import F_HI_MAX, HopFilter, Sections, to_sections

AIR_HZ = 5000.0
"""Lower edge of the air, which is the upper edge of the highest band: hi-hats and cymbals."""

AIR = (AIR_HZ, F_HI_MAX)

K_WEIGHTING: Sections = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585),
    (1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621),
)
"""The two stages at 48 kHz: a head's treble, then a high-pass (Recommendation ITU-R BS.1770-4, tables 1 and 2)."""


class FixedFilters:
    """Both filters, a step's samples at a time."""

    def __init__(self, hop: int) -> None:
        self._filter = HopFilter((to_sections(AIR), K_WEIGHTING), hop)
        self._y = np.zeros((2, hop), np.float32)
        self._window = RmsWindow(1, hop)

    def step(self, y: np.ndarray) -> tuple[Loudness, float]:
        """Return (RMS of the air, mean square of the weighted sound in this step); y [hop] float64."""
        self._filter.filter(y, self._y)
        weighted = self._y[1]
        return self._window.step(self._y[:1]), float(weighted @ weighted) / len(weighted)
