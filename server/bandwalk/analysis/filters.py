"""The bands' filters, run as linear maps over whole chunks of sound.

A filter is linear: the n samples that leave it, and the state it is left in, are one matrix times the n samples
that enter and the state before. The matrix is read off scipy's own ``sosfilt``, fed with unit inputs, so it *is*
that filter (a test holds the two equal). Three bands then cost a few small matrix products a step, a fifth of
what three calls of ``sosfilt`` cost, which spends most of its time on checking its arguments.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import block_diag
from scipy.signal import butter, sosfilt

from bandwalk.records import BandValues
from bandwalk.units import SAMPLE_RATE

ORDER = 5
"""Of each slope; a band-pass is a low-pass and a high-pass, as in the published code."""

F_LO_MIN = 5.0
"""Hz. A lower edge under it is none: nothing is heard there, and its filter would take seconds to settle."""

F_HI_MAX = 0.49 * SAMPLE_RATE
"""Hz. Short of the Nyquist frequency, where the bilinear transform ends."""

TINY_HZ = 0.1
"""A frequency under it is as good as 0."""

EDGE_RATIO = 1.1
"""f_hi is at least this much over f_lo."""

CHUNK = 60
"""Samples that a map takes as one: short maps stay in the cache, long ones need fewer turns; 60 divides most hops."""

CHUNKS = 8
"""Chunks that are mapped together: too few for any BLAS to start threads (OpenBLAS does from 2^18 products)."""

DEAD = 1e-30
"""A state under it is 0: no picture shows it, and denormal numbers are slow."""

Edges = tuple[float, float]


def to_edges(values: BandValues) -> Edges:
    """Return (f_lo, f_hi) in Hz as a filter can have them; f_lo is 0 for a mere low-pass."""
    f_lo = min(values.f_lo, F_HI_MAX / EDGE_RATIO) if values.f_lo >= F_LO_MIN else 0.0
    f_hi = min(max(values.f_hi, f_lo * EDGE_RATIO, F_LO_MIN), F_HI_MAX)
    return f_lo, f_hi


def to_sos(edges: Edges) -> np.ndarray:
    """Design a band: [n_sections, 6] float64, a low-pass at f_hi, then a high-pass at f_lo unless that is 0."""
    f_lo, f_hi = edges
    sos: np.ndarray = butter(ORDER, f_hi, "lowpass", fs=SAMPLE_RATE, output="sos")
    if f_lo > 0:
        sos = np.vstack([sos, butter(ORDER, f_lo, "highpass", fs=SAMPLE_RATE, output="sos")])
    return sos


def gains_at(edges: Edges, f_hz: np.ndarray) -> np.ndarray:
    """Return the gains of a band's filter at some frequencies, linear; beyond F_HI_MAX those of F_HI_MAX.

    |H(f)|^2 = 1 / (1 + (f' / f_hi')^(2 ORDER)) * 1 / (1 + (f_lo' / f')^(2 ORDER)),  x' = tan(pi x / SAMPLE_RATE)

    The primes are the bilinear transform's warp of the frequency axis.
    """
    f_lo, f_hi = (math.tan(math.pi * x / SAMPLE_RATE) for x in edges)
    f = np.tan(math.pi * np.clip(f_hz, TINY_HZ, F_HI_MAX) / SAMPLE_RATE)
    return np.asarray(((1 + (f / f_hi) ** (2 * ORDER)) * (1 + (f_lo / f) ** (2 * ORDER))) ** -0.5)


@lru_cache(maxsize=64)
def _to_map(edges: Edges, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return one band's maps ([n + n_state, n] to samples, [n + n_state, n_state] to the next state)."""
    sos = to_sos(edges)
    n_sections = len(sos)
    n_state = 2 * n_sections
    u = np.eye(n + n_state, n)  # a unit impulse at each sample, then silence for each unit state
    state = np.eye(n + n_state, n_state, k=-n).reshape(-1, n_sections, 2)
    y, after = sosfilt(sos, u, zi=state.swapaxes(0, 1))
    return _frozen(y), _frozen(after.swapaxes(0, 1).reshape(-1, n_state))


def _frozen(x: np.ndarray) -> np.ndarray:
    x.setflags(write=False)  # it is shared through a cache
    return x


@dataclass(frozen=True, slots=True)
class _ChunkMap:
    """All bands' maps for k chunks of n samples, side by side, with room to work in.

        y = [u, x] @ to_y        x' = u @ drive + x @ turn

    with u [k, n] the samples that enter, y [k, n_bands * n] those that leave, x [k, n_state] the state before each
    chunk and x' after it. Only x has to be computed chunk after chunk.

    to_y:  [n + n_state, n_bands * n].
    drive: [n, n_state].   turn: [n_state, n_state].
    io:    [k, n + n_state], room for [u, x].
    """

    n: int
    to_y: np.ndarray
    drive: np.ndarray
    turn: np.ndarray
    io: np.ndarray

    @classmethod
    def make(cls, edges: tuple[Edges, ...], n: int, k: int) -> "_ChunkMap":
        """Join the bands' maps for k chunks of n samples."""
        to_y, to_state = zip(*(_to_map(band, n) for band in edges), strict=True)
        drive = np.hstack([after[:n] for after in to_state])
        turn = block_diag(*(after[n:] for after in to_state))
        joined = np.vstack([np.hstack([y[:n] for y in to_y]), block_diag(*(y[n:] for y in to_y))])
        return cls(n, joined, drive, turn, np.zeros((k, n + len(turn))))

    def run(self, y: np.ndarray, state: np.ndarray) -> np.ndarray:
        """Filter k * n samples: return [k, n_bands * n], and leave in ``state`` what follows."""
        u, states = self.io[:, : self.n], self.io[:, self.n :]
        u[:] = y.reshape(-1, self.n)
        driven = u @ self.drive  # [k, n_state]
        for before, push in zip(states, driven, strict=True):
            before[:] = state
            np.matmul(before, self.turn, out=state)
            state += push
        passed: np.ndarray = self.io @ self.to_y  # [k, n_bands * n]
        return passed


class HopFilter:
    """The filters of all bands, a step's samples at a time; silence before the first."""

    def __init__(self, edges: tuple[Edges, ...], hop: int) -> None:
        self.edges = edges
        spans, rest = divmod(hop, CHUNK * CHUNKS)
        shapes = [*[(CHUNK, CHUNKS)] * spans, (CHUNK, rest // CHUNK), (rest % CHUNK, 1)]
        maps = {(n, k): _ChunkMap.make(edges, n, k) for n, k in set(shapes) if n and k}
        self._maps = [maps[shape] for shape in shapes if shape in maps]
        self._state = np.zeros(len(self._maps[0].turn))

    def filter(self, y: np.ndarray) -> np.ndarray:
        """Return what passes each band, [n_bands, hop] float64, of the next samples y [hop] float64."""
        parts = []
        start = 0
        for m in self._maps:
            stop = start + m.io.shape[0] * m.n
            passed = m.run(y[start:stop], self._state).reshape(-1, len(self.edges), m.n)  # [k, n_bands, n]
            parts.append(passed.swapaxes(0, 1).reshape(len(self.edges), -1))  # [n_bands, k * n]
            start = stop
        self._state[np.abs(self._state) < DEAD] = 0.0
        return parts[0] if len(parts) == 1 else np.hstack(parts)
