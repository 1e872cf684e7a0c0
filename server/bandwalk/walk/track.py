"""The track: the path of the last seconds, step by step, so that a frame can show any audio time in it.

One thread adds steps, another asks for poses.
"""

import math
import threading
from collections import deque
from dataclasses import replace
from itertools import islice

import numpy as np

from bandwalk.params.routes import N_ROUTES
from bandwalk.records import BANDS, Features, Pose
from bandwalk.walk.home import Home
from bandwalk.walk.shares import Shares, between_all
from bandwalk.walk.sphere import between
from bandwalk.walk.sway import at_rest

KEPT_STEPS = 400
"""Steps that are kept: a second at the highest step rate, far more than a late frame needs."""


_Step = tuple[Features, np.ndarray, np.ndarray, tuple[Shares, ...], Home | None]
_Shown = tuple[np.ndarray, np.ndarray, tuple[Shares, ...], Home | None]


def silence() -> Features:
    """Return the features of the moment before any sound."""
    zeros = (0.0,) * len(BANDS)
    return Features(-1, 0.0, 0.0, zeros, zeros, zeros, (False,) * len(BANDS), 0.0)


def pose_of(
    t_audio: float,
    z: np.ndarray,
    sway: np.ndarray,
    features: Features,
    *,
    by_drivers: bool = False,
    place: float = 0.0,
) -> Pose:
    """Return the pose of an audio time.

    Args:
        z:     where the walks are there [n, z_dim].
        sway:  everything else that moves [n_bands + 1 + N_ROUTES + n_bands].
        place: of the glide.
    """
    numbers = sway.tolist()
    level, drift, rest = numbers[: len(BANDS)], numbers[len(BANDS)], numbers[len(BANDS) + 1 :]
    routes, along = tuple(rest[:N_ROUTES]), tuple(rest[N_ROUTES:])
    return Pose(t_audio, z.astype(np.float32), tuple(level), drift, features, by_drivers, routes, along, place=place)


class Track:
    """The path as a function of audio time, interpolated between analysis steps.

    Args:
        z:      start of the path (audio time 0): [n, z_dim] float64.
        step_s: seconds of an analysis step; a frame shows the path at this much before its own time, so that the
                next step is always known.
        by_drivers: whether drivers, not bands, drive the walks.
        place:  of the glide at the start.

    home: where the walks begin from the newest step on.
    """

    def __init__(self, z: np.ndarray, step_s: float, *, by_drivers: bool = False, place: float = 0.0) -> None:
        self._step_s = step_s
        self._by_drivers = by_drivers
        self._steps: deque[_Step] = deque([(silence(), z, _with_place(at_rest(), place), (), None)], maxlen=KEPT_STEPS)
        self._grown = threading.Condition()
        self._heard = silence()
        self.home: Home | None = None

    def add(
        self, features: Features, z: np.ndarray, sway: np.ndarray, place: float = 0.0, shares: tuple[Shares, ...] = ()
    ) -> None:
        """Add one analysis step.

        Args:
            z:      [n, z_dim].   sway: [n_bands + 1 + N_ROUTES + n_bands]; both float64.
            place:  of the glide.
            shares: how much of each walk is at saved styles; empty: no walk is at any.
        """
        with self._grown:
            self._steps.append((features, z, _with_place(sway, place), shares, self.home))
            self._heard = features.with_hits(self._heard)
            self._grown.notify_all()

    def go(self, z: np.ndarray, home: Home | None) -> None:
        """Jump: after the newest step the path goes on from z [n, z_dim] float64 about this home, nothing between.

        At the time of that step itself it is where it was, so that what is shown at a time does not depend on whether
        the jump has been made yet.
        """
        with self._grown:
            features, _, sway, *_ = self._steps[-1]
            after = replace(features, t_audio=math.nextafter(features.t_audio, math.inf))
            self._steps.append((after, z, sway, (), home))
            self.home = home

    @property
    def end(self) -> float:
        """Audio time of the newest step."""
        return self._steps[-1][0].t_audio

    def pose(self, t_audio: float, wait_s: float = 0.0) -> Pose:
        """Return the path and the sway at one step before t_audio, with the newest features.

        Args:
            t_audio: audio time of the frame, seconds.
            wait_s:  longest wait for a step that is being computed; then the newest is used.
        """
        shown = t_audio - self._step_s
        with self._grown:
            self._grown.wait_for(lambda: self._steps[-1][0].t_audio >= shown, wait_s)
            is_late = self._steps[-1][0].t_audio < shown
            z, sway, shares, home = self._interpolate(shown)
            features, self._heard = self._heard, self._heard.without_hits()
        place = float(sway[-1])
        pose = pose_of(t_audio, z, sway[:-1], features, by_drivers=self._by_drivers, place=place)
        return replace(pose, home=home, shares=shares, is_late=is_late)

    def _interpolate(self, t: float) -> _Shown:
        """Return z [n, z_dim], sway and place [n_bands + 2 + N_ROUTES + n_bands], shares and home, at an audio time."""
        after, z_after, sway_after, shares_after, home = self._steps[-1]
        for before, z_before, sway_before, shares_before, home_before in islice(reversed(self._steps), 1, None):
            if t >= after.t_audio:
                break
            if t >= before.t_audio:
                share = (t - before.t_audio) / (after.t_audio - before.t_audio)
                sway = sway_before + (sway_after - sway_before) * share
                return (
                    between(z_before, z_after, share),
                    sway,
                    between_all(shares_before, shares_after, share),
                    home_before,
                )
            after, z_after, sway_after, shares_after, home = before, z_before, sway_before, shares_before, home_before
        return z_after, sway_after, shares_after, home


def _with_place(sway: np.ndarray, place: float) -> np.ndarray:
    return np.array([*sway.tolist(), place])
