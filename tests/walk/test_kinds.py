"""Kinds of walk that follow levels and bars: what each does, on synthetic music of 120 beats a minute."""

from dataclasses import replace

import numpy as np
import pytest

from bandwalk.records import Beat, Features, WalkValues
from bandwalk.walk import Drive, NoiseDrive, Walker

Z_DIM = 512
R = np.sqrt(Z_DIM)
DT = 0.01
BAR = 200
"""Steps of a bar: four beats of half a second."""

VALUES = WalkValues(kind="pulse", max_step=10.0, gain=1.0, enabled=True, seed=1, fall=0.0, bars=8)
DRIVE = Drive(walks=(VALUES,) * 3, gains=(1.0,) * 3, noise=NoiseDrive("none", 0.5), seed=0, intensity=1.0, speed=1.0,
              freeze=False)  # fmt: skip


def drive_of(kind, **changes):
    walk = {name: changes.pop(name) for name in VALUES.__dataclass_fields__ if name in changes}
    return replace(DRIVE, walks=tuple(replace(VALUES, kind=kind, seed=seed, **walk) for seed in (1, 2, 3)), **changes)


def kick(step):
    """A level that jumps to 1 with each beat and falls."""
    return float(np.exp(-(step % (BAR // 4)) * DT / 0.15))


def features_of(step, level, dt=DT):
    t = (step + 1) * dt
    beat = Beat(beats=2.0 * t, bar_phase=2.0 * t % 4.0 / 4.0)
    return Features(step, t, t, (0.0,) * 3, (level, 0.0, 0.5), (0.0,) * 3, (False,) * 3, 0.0, beat=beat)


def walk(drive, steps, *, level=kick, dt=DT, walker=None):
    """The path of the walk of low [steps, z_dim]."""
    walker = walker or Walker(Z_DIM, drive, dt)
    return np.array([walker.step(features_of(step, level(step), dt), drive)[0].copy() for step in range(steps)])


def angle(a, b):
    return np.degrees(np.arccos(np.clip(np.sum(a * b, -1) / Z_DIM, -1, 1)))


@pytest.mark.parametrize("level", [0.25, 0.5, 1.0])
def test_a_pulse_goes_out_by_its_level_and_comes_back_with_it(level):
    out = walk(drive_of("pulse"), 40, level=lambda step: level if step < 20 else 0.0)
    home = walk(drive_of("pulse"), 40, level=lambda step: 0.0)
    assert np.allclose(np.radians(angle(out[:20], home[:20])) * R, 10.0 * level, rtol=1e-6)
    assert np.array_equal(out[20:], home[20:])


def test_home_is_about_the_same_after_a_bar_and_another_after_the_walks_bars():
    home = walk(drive_of("pulse", bars=8), 9 * BAR, level=lambda step: 0.0)
    assert angle(home[0], home[BAR]) < 15
    assert 40 < angle(home[0], home[8 * BAR]) < 90
    assert angle(walk(drive_of("pulse", bars=64), BAR, level=lambda step: 0.0)[-1], home[0]) < 2


def test_the_hits_of_a_bar_push_alike():
    path, home = walk(drive_of("pulse"), BAR), walk(drive_of("pulse"), BAR, level=lambda step: 0.0)
    pushes = (path - home)[:: BAR // 4]
    first, *others = pushes / np.linalg.norm(pushes, axis=1, keepdims=True)
    assert min(push @ first for push in others) > 0.95


def test_max_step_gain_and_intensity_scale_the_push_and_speed_the_way_home():
    level = lambda step: 0.4  # noqa: E731
    home = walk(drive_of("pulse"), 1, level=lambda step: 0.0)[0]
    for changes, times in (({"max_step": 20.0}, 2), ({"gain": 3.0}, 3), ({"intensity": 2.0}, 2), ({"speed": 4.0}, 1)):
        out = walk(drive_of("pulse", **changes), 1, level=level)[0]
        assert np.radians(angle(out, home)) * R == pytest.approx(4.0 * times, rel=1e-3)
    rests = walk(drive_of("pulse", speed=0.0), BAR, level=lambda step: 0.0)
    assert np.array_equal(rests[0], rests[-1])


def test_a_bump_is_a_hit():
    walker, drive = Walker(Z_DIM, drive_of("pulse"), DT), drive_of("pulse")
    walker.bump("low")
    bumped = walk(drive, 100, level=lambda step: 0.0, walker=walker)
    home = walk(drive, 100, level=lambda step: 0.0)
    out = np.radians(angle(bumped, home)) * R
    assert out[0] == pytest.approx(10.0)
    assert out[15] == pytest.approx(10.0 * np.exp(-1.0), rel=1e-3)
    assert out[-1] < 0.1


MOVING = ["pulse"]


@pytest.mark.parametrize("kind", MOVING)
def test_the_step_rate_changes_only_the_grain(kind):
    coarse = walk(drive_of(kind, bars=1), 200, level=lambda step: 0.5, dt=0.02)
    fine = walk(drive_of(kind, bars=1), 400, level=lambda step: 0.5)
    assert np.max(angle(coarse[1:], fine[3::2])) < 1.5
