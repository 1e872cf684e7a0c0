"""Whether anything is heard."""

HOLD_S = 0.5
"""A rest so short is no silence."""


class Silence:
    """1 after the sound was under the floor for half a second; at once 0 when it is over it. Silence at the start."""

    def __init__(self, step_rate: float) -> None:
        self._hold = max(1, round(HOLD_S * step_rate))
        self._quiet = self._hold

    def step(self, rms: float, floor: float) -> bool:
        """Return whether nothing is heard; rms and floor are linear."""
        self._quiet = self._quiet + 1 if rms <= floor else 0
        return self._quiet >= self._hold
