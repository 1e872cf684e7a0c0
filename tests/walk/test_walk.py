"""Walks: on the sphere, by audio time only, each kind as it says."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from bandwalk.params.routes import N_ROUTES
from bandwalk.params.strips import WALK_KINDS
from bandwalk.records import Beat, Features, WalkValues
from bandwalk.walk import Drive, NoiseDrive, Track, Walker
from bandwalk.walk.kinds import KINDS, Moment
from bandwalk.walk.kinds.orbit import Orbit
from bandwalk.walk.kinds.random_walk import RandomWalk

Z_DIM = 512
R = np.sqrt(Z_DIM)
STILL_SWAY = np.zeros(4 + N_ROUTES + 3)
STILL = WalkValues(
    kind="random", max_step=10.0, gain=1.0, enabled=True, seed=1, fall=0.0, bars=8, seeds="", direction=""
)


def _drive(kind="random", **changes):
    walk = replace(STILL, kind=kind)
    drive = Drive(walks=(walk, replace(walk, seed=2), replace(walk, seed=3)), gains=(1.0, 1.0, 1.0),
                  noise=NoiseDrive("none", 0.5), seed=0, intensity=1.0, speed=1.0, freeze=False)  # fmt: skip
    return replace(drive, **changes)


def _features(step, change, dt=0.01, level=(0.0,) * 3):
    t = (step + 1) * dt
    beats = t * 2.0
    beat = Beat(beats=beats, bar_phase=beats % 4.0 / 4.0)
    return Features(step, t, t, (0.0,) * 3, level, change, (False,) * 3, 0.0, beat=beat)


def _walk(drive, changes, dt=0.01):
    """The path through z; level is what the changes add up to."""
    walker = Walker(Z_DIM, drive, dt)
    path, levels = [walker.z], np.zeros(3)
    for step, change in enumerate(changes):
        levels = np.clip(levels + change, 0.0, 1.0)
        path.append(walker.step(_features(step, change, dt, tuple(levels)), drive).copy())
    return np.array(path)


def _arc(a, b):
    return R * np.arccos(np.clip(np.sum(a * b, -1) / Z_DIM, -1, 1))


CHANGES = [tuple(c) for c in np.random.default_rng(5).uniform(-1, 1, (300, 3))]


def test_the_kinds_are_those_of_the_table():
    assert tuple(KINDS) == WALK_KINDS


@pytest.mark.parametrize("kind", WALK_KINDS)
def test_every_kind_begins_at_the_common_z_and_stays_on_the_sphere(kind):
    path = _walk(_drive(kind), CHANGES)
    assert np.allclose(path[0], path[0][0])
    assert np.allclose(np.linalg.norm(path, axis=-1), R, rtol=1e-9)


@pytest.mark.parametrize("kind", WALK_KINDS)
def test_every_kind_repeats_itself_bit_for_bit(kind):
    assert np.array_equal(_walk(_drive(kind), CHANGES), _walk(_drive(kind), CHANGES))


@pytest.mark.parametrize("kind", ["random", "published", "orbit", "hold"])
def test_silence_rests(kind):
    path = _walk(_drive(kind), [(0.0, 0.0, 0.0)] * 50)
    assert np.array_equal(path[0], path[-1]) or np.allclose(path, path[0], atol=1e-12)


@pytest.mark.parametrize("kind", ["random", "orbit"])
@pytest.mark.parametrize("rate", [40, 100, 200])
def test_full_change_moves_max_step_in_a_fortieth_second_at_any_step_rate(kind, rate):
    path = _walk(_drive(kind), [(1.0, 0.0, 0.0)] * rate, dt=1 / rate)
    length = _arc(path[1:, 0], path[:-1, 0]).sum()
    assert length == pytest.approx(40 * 10.0, rel=0.04)  # (an orbit's chords are a little short)
    assert np.array_equal(path[:, 1], np.broadcast_to(path[0, 1], path[:, 1].shape))


def test_a_rise_moves_and_a_fall_rests_unless_fall_says_otherwise():
    fall = [(-0.5, -0.5, -0.5)] * 10
    assert np.allclose(_walk(_drive(), fall), _walk(_drive(), fall)[0])
    walks = tuple(replace(w, fall=0.5) for w in _drive().walks)
    path = _walk(_drive(walks=walks), fall)
    assert _arc(path[1, 0], path[0, 0]) == pytest.approx(0.5 * 0.5 * 10 * 0.4, rel=1e-6)


def test_the_published_kind_moves_on_a_fall_too_in_fresh_directions():
    path = _walk(_drive("published"), [(-1.0, 0.0, 0.0)] * 100, dt=1 / 40)
    steps = np.diff(path[:, 0], axis=0)
    assert _arc(path[1, 0], path[0, 0]) == pytest.approx(10.0, rel=1e-6)
    cosines = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in itertools.pairwise(steps)]
    assert np.abs(np.mean(cosines)) < 0.3  # (-0.2: every step bends back along the sphere)


def _moment(distance):
    return Moment(dt_s=0.01, distance=distance, level=0.0, reach=10.0, beats=0.0, passed=0.02, has_jumped=False,
                  beats_per_bar=4, pace=1.0, values=STILL)  # fmt: skip


def test_a_random_walk_keeps_its_direction_from_step_to_step_and_forgets_it_in_seconds():
    walk = RandomWalk(_walk(_drive(), [])[0, 0], np.random.default_rng(0))
    points = np.array([walk.step(_moment(0.05)) for _ in range(1500)])
    u = np.diff(points, axis=0)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    assert np.mean(np.sum(u[1:] * u[:-1], 1)) > 0.98
    assert abs(np.mean(np.sum(u[800:] * u[:-800], 1))) < 0.35


def test_an_orbit_comes_back_to_where_it_began():
    z = _walk(_drive(), [])[0, 0]
    orbit = Orbit(z, np.random.default_rng(0))
    round_trip = 2 * np.pi * R * np.sin(0.55)
    for _ in range(100):
        far = orbit.step(_moment(round_trip / 200))
    assert _arc(far, z) == pytest.approx(2 * 0.55 * R, rel=1e-6)
    for _ in range(100):
        near = orbit.step(_moment(round_trip / 200))
    assert np.allclose(near, z, atol=1e-9)


def test_gain_speed_intensity_and_the_models_gain_scale_the_step_and_intensity_ends_at_full():
    rise = [(0.2, 0.0, 0.0)]
    base = _arc(*_walk(_drive(), rise)[[0, 1], 0])
    walks = (replace(STILL, gain=2.0), *_drive().walks[1:])
    assert _arc(*_walk(_drive(walks=walks), rise)[[0, 1], 0]) == pytest.approx(2 * base, rel=1e-6)
    assert _arc(*_walk(_drive(speed=3.0), rise)[[0, 1], 0]) == pytest.approx(3 * base, rel=1e-6)
    assert _arc(*_walk(_drive(gains=(0.5, 1, 1)), rise)[[0, 1], 0]) == pytest.approx(0.5 * base, rel=1e-6)
    assert _arc(*_walk(_drive(intensity=2.0), rise)[[0, 1], 0]) == pytest.approx(2 * base, rel=1e-6)
    assert _arc(*_walk(_drive(intensity=4.0), [(0.9, 0, 0)])[[0, 1], 0]) == pytest.approx(5 * base, rel=1e-6)


def test_a_walk_that_is_off_or_frozen_rests_and_goes_on_from_there():
    off = (replace(STILL, enabled=False), *_drive().walks[1:])
    path = _walk(_drive(walks=off), CHANGES)
    assert np.allclose(path[:, 0], path[0, 0])
    assert not np.allclose(path[-1, 1], path[0, 1])
    assert np.array_equal(_walk(_drive(freeze=True), CHANGES)[-1], path[0])


def test_bump_moves_one_published_step_and_reset_brings_back_the_same_path():
    drive = _drive()
    walker = Walker(Z_DIM, drive, 0.01)
    start = walker.z
    walker.bump("mid")
    for step in range(5):
        moved = walker.step(_features(step, (0.0, 0.0, 0.0)), drive)
    assert _arc(moved[1], start[1]) == pytest.approx(10.0, rel=0.02)
    assert np.allclose(moved[[0, 2]], start[[0, 2]])
    walker.reset("mid")
    assert np.allclose(walker.step(_features(5, (0.0, 0.0, 0.0)), drive)[1], start[1])


def test_a_stuck_bump_button_fills_nothing():
    drive = _drive()
    walker = Walker(Z_DIM, drive, 0.01)
    for _ in range(10_000):
        walker.bump("low")
    moving = [walker.step(_features(step, (0.0, 0.0, 0.0)), drive)[0].copy() for step in range(200)]
    assert np.array_equal(moving[-1], moving[-50])


def test_another_common_seed_moves_all_walks_to_its_z_and_another_walk_seed_one_of_them():
    drive = _drive()
    walker = Walker(Z_DIM, drive, 0.01)
    old = walker.z
    new = walker.step(_features(0, (0.0,) * 3), replace(drive, seed=9))
    assert np.allclose(new, new[0])
    assert not np.allclose(new[0], old[0])
    a = _walk(_drive(), CHANGES[:20])
    b = _walk(_drive(walks=(replace(STILL, seed=77), *_drive().walks[1:])), CHANGES[:20])
    assert not np.allclose(a[-1, 0], b[-1, 0])
    assert np.array_equal(a[:, 1:], b[:, 1:])


def _track(path, dt=0.01):
    track = Track(path[0], dt)
    for step, z in enumerate(path[1:]):
        track.add(_features(step, (0.0,) * 3, dt), z, STILL_SWAY)
    return track


def test_frames_of_24_30_and_60_a_second_see_the_same_path_at_the_same_audio_time():
    path = _walk(_drive(), CHANGES)
    seen = {}
    for fps in (24, 30, 60):
        track = Track(path[0], 0.01)
        step, k, seen[fps] = 0, 0, {}
        while k / fps < 2.5:
            while step + 1 < len(path) and (step + 1) * 0.01 <= k / fps + 1e-9:
                track.add(_features(step, (0.0,) * 3), path[step + 1], STILL_SWAY)
                step += 1
            seen[fps][k / fps] = track.pose(k / fps).z
            k += 1
    shared = [t for t in seen[24] if t in seen[30] and t in seen[60]]
    assert len(shared) >= 15
    for t in shared:
        assert np.max(np.abs(seen[24][t] - seen[30][t])) < 1e-5
        assert np.max(np.abs(seen[24][t] - seen[60][t])) < 1e-5


def test_a_pose_lies_one_step_back_between_its_neighbours():
    path = _walk(_drive(), CHANGES[:20])
    track = _track(path)
    assert np.allclose(track.pose(0.11).z, path[10], atol=1e-5)
    half = track.pose(0.115).z
    middle = (path[10] + path[11]) / 2
    assert np.allclose(half, middle / np.linalg.norm(middle, axis=-1, keepdims=True) * R, atol=1e-4)
    assert np.array_equal(track.pose(99).z, path[-1].astype(np.float32))
    assert np.array_equal(track.pose(-5).z, path[0].astype(np.float32))


def test_no_jitter_between_steps():
    path = _walk(_drive(), [(0.5, 0.5, 0.5)] * 100)
    track = _track(path)
    points = np.array([track.pose(0.1 + k / 240).z[:3] for k in range(150)], dtype=float)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=-1)
    assert steps.max() / steps.min() < 1.05


def test_a_frame_carries_each_onset_once():
    track = Track(np.zeros((4, 8)) + 1, 0.01)
    hits = [(False, False, False), (True, False, False), (False, False, True), (False, False, False)]
    for step, onset in enumerate(hits):
        track.add(replace(_features(step, (0.0,) * 3), onset=onset), np.ones((4, 8)), STILL_SWAY)
    assert track.pose(0.05).features.onset == (True, False, True)
    assert track.pose(0.06).features.onset == (False, False, False)


def test_levels_and_drift_belong_to_the_time_of_the_path_however_late_or_often_they_are_asked_for():
    track = Track(np.ones((4, 8)), 0.01)
    for step in range(10):
        sway = np.array(
            [0.1 * (step + 1), 0.0, 1.0, 30.0 * (step + 1), *[0.2 * (step + 1)] * N_ROUTES, *[0.1 * (step + 1)] * 3]
        )
        track.add(_features(step, (0.0,) * 3), np.ones((4, 8)), sway)
    for t, level, drift in (
        (0.06, (0.5, 0.0, 1.0), 150.0),
        (0.0625, (0.525, 0.0, 1.0), 157.5),
        (0.015, (0.05, 0.0, 0.5), 15.0),  # half way out of the silence before
        (99, (1.0, 0.0, 1.0), 300.0),
        (-5, (0.0, 0.0, 0.0), 0.0),
    ):
        pose = track.pose(t)
        assert pose.level == pytest.approx(level)
        assert pose.drift == pytest.approx(drift)
        assert pose.routes == pytest.approx((2 * level[0],) * N_ROUTES)
        assert pose.along == pytest.approx((level[0],) * 3)
