"""The analysis as one stage: blocks of any size go in, one record of features a step comes out."""

import numpy as np

from bandwalk.analysis.band import GLIDE_S, Band
from bandwalk.analysis.bank import WINDOW_S, Bank, Loudness, RmsWindow
from bandwalk.analysis.crosstalk import to_leaks
from bandwalk.analysis.filters import to_edges
from bandwalk.analysis.follow import Glide
from bandwalk.records import Block, EarValues, Features
from bandwalk.units import SAMPLE_RATE, db_to_lin, samples_to_s, step_rate_to_hop

SAMPLE_MAX = 8.0
"""Samples are held to +-SAMPLE_MAX (+18 dB over full scale): one broken block must not set the maxima for minutes."""


class Analyzer:
    """Turns sound into features, causally: whole, again, or block by block, the same bits.

    A step's samples are collected before anything is computed, so no sum depends on how the sound was cut into
    blocks; the same object serves live and offline.

    Args:
        values:    What to follow; changed by :meth:`set`.
        step_rate: Wanted steps a second; rounded so that a step is a whole number of samples.
    """

    def __init__(self, values: EarValues, *, step_rate: float) -> None:
        self.hop = step_rate_to_hop(step_rate)
        self.step_rate = SAMPLE_RATE / self.hop
        self._values = values
        self.reset()

    def reset(self) -> None:
        """Forget all sound: as new, with the values set last."""
        values, dt_s = self._values, 1 / self.step_rate
        edges = tuple(to_edges(band) for band in values.bands)
        floor = db_to_lin(values.floor_db)
        self._hop_y = np.zeros(self.hop)
        self._fill = 0
        self._step = 0
        self._gain = Glide(values.gain, GLIDE_S, dt_s)
        self._full = RmsWindow(max(1, round(WINDOW_S * self.step_rate)))
        self._bank = Bank(edges, self.hop, self.step_rate)
        self._bands = [Band(band, floor, self.step_rate) for band in values.bands]
        self.set(values)

    def set(self, values: EarValues) -> None:
        """Follow other values from the next block on; what could click glides there or is cross-faded."""
        self._values = values
        self._gain.target = values.gain
        self._silence = db_to_lin(values.floor_db)
        self._bank.edges = tuple(to_edges(band) for band in values.bands)
        self._leaks = to_leaks(self._bank.edges)
        for band, band_values in zip(self._bands, values.bands, strict=True):
            band.set(band_values)

    def process(self, block: Block) -> list[Features]:
        """Return the features of each step that ends within the block, oldest first.

        Args:
            block: y [n] float, any n; its samples follow those of the block before.
        """
        found = []
        start = 0
        while start < len(block.y):
            n = min(self.hop - self._fill, len(block.y) - start)
            self._hop_y[self._fill : self._fill + n] = block.y[start : start + n]
            self._fill += n
            start += n
            if self._fill == self.hop:
                self._fill = 0
                found.append(self._features(block.t_capture - samples_to_s(len(block.y) - start)))
        return found

    def _features(self, t_capture: float) -> Features:
        """Return the features of the step that is now complete."""
        gain = self._gain.step()
        full = self._full.step(self._mean_square())
        bands = [Loudness(gain * x.now, gain * x.before) for x in self._bank.step(self._hop_y)]
        maxima = [band.hear(x) for band, x in zip(self._bands, bands, strict=True)]
        followed = []
        for band, x, leaks in zip(self._bands, bands, self._leaks, strict=True):
            heard_of_others = max(leak * m for leak, m in zip(leaks, maxima, strict=True))
            followed.append(band.step(x, max(self._silence, heard_of_others)))
        level, change, onset = zip(*followed, strict=True)
        self._step += 1
        return Features(
            step=self._step - 1,
            t_audio=samples_to_s(self._step * self.hop),
            t_capture=t_capture,
            rms=tuple(x.now for x in bands),
            level=level,
            change=change,
            onset=onset,
            rms_full=gain * full.now,
        )

    def _mean_square(self) -> float:
        """Return the mean square of the step's samples, which are brought into range first if need be."""
        y = self._hop_y
        total = float(y @ y)
        if not total <= SAMPLE_MAX**2:  # only then can a sample be out of range, or not a number
            y[~np.isfinite(y)] = 0.0
            np.clip(y, -SAMPLE_MAX, SAMPLE_MAX, out=y)
            total = float(y @ y)
        return total / self.hop
