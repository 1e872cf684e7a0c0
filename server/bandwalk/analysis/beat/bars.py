"""Which beat is the first of its bar: the one where the most changes."""

import numpy as np

LOWEST_HZ, HIGHEST_HZ = 90.0, 2300.0
"""Of the spectrum in which a change of chord is seen."""

HELD = (0.35, 0.95)
"""From where to where in a beat sound is held: the hits at its beginning have died away."""

HIT = 0.3
"""Up to this share of a beat its hit is seen."""

BARS = 8.0
"""A beat's place is judged over so many bars."""

KICK = 0.5
"""How much the lowest bands' hit counts beside the change of the spectrum."""

LEAST_CHANGE, LEAST_HIT = 0.01, 0.1
"""What is under these is no change, and no hit."""

MARGIN = 1.2
"""Another beat is the first only if it is so much stronger: the count does not flutter."""


class Bars:
    """Counts beats in bars.

    A beat's strength is how far the held sound in it differs from that in the beat before, for chords change on the
    first beat, and how hard its kick is; each compared with the other beats:

        strength = change / mean change + KICK * kick / mean kick

    The idea is that of Davies and Plumbley, "A Spectral Difference Approach to Downbeat Extraction in Musical Audio",
    EUSIPCO 2006. Here change = 1 - r, with r the correlation of two mean logarithmic spectra.

    Args:
        beats_per_bar: 1 at least.
        bin_hz:        width of the spectrum's bins.
    """

    def __init__(self, beats_per_bar: int, bin_hz: float) -> None:
        self._bins = slice(round(LOWEST_HZ / bin_hz), round(HIGHEST_HZ / bin_hz))
        self._first = 0
        self._count = -1
        self._kick = 0.0
        self._sum = np.zeros(self._bins.stop - self._bins.start)
        self._held = 0
        self._before: np.ndarray | None = None
        self._n = beats_per_bar
        self.forget()

    @property
    def is_first(self) -> bool:
        """Whether this beat is the first of a bar."""
        return (self._count - self._first) % self._n == 0

    def phase(self, phase: float) -> float:
        """Return the position in the bar, 0..1, from that in the beat."""
        return float((self._count - self._first) % self._n + phase) / self._n

    def set(self, beats_per_bar: int) -> None:
        """Count bars of another length, from the first beat of this one."""
        if beats_per_bar != self._n:
            self._first = self._count - (self._count - self._first) % self._n
            self._n = beats_per_bar
            self.forget()

    def forget(self) -> None:
        """Forget which beats were strong; the count goes on."""
        self._changes, self._kicks = np.zeros(self._n), np.zeros(self._n)
        self._judged = np.zeros(self._n)

    def hear(self, power: np.ndarray, low: float, beats: float, *, begins: bool, plays: bool) -> None:
        """Take one more step.

        Args:
            power:  of the spectrum's bins.
            low:    what begins in the lowest bands, 0 at least.
            beats:  where the pulse is.
            begins: a beat begins in this step.
            plays:  it is no break; in a break nothing is learned.
        """
        phase = beats % 1.0
        if begins:
            self._end_beat(plays=plays)
        if phase < HIT:
            self._kick = max(self._kick, low)
        elif HELD[0] < phase < HELD[1]:
            self._sum += np.log(power[self._bins] + 1e-12)
            self._held += 1

    def _end_beat(self, *, plays: bool) -> None:
        if self._held:
            spectrum = self._sum / self._held
            if self._before is not None and self._count >= 0 and plays:
                self._judge(_change(self._before, spectrum))
            self._before = spectrum
        self._count += 1
        self._kick, self._held = 0.0, 0
        self._sum[:] = 0.0

    def _judge(self, change: float) -> None:
        place = self._count % self._n
        self._judged[place] += 1
        coef = max(1.0 / BARS, 1.0 / self._judged[place])
        self._changes[place] += coef * (change - self._changes[place])
        self._kicks[place] += coef * (self._kick - self._kicks[place])
        if self._judged.min() < 1:
            return
        strength = _compared(self._changes, LEAST_CHANGE) + KICK * _compared(self._kicks, LEAST_HIT)
        best = int(np.argmax(strength))
        if strength[best] > MARGIN * strength[self._first % self._n]:
            self._first = best


def _change(a: np.ndarray, b: np.ndarray) -> float:
    """Return how different two spectra are: 1 less their correlation."""
    a, b = a - a.mean(), b - b.mean()
    product = float(np.sqrt((a @ a) * (b @ b)))
    return 1.0 - float(a @ b) / product if product > 0.0 else 0.0


def _compared(x: np.ndarray, least: float) -> np.ndarray:
    """Return each as a multiple of their mean, or of the least that counts."""
    return np.asarray(x / max(float(x.mean()), least))
