"""What sound moves beside the walks: levels for what they drive, and the drift of the noise."""

from dataclasses import replace

import numpy as np
import pytest

from bandwalk.params.routes import N_ROUTES
from bandwalk.records import Features, WalkValues
from bandwalk.walk import Drive, NoiseDrive, Walker

WALK = WalkValues(kind="hold", max_step=10.0, gain=1.0, enabled=True, seed=1, fall=0.0, bars=8, seeds="", direction="")
DRIVE = Drive(walks=(WALK,) * 3, gains=(1.0,) * 3, noise=NoiseDrive("mid", 2.0), seed=0,
              intensity=1.0, speed=1.0, freeze=False)  # fmt: skip


def hear(walker, drive, *, change=0.0, level=0.5, steps=1, dt=0.01):
    for k in range(steps):
        features = Features(k, k * dt, k * dt, (0.0,) * 3, (0.0, level, 1.0), (0.9, change, 0.9), (False,) * 3, 0.0)
        walker.step(features, drive)
    return walker.sway.tolist()[:4]


@pytest.mark.parametrize("dt", [0.0025, 0.01, 0.04])
def test_full_change_lets_the_noise_drift_by_its_rate_in_a_fortieth_of_a_second(dt):
    walker = Walker(8, DRIVE, dt)
    assert hear(walker, DRIVE, change=1.0, steps=round(1 / dt), dt=dt) == pytest.approx([0.0, 0.5, 1.0, 2.0 * 40])


def test_only_a_rise_of_the_band_it_follows_moves_the_noise():
    walker = Walker(8, DRIVE, 0.01)
    assert hear(walker, DRIVE, change=-1.0, steps=9)[-1] == 0.0
    assert hear(walker, DRIVE, change=0.5)[-1] == pytest.approx(0.5 * 2.0 * 0.4)
    assert hear(walker, replace(DRIVE, noise=NoiseDrive("none", 2.0)), change=1.0)[-1] == 0.0


def test_master_rows_hold_levels_and_noise_too():
    walker = Walker(8, DRIVE, 0.01)
    quiet = hear(walker, replace(DRIVE, intensity=0.0), change=1.0)
    assert quiet == [0.0] * 4
    assert hear(walker, replace(DRIVE, intensity=4.0), level=0.2)[:3] == pytest.approx([0.0, 0.8, 1.0])
    moved = hear(walker, replace(DRIVE, speed=3.0), change=0.1)
    assert moved[-1] == pytest.approx(0.1 * 2.0 * 0.4 * 3.0)
    assert hear(walker, replace(DRIVE, freeze=True), change=1.0, level=0.9) == moved


def test_what_was_handed_out_is_not_written_to_later():
    walker = Walker(8, DRIVE, 0.01)
    hear(walker, DRIVE, change=1.0)
    before = walker.sway
    assert len(before) == 4 + N_ROUTES + 3
    kept = before.copy()
    hear(walker, DRIVE, change=1.0, steps=3)
    assert np.array_equal(before, kept)
