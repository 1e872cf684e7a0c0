"""Where in a beat the music is, and how long a beat lasts: the forward pass of a hidden Markov model.

The bar pointer model (Whiteley, Cemgil and Godsill, ISMIR 2006) with the state space of Krebs, Böck and Widmer, "An
Efficient State-Space Model for Joint Tempo and Meter Tracking", ISMIR 2015: one state for each step of a beat of each
length. Time moves the pointer on by a state; at the end of a beat its length may change. Nothing is trained.
"""

import math

import numpy as np

MAX_LENGTHS = 60
"""Lengths of a beat that are told apart at most: between the shortest and the longest, evenly in tempo's logarithm."""

LOYALTY = 100.0
"""The chance of another length falls by exp(-LOYALTY |ratio - 1|) (their lambda)."""

SHARE = 1 / 12
"""A hit is expected in this share of a beat, at its beginning (their lambda of it is 16; a hit lasts longer here)."""

CLEAR = 0.02
"""Nothing is surer than this: one hit beside the beat must not rule the beat out."""

NEAR_PHASE, NEAR_RATE, SUREST = 0.1, 0.02, 0.99
"""Where it begins around a pulse that is known: in the beat, and as a share of the tempo."""

FAINT = 1e-9
"""A pulse that no state is near to is not known."""


class BeatPointer:
    """The distribution over all states, a step at a time.

    Args:
        shortest, longest: beats, in steps, 2 at least.
    """

    def __init__(self, shortest: int, longest: int) -> None:
        lengths = np.array(sorted({*np.rint(np.geomspace(shortest, longest, MAX_LENGTHS)).astype(int).tolist()}))
        if longest - shortest < MAX_LENGTHS:
            lengths = np.arange(shortest, longest + 1)
        ends = np.cumsum(lengths)
        self.lengths = lengths
        self.first, self.last = ends - lengths, ends - 1
        self.position = np.concatenate([np.arange(n) / n for n in lengths])  # [n_states], 0..1 in the beat
        self._begins = np.flatnonzero(self.position < SHARE)
        self._rate = np.repeat(1.0 / lengths, lengths)
        angle = 2.0 * np.pi * self.position
        self._read = np.stack([np.cos(angle), np.sin(angle), self._rate, np.ones_like(angle)])  # [4, n_states]
        change = np.exp(-LOYALTY * np.abs(lengths[None] / lengths[:, None] - 1.0))  # [from, to]
        self.change = change / change.sum(axis=1, keepdims=True)
        self.p = np.full(len(self.position), 1.0 / len(self.position))  # [n_states], sum 1
        self._moved = np.empty_like(self.p)
        self._open = 0

    def bar(self, shortest: float) -> None:
        """Rule out beats shorter than this, in steps; 0: none."""
        known = int(np.searchsorted(self.lengths, shortest))
        self._open = int(self.first[min(known, len(self.lengths) - 1)])

    def start(self, phase: float, rate: float, sureness: float) -> None:
        """Begin near a phase, 0..1, and a rate, beats per step; the rest of 1 - sureness, 0..1, lies evenly.

        The phase is where the pulse is; the pointer sees it later by the time that a hit takes to be seen.
        """
        off = (self.position - phase + 0.5) % 1.0 - 0.5
        near = np.exp(-((off / NEAR_PHASE) ** 2) - ((self._rate / rate - 1.0) / NEAR_RATE) ** 2)
        whole = float(near.sum())
        share = min(sureness, SUREST) if whole > FAINT else 0.0
        self.p = np.full(len(near), (1.0 - share) / len(near))
        if share > 0.0:
            self.p += share / whole * near

    def step(self, hit: float, weight: float) -> None:
        """Move on by one step and weigh the states by what is heard.

        Args:
            hit:    how much of a hit this step is, 0..1.
            weight: how much that counts, 0..1; at 0 the pointer moves on and its beat keeps its length.
        """
        moved = self._moved
        moved[1:] = self.p[:-1]
        ends = self.p[self.last]
        moved[self.first] = weight * (ends @ self.change) + (1.0 - weight) * ends
        hit = min(max(hit, CLEAR), 1.0 - CLEAR)
        at_beat, elsewhere = hit, (1.0 - hit) / (1.0 / SHARE - 1.0)
        moved[self._begins] *= (at_beat / elsewhere) ** weight
        moved[: self._open] = 0.0
        moved /= moved.sum()
        self.p, self._moved = moved, self.p

    def read(self, near: float) -> tuple[float, float]:
        """Return (position in the beat 0..1, beats per step): means over the states around the likeliest.

        Args:
            near: position that the pulse has: of two that are about as likely, as in eighth notes, the nearer is meant.
        """
        p = self.p * self.p
        likely = self._towards(2.0 * math.pi * near)
        likely += 2.0
        likely *= p
        around = self._towards(2.0 * math.pi * float(self.position[likely.argmax()]))
        p *= np.maximum(around, 0.0, out=around)
        x, y, rate, whole = (self._read @ p).tolist()
        return math.atan2(y, x) / (2.0 * math.pi) % 1.0, rate / whole

    def _towards(self, angle: float) -> np.ndarray:
        """Return the cosine of the angle between each state's position and this one, [n_states]."""
        cosines: np.ndarray = np.array([math.cos(angle), math.sin(angle)]) @ self._read[:2]
        return cosines
