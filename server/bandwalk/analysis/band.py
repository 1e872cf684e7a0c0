"""One band's features of its loudness: level, change, onset."""

from bandwalk.analysis.context import BandContext
from bandwalk.analysis.follow import GLIDE_S, Follower, Glide, clamp
from bandwalk.analysis.onset import OnsetDetector
from bandwalk.records import BandValues

NOTHING = 1e-3
"""A level under it (60 dB under full scale) is 0: what dies away has an end."""


class Band:
    """Follows one band, a step at a time."""

    def __init__(self, values: BandValues, step_rate: float) -> None:
        dt_s = 1 / step_rate
        self._gain = Glide(values.gain, GLIDE_S, dt_s)
        self._follower = Follower(values.attack_s, values.release_s, dt_s)
        self._detector = OnsetDetector(step_rate)

    def set(self, values: BandValues) -> None:
        """Follow other values from the next step on."""
        self._gain.target = values.gain
        self._follower.set(values.attack_s, values.release_s)

    def step(self, now: float, context: BandContext) -> tuple[float, float, bool]:
        """Return (level, change, onset) of this step.

            level  = gain * follower(max(0, now - floor)) / (top - floor)  in 0..1
            change = gain * rise / fastest                                 in -1..1

        Args:
            now:     RMS of the band, linear.
            context: what it is measured against.
        """
        over = self._follower.step(max(0.0, now - context.floor))
        level = over / (context.top - context.floor)
        change = context.rise / context.fastest
        gain = self._gain.step()
        onset = self._detector.step(context.begins)
        return clamp(gain * level, 0.0, 1.0) if gain * level > NOTHING else 0.0, clamp(gain * change, -1.0, 1.0), onset
