"""The track: the path of the last seconds, step by step, so that a frame can show any audio time in it.

One thread adds steps, another asks for poses.
"""

import threading
from collections import deque
from itertools import islice

import numpy as np

from bandwalk.params.routes import N_ROUTES
from bandwalk.records import BANDS, Features, Pose
from bandwalk.walk.sphere import between
from bandwalk.walk.sway import at_rest

KEPT_STEPS = 400
"""Steps that are kept: a second at the highest step rate, far more than a late frame needs."""


def silence() -> Features:
    """Return the features of the moment before any sound."""
    zeros = (0.0,) * len(BANDS)
    return Features(-1, 0.0, 0.0, zeros, zeros, zeros, (False,) * len(BANDS), 0.0)


def pose_of(t_audio: float, z: np.ndarray, sway: np.ndarray, features: Features, *, by_drivers: bool = False) -> Pose:
    """Return the pose of an audio time: z [n, z_dim] and sway [n_bands + 1 + N_ROUTES + n_bands] there."""
    numbers = sway.tolist()
    level, drift, rest = numbers[: len(BANDS)], numbers[len(BANDS)], numbers[len(BANDS) + 1 :]
    routes, along = tuple(rest[:N_ROUTES]), tuple(rest[N_ROUTES:])
    return Pose(t_audio, z.astype(np.float32), tuple(level), drift, features, by_drivers, routes, along)


class Track:
    """The path as a function of audio time, interpolated between analysis steps.

    Args:
        z:      start of the path (audio time 0): [n, z_dim] float64.
        step_s: seconds of an analysis step; a frame shows the path at this much before its own time, so that the
                next step is always known.
        by_drivers: whether drivers, not bands, drive the walks.
    """

    def __init__(self, z: np.ndarray, step_s: float, *, by_drivers: bool = False) -> None:
        self._step_s = step_s
        self._by_drivers = by_drivers
        self._steps: deque[tuple[Features, np.ndarray, np.ndarray]] = deque(
            [(silence(), z, at_rest())], maxlen=KEPT_STEPS
        )
        self._grown = threading.Condition()
        self._heard = silence()

    def add(self, features: Features, z: np.ndarray, sway: np.ndarray) -> None:
        """Add one analysis step: z [n, z_dim] and sway [n_bands + 1 + N_ROUTES + n_bands], float64; both are kept."""
        with self._grown:
            self._steps.append((features, z, sway))
            self._heard = features.with_hits(self._heard)
            self._grown.notify_all()

    def pose(self, t_audio: float, wait_s: float = 0.0) -> Pose:
        """Return the path and the sway at one step before t_audio, with the newest features.

        Args:
            t_audio: audio time of the frame, seconds.
            wait_s:  longest wait for a step that is being computed; then the newest is used.
        """
        shown = t_audio - self._step_s
        with self._grown:
            self._grown.wait_for(lambda: self._steps[-1][0].t_audio >= shown, wait_s)
            z, sway = self._interpolate(shown)
            features, self._heard = self._heard, self._heard.without_hits()
        return pose_of(t_audio, z, sway, features, by_drivers=self._by_drivers)

    def _interpolate(self, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Return z [n, z_dim] and the sway [n_bands + 1 + N_ROUTES + n_bands] at an audio time."""
        after, z_after, sway_after = self._steps[-1]
        for before, z_before, sway_before in islice(reversed(self._steps), 1, None):
            if t >= after.t_audio:
                break
            if t >= before.t_audio:
                share = (t - before.t_audio) / (after.t_audio - before.t_audio)
                return between(z_before, z_after, share), sway_before + (sway_after - sway_before) * share
            after, z_after, sway_after = before, z_before, sway_before
        return z_after, sway_after
