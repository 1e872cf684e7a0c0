"""Small followers that advance once a step: plain floats, since three bands are too few for arrays to pay."""

from bandwalk.units import tau_to_coef

GLIDE_S = 0.050
"""Time constant with which gains and floors follow their parameters: too short to wait for, too long to click."""


class Glide:
    """A value that goes to its target exponentially, so that no parameter jumps.

    x += (1 - exp(-dt / tau)) * (target - x)
    """

    def __init__(self, start: float, tau_s: float, dt_s: float) -> None:
        self.target = start
        self._x = start
        self._coef = tau_to_coef(tau_s, dt_s)

    def step(self) -> float:
        """Return the value one step on."""
        self._x += self._coef * (self.target - self._x)
        return self._x


class Follower:
    """Attack/release follower: rises with one time constant, falls with another; starts at 0.

    e += (1 - exp(-dt / tau)) * (x - e),  tau = attack_s where x > e, else release_s
    """

    def __init__(self, attack_s: float, release_s: float, dt_s: float) -> None:
        self._dt_s = dt_s
        self._e = 0.0
        self.set(attack_s, release_s)

    def set(self, attack_s: float, release_s: float) -> None:
        """Change the time constants, seconds; the value goes on from where it is."""
        self._attack = tau_to_coef(attack_s, self._dt_s)
        self._release = tau_to_coef(release_s, self._dt_s)

    def step(self, x: float) -> float:
        """Return the value one step on, towards x."""
        self._e += (self._attack if x > self._e else self._release) * (x - self._e)
        return self._e


def clamp(x: float, lo: float, hi: float) -> float:
    """Return x, or the end of lo..hi that it is beyond."""
    return min(max(x, lo), hi)
