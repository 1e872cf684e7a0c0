"""One band's features of its loudness: level, change, onset."""

from bandwalk.analysis.bank import Loudness
from bandwalk.analysis.follow import GLIDE_S, Follower, Glide, RunningMax, clamp
from bandwalk.analysis.onset import OnsetDetector
from bandwalk.records import BandValues

HALF_LIFE_S = 10.0
"""Of the running maxima: some bars of music. Longer, and a quiet passage stays small; shorter, and it pumps."""

HEADROOM = 2.0
"""Full scale is at least this much over the floor, so that noise just above it is not full scale."""

CHANGE_MIN = 0.2
"""Full change is at least this share of full scale: the ripple of a steady tone's RMS stays small for ever."""


class Band:
    """Follows one band: first :meth:`hear`, then, when all bands have heard, :meth:`step`."""

    def __init__(self, values: BandValues, step_rate: float) -> None:
        dt_s = 1 / step_rate
        self._gain = Glide(values.gain, GLIDE_S, dt_s)
        self._follower = Follower(values.attack_s, values.release_s, dt_s)
        self._loudest = RunningMax(HALF_LIFE_S, dt_s)
        self._largest = RunningMax(HALF_LIFE_S, dt_s)
        self._onset = OnsetDetector(step_rate)

    def set(self, values: BandValues) -> None:
        """Follow other values from the next step on."""
        self._gain.target = values.gain
        self._follower.set(values.attack_s, values.release_s)

    def hear(self, loudness: Loudness) -> float:
        """Return the band's decaying maximum, this step's loudness (linear) included."""
        return self._loudest.step(loudness.now)

    def step(self, loudness: Loudness, *, silence: float, leaked: float) -> tuple[float, float, bool]:
        """Return (level, change, onset) of this step.

            floor  = max(silence, leaked)
            top    = max(loudest, HEADROOM * floor)
            level  = gain * (follower(now) - floor) / (top - floor)                       in 0..1
            rise   = max(now, floor) - max(before, floor)
            change = gain * rise / max(decaying maximum of |rise|, CHANGE_MIN * top)      in -1..1

        Args:
            loudness: What :meth:`hear` got.
            silence:  RMS under which all is silence, linear, over 0.
            leaked:   RMS that the sound of other bands may have here, linear.
        """
        floor = max(silence, leaked)
        top = max(self._loudest.m, HEADROOM * floor)
        level = (self._follower.step(loudness.now) - floor) / (top - floor)
        now, before = max(loudness.now, floor), max(loudness.before, floor)
        rise = now - before
        change = rise / max(self._largest.step(abs(rise)), CHANGE_MIN * top)
        gain = self._gain.step()
        onset = self._onset.step(now / top, before / top)
        return clamp(gain * level, 0.0, 1.0), clamp(gain * change, -1.0, 1.0), onset
