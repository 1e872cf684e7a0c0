"""Finds faults in the incoming sound and describes them in plain sentences. Each channel is measured before mixing.

Pieces of 0.1 s are summed (power, mean and products of the channels, flat tops); the sums of the last 5 s are
judged twice a second. A sentence disappears 5 s after its cause.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from bandwalk.units import SAMPLE_RATE, lin_to_db

PIECE = SAMPLE_RATE // 10
"""Samples of one channel in a piece: 0.1 s."""

WINDOW = 50
"""Pieces that are judged together: 5 s, longer than a rest in most music."""

QUIET = 100
"""Pieces under the floor after which a sound is too quiet: 10 s."""

MISSING_S = 2.0
"""A sound card that gives nothing for this long is reported."""

_JUDGE_EACH = 5
_PEAK_OF = 4
"""Pieces over which the peak is held: 0.4 s, so that it can be read."""

NOTHING_DB = -120.0
"""The level of no sound at all; 24 bits end at -144 dB."""

_FULL = 0.98
"""Flat tops are searched above this level: sound clips at full scale (in some converters a little below)."""

_FLAT = 2.0**-15
"""Samples that differ by less count as equal: one step of 16 bits."""

_CLIPPED_SHARE = 1e-3
"""Share of flat samples from which clipping is audible."""

_OFF_CENTRE, _OFF_CENTRE_SHARE = 0.01, 0.05
"""Mean of a channel, and its ratio to the RMS, above which the input has a DC offset. Over 5 s the mean of music is a
tenth of this, or comes from clipping.
"""

_DEAD = 1e-3
"""A channel is silent if its RMS, divided by that of the loudest, is below this: -60 dB."""

_OPPOSITE = -0.7
"""Below this correlation over 5 s one of two channels is inverted: a mix is above 0, a wide one above -0.4."""


@dataclass(frozen=True, slots=True)
class HealthReading:
    """Level and health of the input.

    db:       highest peak of its channels in the last 0.4 s, dBFS; -120: no sound.
    sentence: the fault; "": no fault.
    """

    db: float = NOTHING_DB
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over some samples.

    n: samples of a channel.   mean: [channels].   products: mean of x_i x_j, [channels, channels].
    flat: flat samples at full scale, of all channels.   peak: highest amplitude.
    """

    n: int
    mean: np.ndarray
    products: np.ndarray
    flat: int
    peak: float


def sum_up(x: np.ndarray) -> Sums:
    """Sum up x [n, channels] float32."""
    n = len(x)
    peak = float(max(x.max(), -x.min()))
    flat = _count_flat(x) if peak >= _FULL else 0
    return Sums(n, np.ones(n, np.float32) @ x / n, x.T @ x / n, flat, peak)


def join(pieces: list[Sums]) -> Sums:
    """Return the sums over several pieces of the same length."""
    return Sums(
        sum(piece.n for piece in pieces),
        np.stack([piece.mean for piece in pieces]).mean(axis=0, dtype=np.float64),
        np.stack([piece.products for piece in pieces]).mean(axis=0, dtype=np.float64),
        sum(piece.flat for piece in pieces),
        max(piece.peak for piece in pieces),
    )


def judge(sums: Sums, floor: float, *, is_long_quiet: bool) -> str:
    """Return a sentence about the fault; "" if there is none.

    Args:
        sums:          over the time to judge.
        floor:         RMS under which a sound is too quiet to be seen, linear.
        is_long_quiet: whether it has been too quiet for long enough to report it.
    """
    rms = _rms(sums)
    if sums.peak == 0.0:
        return "digital silence: only zeros arrive (muted, or other channels?)"
    if rms.max() < floor:
        found = [f"too quiet: under the floor ({lin_to_db(floor):.0f} dB); turn it up"] if is_long_quiet else []
        return "; ".join(found + _off_centre(sums, rms))
    found = ["clipped: turn it down"] if sums.flat > _CLIPPED_SHARE * sums.n * len(rms) else []
    return "; ".join([*found, *_dead(rms), *_opposite(sums, rms, floor), *_off_centre(sums, rms)])


class Health:
    """Measures one source's sound, piece by piece; :attr:`reading` may be read from any thread.

    Costs about 0.05 % of a core (test_health measures it).

    Args:
        name: of the source.
    """

    def __init__(self, name: str) -> None:
        self.reading = HealthReading()
        self.floor = 0.0
        """RMS under which a sound is too quiet to be seen, linear; the owner sets it, from the floor and the gain."""
        self._name = name
        self._waiting: list[np.ndarray] = []
        self._n_waiting = 0
        self._missed_s = 0.0
        self._begin()

    def hear(self, x: np.ndarray) -> None:
        """Take the next samples, [n, channels] at 48 kHz, as they arrive."""
        if self._waiting and x.shape[1] != self._waiting[0].shape[1]:
            self._begin()
        self._missed_s = 0.0
        self._waiting.append(x)
        self._n_waiting += len(x)
        if self._n_waiting >= PIECE:
            piece = np.concatenate(self._waiting)
            self._waiting, self._n_waiting = [], 0
            self._add(piece)

    def rest(self) -> None:
        """Clear the reading: a pause, or the file has ended."""
        self._begin()
        self.reading = HealthReading()

    def miss(self, seconds: float) -> None:
        """Note that no sound came for this long, in addition to before."""
        self._missed_s += seconds
        if self._missed_s >= MISSING_S:
            self._begin()
            self.reading = HealthReading(NOTHING_DB, f"no sound comes from {self._name}")

    def _begin(self) -> None:
        self._waiting, self._n_waiting = [], 0
        self._pieces: deque[Sums] = deque(maxlen=WINDOW)
        self._n_quiet = self._n_judged = 0

    def _add(self, x: np.ndarray) -> None:
        if self._pieces and self._pieces[-1].mean.shape != x.shape[1:]:
            self._begin()
        piece = sum_up(x)
        self._pieces.append(piece)
        self._n_quiet = self._n_quiet + 1 if _rms(piece).max() < self.floor else 0
        self._n_judged += 1
        newest = list(self._pieces)[-_PEAK_OF:]
        db = max(NOTHING_DB, lin_to_db(max(part.peak for part in newest)))
        sentence = self.reading.sentence
        if self._n_judged % _JUDGE_EACH == 0:
            is_full = len(self._pieces) == WINDOW
            long_quiet = self._n_quiet >= QUIET
            sentence = judge(join(list(self._pieces)), self.floor, is_long_quiet=long_quiet) if is_full else ""
        self.reading = HealthReading(db, sentence)


def _rms(sums: Sums) -> np.ndarray:
    """RMS of each channel without its mean, [channels]."""
    rms: np.ndarray = np.sqrt(np.maximum(sums.products.diagonal() - sums.mean**2, 0.0))
    return rms


def _count_flat(x: np.ndarray) -> int:
    """Return how many samples lie in the middle of three equal ones at full scale."""
    is_flat = (np.abs(x[1:]) >= _FULL) & (np.abs(x[1:] - x[:-1]) < _FLAT)
    return int(np.count_nonzero(is_flat[1:] & is_flat[:-1]))


def _dead(rms: np.ndarray) -> list[str]:
    """Return which channels are silent while others are not."""
    n = len(rms)
    is_dead = rms < _DEAD * rms.max()
    dead = [k + 1 for k in range(n) if is_dead[k]]
    if not dead:
        return []
    if len(dead) == n - 1:
        return [f"only channel {int(rms.argmax()) + 1} of the {n} heard has sound"]
    which = f"channel {dead[0]} of the {n} heard carries" if len(dead) == 1 else f"channels {_listed(dead)} carry"
    return [f"{which} nothing"]


def _opposite(sums: Sums, rms: np.ndarray, floor: float) -> list[str]:
    """Return which neighbours (1 and 2, 3 and 4) cancel each other."""
    found = []
    for k in range(0, len(rms) - 1, 2):
        together = sums.products[k, k + 1] - sums.mean[k] * sums.mean[k + 1]
        if min(rms[k], rms[k + 1]) > max(floor, 1e-9) and together < _OPPOSITE * rms[k] * rms[k + 1]:
            found.append(f"channels {k + 1} and {k + 2} are in opposite phase: one is wired the wrong way round")
    return found


def _off_centre(sums: Sums, rms: np.ndarray) -> list[str]:
    """Return which channels have an offset."""
    limit = np.maximum(_OFF_CENTRE, _OFF_CENTRE_SHARE * rms)
    off = [k + 1 for k in range(len(rms)) if abs(sums.mean[k]) > limit[k]]
    if not off:
        return []
    percent = max(1, round(100 * float(np.abs(sums.mean).max())))
    return [f"{'channel' if len(off) == 1 else 'channels'} {_listed(off)} off centre by {percent} % (DC)"]


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
