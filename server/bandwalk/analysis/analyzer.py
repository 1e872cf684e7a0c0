"""The analysis as one stage: blocks of any size go in, one record of features a step comes out."""

from collections.abc import Callable

import numpy as np

from bandwalk.analysis.band import Band
from bandwalk.analysis.band_parts import to_length
from bandwalk.analysis.bank import FilterBank, Loudness
from bandwalk.analysis.beat import BeatTracker
from bandwalk.analysis.context import Context
from bandwalk.analysis.filters import to_edges
from bandwalk.analysis.follow import GLIDE_S, Glide
from bandwalk.analysis.music import AIR, Moment, MusicListener
from bandwalk.analysis.spectrum import ShortSpectrum
from bandwalk.analysis.steps import Steps
from bandwalk.records import Block, EarValues, Features
from bandwalk.units import SAMPLE_RATE, db_to_lin, samples_to_s, step_rate_to_hop

SAMPLE_MAX = 8.0
"""Samples are held to +-SAMPLE_MAX (+18 dB over full scale): one broken block must not set the maxima for minutes."""

GAIN_MIN = 1e-6
"""A gain of 0 silences by this much: it lifts the floor over everything that can be heard."""


class Analyzer:
    """Turns sound into features, causally: whole, again, or block by block, the same bits.

    A step's samples are collected before anything is computed, so no sum depends on how the sound was cut into
    blocks; the same object serves live and offline.

    Args:
        values:    What to follow; changed by :meth:`set`.
        step_rate: Wanted steps a second; rounded so that a step is a whole number of samples.
        beside:    Hears the sound of each step too, y [hop] float64 with the gain on it.
    """

    def __init__(
        self, values: EarValues, *, step_rate: float, beside: Callable[[np.ndarray], None] | None = None
    ) -> None:
        self.hop = step_rate_to_hop(step_rate)
        self.step_rate = SAMPLE_RATE / self.hop
        self._values = values
        self._beside = beside
        self.reset()

    def reset(self) -> None:
        """Forget all sound: as new, with the values set last."""
        values, dt_s = self._values, 1 / self.step_rate
        edges = tuple(to_edges(band) for band in values.bands)
        self._steps = Steps(self.hop)
        self._y = self._steps.y
        self._step = 0
        self._gain = Glide(values.gain, GLIDE_S, dt_s)
        self._floor_db = Glide(values.floor_db, GLIDE_S, dt_s)
        self._spectrum = ShortSpectrum(self.hop, to_length(self.step_rate))
        self._bank = FilterBank(edges, self.hop, self.step_rate)
        self._context = Context(self._spectrum, edges, self.step_rate, beside=(AIR,))
        self._music = MusicListener(self.hop, self.step_rate)
        self._bands = [Band(band, self.step_rate) for band in values.bands]
        self._tracker = BeatTracker(self.step_rate, values.beat)

    def set(self, values: EarValues) -> None:
        """Follow other values from the next step that ends; what could click glides there or is cross-faded."""
        if values == self._values:
            return
        self._values = values
        self._gain.target = values.gain
        self._floor_db.target = values.floor_db
        self._bank.edges = tuple(to_edges(band) for band in values.bands)
        self._context.set(self._bank.edges)
        for band, band_values in zip(self._bands, values.bands, strict=True):
            band.set(band_values)
        self._tracker.set(values.beat)

    @property
    def missing(self) -> int:
        """Samples that complete the present step."""
        return self._steps.missing

    def process(self, block: Block) -> list[Features]:
        """Return the features of each step that ends within the block, oldest first.

        Args:
            block: y [n] float, any n; its samples follow those of the block before. Samples that are not finite
                   are heard as 0.
        """
        return [self._features(t_capture) for t_capture in self._steps.cut(block)]

    def _features(self, t_capture: float) -> Features:
        """Return the features of the step whose samples are complete.

        Bands are followed before the gain: it scales the RMS, and what counts as silence. So turning it neither
        looks like a change of the sound nor leaves maxima behind that belong to another gain.
        """
        gain = self._gain.step()
        silence = db_to_lin(self._floor_db.step()) / max(gain, GAIN_MIN)
        self._mend()
        if self._beside is not None:
            self._beside(gain * self._y)
        loudness = self._bank.step(self._y)
        self._spectrum.step(self._y)
        against = self._context.step(_beside(loudness, self._music.air(self._y)), silence)
        followed = [band.step(x, a) for band, x, a in zip(self._bands, loudness.now, against, strict=False)]
        level, change, onset = zip(*followed, strict=True)
        beat = self._tracker.step(self._spectrum.power, silence)
        moment = Moment(
            self._y,
            self._spectrum.power,
            against,
            low=loudness.now[0],
            rms=loudness.now[-1],
            rests=not any(level),
            silence=silence,
            gain=gain,
            onset=self._tracker.onset,
            flux=self._tracker.flux,
        )
        self._step += 1
        return Features(
            step=self._step - 1,
            t_audio=samples_to_s(self._step * self.hop),
            t_capture=t_capture,
            rms=tuple(gain * x for x in loudness.now[:-1]),
            level=level,
            change=change,
            onset=onset,
            rms_full=gain * loudness.now[-1],
            beat=beat,
            music=self._music.step(moment),
        )

    def _mend(self) -> None:
        """Bring the step's samples into range, if need be."""
        y = self._y
        if not float(y @ y) <= SAMPLE_MAX**2:  # else no sample can be out of range, nor be no number
            y[~np.isfinite(y)] = 0.0
            np.clip(y, -SAMPLE_MAX, SAMPLE_MAX, out=y)


def _beside(bands: Loudness, air: Loudness) -> Loudness:
    """Return the loudness of the bands, without the whole, and of the air."""
    return Loudness([*bands.now[:-1], *air.now], [*bands.before[:-1], *air.before])
