"""The bands' filters, run as linear maps over whole chunks of sound.

A filter is linear: the n samples that leave it, and the state it is left in, are one matrix times the n samples
that enter and the state before. The matrix is read off the filter itself, fed with unit inputs
(a test holds it equal to scipy's). Three bands then cost a few small matrix products a step, a tenth of
what three calls of ``sosfilt`` cost, which spends most of its time on checking its arguments.
"""

import math
from functools import lru_cache

import numpy as np

from bandwalk.analysis.butterworth import butterworth, run_sections
from bandwalk.records import BandValues
from bandwalk.units import SAMPLE_RATE

ORDER = 5
"""Of each slope; a band-pass is a low-pass and a high-pass, as in the published code."""

F_LO_MIN = 5.0
"""Hz. A lower edge below this counts as no edge:
there is nothing to hear, and its filter would need seconds to settle."""

F_HI_MAX = 0.49 * SAMPLE_RATE
"""Hz. Short of the Nyquist frequency, where the bilinear transform ends."""

TINY_HZ = 0.1
"""A frequency under it is as good as 0."""

EDGE_RATIO = 1.1
"""f_hi is at least this much over f_lo."""

CHUNK = 40
"""Samples that a map takes as one: short maps stay in the cache, long ones need fewer turns; 40 divides most hops."""

CHUNKS = 12
"""Chunks that are mapped together: too few for any BLAS to start threads (OpenBLAS does from 2^18 products)."""

DEAD = 1e-30
"""A state far under it is 0: no picture shows it, and denormal numbers are slow."""

Edges = tuple[float, float]

Sections = tuple[tuple[float, ...], ...]
"""A filter as second-order sections, (b0, b1, b2, 1, a1, a2) each."""


def to_edges(values: BandValues) -> Edges:
    """Return (f_lo, f_hi) in Hz as a filter can have them; f_lo is 0 for a mere low-pass."""
    f_lo = min(values.f_lo, F_HI_MAX / EDGE_RATIO) if values.f_lo >= F_LO_MIN else 0.0
    f_hi = min(max(values.f_hi, f_lo * EDGE_RATIO, F_LO_MIN), F_HI_MAX)
    return f_lo, f_hi


def to_sos(edges: Edges) -> np.ndarray:
    """Design a band: [n_sections, 6] float64, a low-pass at f_hi, then a high-pass at f_lo unless that is 0."""
    f_lo, f_hi = edges
    low_pass = butterworth(ORDER, f_hi)
    return np.vstack([low_pass, butterworth(ORDER, f_lo, high=True)]) if f_lo > 0 else low_pass


def to_sections(edges: Edges) -> Sections:
    """Return a band's filter."""
    return tuple(map(tuple, to_sos(edges).tolist()))


def gains_at(edges: Edges, f_hz: np.ndarray) -> np.ndarray:
    """Return the gains of a band's filter at some frequencies, linear; beyond F_HI_MAX those of F_HI_MAX.

    |H(f)|^2 = 1 / (1 + (f' / f_hi')^(2 ORDER)) * 1 / (1 + (f_lo' / f')^(2 ORDER)),  x' = tan(pi x / SAMPLE_RATE)

    The primes are the bilinear transform's warp of the frequency axis.
    """
    f_lo, f_hi = (math.tan(math.pi * x / SAMPLE_RATE) for x in edges)
    f = np.tan(math.pi * np.clip(f_hz, TINY_HZ, F_HI_MAX) / SAMPLE_RATE)
    return np.asarray(((1 + (f / f_hi) ** (2 * ORDER)) * (1 + (f_lo / f) ** (2 * ORDER))) ** -0.5)


@lru_cache(maxsize=64)
def _to_map(sections: Sections, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return one filter's maps ([n + n_state, n] to samples, [n + n_state, n_state] to the next state)."""
    sos = np.array(sections)
    n_sections = len(sos)
    n_state = 2 * n_sections
    u = np.eye(n + n_state, n)  # a unit impulse at each sample, then silence for each unit state
    state = np.eye(n + n_state, n_state, k=-n).reshape(-1, n_sections, 2)
    y, after = run_sections(sos, u, state.swapaxes(0, 1))
    return _frozen(y), _frozen(after.swapaxes(0, 1).reshape(-1, n_state))


def _frozen(x: np.ndarray) -> np.ndarray:
    x.setflags(write=False)  # it is shared through a cache
    return x


def _block_diagonal(blocks: list[np.ndarray]) -> np.ndarray:
    """Return blocks along the diagonal of one matrix, 0 elsewhere."""
    whole = np.zeros(np.sum([block.shape for block in blocks], axis=0))
    row = column = 0
    for block in blocks:
        n_rows, n_columns = block.shape
        whole[row : row + n_rows, column : column + n_columns] = block
        row, column = row + n_rows, column + n_columns
    return whole


class _ChunkMap:
    """All filters' maps for k chunks of n samples, side by side, with room to work in.

        y = [u, x] @ to_y        x' = u @ drive + x @ turn

    with u [k, n] the samples that enter, y [k, n_filters * n] those that leave, x [k, n_state] the state before each
    chunk and x' after it. The states are a running sum with a turn at each chunk, taken by doubling: each row takes in
    the row before, then the sum two before ... (Hillis and Steele, "Data Parallel Algorithms", CACM 29(12), 1986).

    Args:
        filters: side by side.
        n:       samples of a chunk.
        k:       chunks.
    """

    def __init__(self, filters: tuple[Sections, ...], n: int, k: int) -> None:
        to_y, to_state = zip(*(_to_map(sections, n) for sections in filters), strict=True)
        self.length = n * k
        self._shape = (k, len(filters), n)
        self._drive = np.hstack([after[:n] for after in to_state])  # [n, n_state]
        turn = _block_diagonal([after[n:] for after in to_state])  # [n_state, n_state]
        to_passed = np.vstack([np.hstack([y[:n] for y in to_y]), _block_diagonal([y[n:] for y in to_y])])
        self._to_y = to_passed.astype(np.float32)
        self.n_state = len(turn)
        self._io = np.zeros((k, n + len(turn)), np.float32)  # [u, x]
        self._passed = np.zeros((k, len(filters) * n), np.float32)
        self._states = np.zeros((k + 1, len(turn)))  # before the first chunk, then after each
        self._doublings = []
        for lag in (1 << i for i in range(k.bit_length())):
            later, earlier = self._states[lag:], self._states[:-lag]
            self._doublings.append((turn, later, earlier, np.zeros_like(later)))
            turn = turn @ turn

    def run(self, y: np.ndarray, state: np.ndarray, out: np.ndarray) -> None:
        """Filter k * n samples y into out [n_filters, k * n], and leave in ``state`` what follows."""
        k, n_filters, n = self._shape
        u, states = y.reshape(k, n), self._states
        states[0] = state
        np.dot(u, self._drive, out=states[1:])
        for turn, later, earlier, turned in self._doublings:
            np.dot(earlier, turn, out=turned)
            np.add(later, turned, out=later)
        self._io[:, :n] = u
        self._io[:, n:] = states[:-1]
        state[:] = states[-1]
        np.dot(self._io, self._to_y, out=self._passed)
        out.reshape(n_filters, k, n)[...] = self._passed.reshape(self._shape).swapaxes(0, 1)


class HopFilter:
    """Some filters side by side, a step's samples at a time; silence before the first."""

    def __init__(self, filters: tuple[Sections, ...], hop: int) -> None:
        spans, rest = divmod(hop, CHUNK * CHUNKS)
        shapes = [*[(CHUNK, CHUNKS)] * spans, (CHUNK, rest // CHUNK), (rest % CHUNK, 1)]
        maps = {(n, k): _ChunkMap(filters, n, k) for n, k in set(shapes) if n and k}
        self._maps = [maps[shape] for shape in shapes if shape in maps]
        self._state = np.zeros(self._maps[0].n_state)

    def filter(self, y: np.ndarray, out: np.ndarray) -> None:
        """Write what passes each filter into out [n_filters, hop] float32, of the next samples y [hop] float64."""
        start = 0
        for m in self._maps:
            stop = start + m.length
            m.run(y[start:stop], self._state, out[:, start:stop])
            start = stop
        self._state += DEAD
        self._state -= DEAD  # what is far under it is 0 now
