"""All that is heard besides the bands, joined."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bandwalk.analysis.band import Band
from bandwalk.analysis.bank import Loudness
from bandwalk.analysis.context import BandContext
from bandwalk.analysis.music.energy import Energy, Powers
from bandwalk.analysis.music.fixed_filters import AIR, FixedFilters
from bandwalk.analysis.music.loudness import ShortTermLoudness
from bandwalk.analysis.music.pitch import Pitch
from bandwalk.analysis.music.silence import Silence
from bandwalk.analysis.music.timbre import Timbre
from bandwalk.records import BandValues, Music

AIR_VALUES = BandValues(*AIR, gain=1.0, attack_s=0.005, release_s=0.15)
"""The air is followed as the bands are at the start."""


class Moment(NamedTuple):
    """One step.

    y:        its sound, [hop] float64.
    power:    of the short spectrum.
    against:  what each band, and the air, is measured against.
    low, rms: of the lowest band, and of the whole sound.
    rests:    whether the level of every band is 0: a room, hum.
    silence:  RMS under which all is silence, over 0.
    gain:     a factor on what is absolute.
    onset:    whether anything is hit.
    flux:     how much begins, 0..1.
    """

    y: np.ndarray
    power: np.ndarray
    against: Sequence[BandContext]
    low: float
    rms: float
    rests: bool
    silence: float
    gain: float
    onset: bool
    flux: float


class MusicListener:
    """Hears a step in two turns: first what the bands' context needs of it, then what it needs of theirs."""

    def __init__(self, hop: int, step_rate: float) -> None:
        self._filters = FixedFilters(hop)
        self._air = Band(AIR_VALUES, step_rate)
        self._loudness = ShortTermLoudness(step_rate)
        self._energy = Energy(step_rate)
        self._silence = Silence(step_rate)
        self._timbre = Timbre(step_rate)
        self._pitch = Pitch(hop, step_rate)
        self._power = self._air_rms = 0.0

    def air(self, y: np.ndarray) -> Loudness:
        """Return the RMS of the air after one more step of sound, y [hop] float64."""
        air, self._power = self._filters.step(y)
        self._air_rms = air.now[0]
        return air

    def step(self, now: Moment) -> Music:
        """Return what is heard in the step whose sound :meth:`air` took."""
        level, change, onset = self._air.step(self._air_rms, now.against[-1])
        silent = self._silence.step(now.rms, now.silence)
        rises = [max(0.0, band.rise) for band in now.against]
        power = 0.0 if silent or (now.rests and level == 0.0) else self._power
        powers = Powers(power, sum(rises), now.low**2, rises[0])
        energy, drop, breaks = self._energy.step(powers, is_silent=silent)
        centroid, percussive = self._timbre.step(now.power, now.silence)
        chroma, flatness, key = self._pitch.step(now.y, is_silent=silent)
        return Music(
            air_level=level,
            air_change=change,
            air_onset=onset,
            air_rms=now.gain * self._air_rms,
            onset=now.onset,
            flux=now.flux,
            loudness=self._loudness.step(now.gain**2 * self._power),
            energy=energy,
            drop=drop,
            breaks=breaks,
            silence=silent,
            centroid=centroid,
            flatness=flatness,
            percussive=percussive,
            chroma=chroma,
            key=key,
        )
