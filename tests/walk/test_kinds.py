"""Kinds of walk that follow levels and bars: what each does, on synthetic music of 120 beats a minute."""

from dataclasses import replace

import numpy as np
import pytest

from bandwalk.records import Beat, Features, WalkValues
from bandwalk.walk import Drive, Keyframes, NoiseDrive, SavedStyle, Track, Walker
from bandwalk.walk.sphere import from_seed

Z_DIM = 512
R = np.sqrt(Z_DIM)
DT = 0.01
BAR = 200
"""Steps of a bar: four beats of half a second."""

VALUES = WalkValues(kind="pulse", max_step=10.0, gain=1.0, enabled=True, seed=1, fall=0.0, bars=8, seeds="",
                    direction="", keyframes="")  # fmt: skip
DRIVE = Drive(walks=(VALUES,) * 3, gains=(1.0,) * 3, noise=NoiseDrive("none", 0.5), seed=0, intensity=1.0, speed=1.0,
              freeze=False)  # fmt: skip


def drive_of(kind, **changes):
    walk = {name: changes.pop(name) for name in VALUES.__dataclass_fields__ if name in changes}
    walk = {"keyframes": "a"} | walk
    return replace(
        DRIVE,
        keyframes={"a": FRAMES},
        walks=tuple(replace(VALUES, kind=kind, seed=seed, **walk) for seed in (1, 2, 3)),
        **changes,
    )


def kick(step):
    """A level that jumps to 1 with each beat and falls."""
    return float(np.exp(-(step % (BAR // 4)) * DT / 0.15))


def features_of(step, level, dt=DT, change=0.0):
    t = (step + 1) * dt
    beat = Beat(beats=2.0 * t, bar_phase=2.0 * t % 4.0 / 4.0)
    return Features(step, t, t, (0.0,) * 3, (level, 0.0, 0.5), (change, 0.0, 0.0), (False,) * 3, 0.0, beat=beat)


def walk(drive, steps, *, level=kick, change=0.0, dt=DT, walker=None):
    """The path of the walk of low [steps, z_dim]."""
    walker = walker or Walker(Z_DIM, drive, dt)
    return np.array([walker.step(features_of(step, level(step), dt, change), drive)[0].copy() for step in range(steps)])


def angle(a, b):
    return np.degrees(np.arccos(np.clip(np.sum(a * b, -1) / Z_DIM, -1, 1)))


def home_of(steps, level=kick, **changes):
    """Where a pulse that nothing pushes is [steps, z_dim]."""
    return walk(drive_of("pulse", max_step=0.0, **changes), steps, level=level)


@pytest.mark.parametrize("level", [0.25, 0.5, 1.0])
def test_a_pulse_goes_out_by_its_level_and_comes_back_with_it(level):
    heard = lambda step: level if step < 20 else 0.0  # noqa: E731
    out, home = walk(drive_of("pulse"), 40, level=heard), home_of(40, heard)
    assert np.allclose(np.radians(angle(out[:20], home[:20])) * R, 10.0 * level, rtol=1e-6)
    assert np.array_equal(out[20:], home[20:])


def test_home_is_about_the_same_after_a_bar_and_another_after_the_walks_bars():
    home = home_of(9 * BAR, bars=8)
    assert angle(home[0], home[BAR]) < 15
    assert 40 < angle(home[0], home[8 * BAR]) < 90
    assert angle(home_of(BAR, bars=64)[-1], home[0]) < 2


@pytest.mark.parametrize("held", [0.0, 0.3, 1.0])
def test_home_rests_where_the_level_does(held):
    assert angle(*home_of(3 * BAR, lambda step: held)[[2 * BAR, -1]]) < 0.5
    home = home_of(3 * BAR, lambda step: kick(step) if step < BAR else held, bars=8)
    assert angle(home[2 * BAR], home[-1]) < 0.5 < 5 < angle(home[0], home[BAR])


def test_the_hits_of_a_bar_push_alike():
    path, home = walk(drive_of("pulse"), BAR), home_of(BAR)
    pushes = (path - home)[:: BAR // 4]
    first, *others = pushes / np.linalg.norm(pushes, axis=1, keepdims=True)
    assert min(push @ first for push in others) > 0.95


def test_max_step_gain_and_intensity_scale_the_push_and_speed_the_way_home():
    level = lambda step: 0.4  # noqa: E731
    home = home_of(1, level)[0]
    for changes, times in (({"max_step": 20.0}, 2), ({"gain": 3.0}, 3), ({"intensity": 2.0}, 2), ({"speed": 4.0}, 1)):
        out = walk(drive_of("pulse", **changes), 1, level=level)[0]
        assert np.radians(angle(out, home)) * R == pytest.approx(4.0 * times, rel=1e-3)
    rests = home_of(BAR, speed=0.0)
    assert np.array_equal(rests[0], rests[-1])


def test_a_bump_is_a_hit():
    def bumped(drive):
        walker = Walker(Z_DIM, drive, DT)
        walker.bump("low")
        return walk(drive, 100, level=lambda step: 0.0, walker=walker)

    out = np.radians(angle(bumped(drive_of("pulse")), bumped(drive_of("pulse", max_step=0.0)))) * R
    assert out[0] == pytest.approx(10.0)
    assert out[15] == pytest.approx(10.0 * np.exp(-1.0), rel=1e-3)
    assert out[-1] < 0.1


@pytest.mark.parametrize("bars", [0, 1, 2])
def test_a_tour_is_at_the_next_seed_of_its_list_whenever_its_bars_begin_anew(bars):
    period = BAR * bars or BAR // 4
    path = walk(drive_of("tour", bars=bars, seeds="3 17 42"), 4 * period)
    wanted = [from_seed(seed, Z_DIM) for seed in (3, 17, 42, 3)]
    assert np.allclose(path[period - 1 :: period], wanted)
    middle = path[period + period // 2 - 1]
    assert angle(middle, wanted[0]) == pytest.approx(angle(middle, wanted[1]), abs=1e-6)


def test_a_tour_without_a_list_goes_to_places_of_its_own_seed_and_starts_and_lands_slowly():
    path = walk(drive_of("tour", bars=1), 3 * BAR)
    assert angle(path[BAR - 1], path[2 * BAR - 1]) > 60
    steps = angle(path[1:], path[:-1])
    assert steps[BAR - 1] < 0.05 < 0.3 < steps[BAR + BAR // 2]
    other = walk(replace(DRIVE, walks=tuple(replace(VALUES, kind="tour", bars=1, seed=9) for _ in range(3))), BAR)
    assert angle(other[-1], path[BAR - 1]) > 60


def test_a_tour_that_begins_late_in_a_bar_takes_the_next_bar_too():
    drive, late = drive_of("tour", bars=1, seeds="3 17"), 3 * BAR // 4
    walker = Walker(Z_DIM, drive_of("hold"), DT)
    for step in range(late):
        walker.step(features_of(step, 0.0), drive_of("hold"))
    path = [walker.step(features_of(step, 0.0), drive)[0].copy() for step in range(late, 2 * BAR)]
    assert np.allclose(path[-1], from_seed(3, Z_DIM))
    assert max(angle(np.array(path[1:]), np.array(path[:-1]))) < 1.5


def test_a_tour_goes_on_from_where_it_is_after_a_jump_of_the_clock_or_a_frozen_picture():
    drive, walker = drive_of("tour", bars=1, seeds="3 17"), Walker(Z_DIM, drive_of("tour"), DT)
    before = [walker.step(features_of(step, 0.0), drive)[0].copy() for step in range(BAR // 2)][-1]
    for step in range(BAR // 2, BAR + BAR // 3):
        walker.step(features_of(step, 0.0), replace(drive, freeze=True))
    path = [walker.step(features_of(step, 0.0), drive)[0].copy() for step in range(BAR + BAR // 3, 2 * BAR)]
    assert angle(path[0], before) < 1.0
    assert np.allclose(path[-1], from_seed(17, Z_DIM))


@pytest.mark.parametrize("bars", [0, 1, 4])
def test_a_loop_closes_after_its_bars_exactly_and_never_jumps(bars):
    period = BAR * bars or BAR // 4
    start = from_seed(0, Z_DIM)
    path = np.concatenate([[start], walk(drive_of("loop", bars=bars), 2 * period)])
    assert np.allclose(path[period], start, atol=1e-9)
    assert np.allclose(path[period:], path[: period + 1], atol=1e-9)
    steps = angle(path[1:], path[:-1])
    assert max(steps) < 6 * np.median(steps)
    assert max(angle(path, start)) > 40


def test_a_drift_is_at_another_place_after_its_bars_and_sound_speeds_it_up():
    quiet = walk(drive_of("drift", bars=8), 8 * BAR, level=lambda step: 0.0)
    assert angle(quiet[0], quiet[BAR]) < 15
    assert 40 < angle(quiet[0], quiet[-1]) < 90
    loud = walk(drive_of("drift", bars=8), 20, change=0.1)
    assert angle(loud[-1], loud[0]) > 5 * angle(quiet[20], quiet[0])


def test_a_direction_goes_back_and_forth_on_one_line_as_the_sound_moves_it():
    path = walk(drive_of("direction"), 200, change=0.2)
    start = from_seed(0, Z_DIM)
    assert max(angle(path, start)) == pytest.approx(np.degrees(0.55), rel=1e-2)
    ends = path[[np.argmax(path @ path[k]) for k in (0, 100)]]
    assert np.linalg.matrix_rank(np.concatenate([path, ends]), tol=1e-6) == 2
    assert np.array_equal(walk(drive_of("direction"), 1)[0], start)


def test_along_a_direction_of_the_model_z_rests_and_alpha_swings():
    drive = drive_of("direction", direction="red")
    walker = Walker(Z_DIM, drive, DT)
    path = walk(drive, 200, change=0.2, walker=walker)
    assert np.allclose(path, path[0])
    low, mid, high = walker.sway[-3:]
    assert 0.0 < abs(low) <= 2.0
    assert (mid, high) == (0.0, 0.0)


FRAMES = Keyframes(((0.0, 3), (2.0, 17), (3.0, 42)))


def test_keyframes_are_reached_on_their_beats_and_the_last_one_stays():
    path = walk(drive_of("keyframes"), 3 * BAR)
    for beat, seed in FRAMES.keys[1:]:
        assert np.allclose(path[round(beat * BAR / 4) - 1], from_seed(seed, Z_DIM))
    assert angle(path[0], from_seed(3, Z_DIM)) < 0.5
    assert np.allclose(path[BAR:], from_seed(42, Z_DIM))


def test_keyframes_with_a_length_begin_again_and_count_from_the_bar_in_which_they_were_chosen():
    drive, rest = replace(drive_of("keyframes"), keyframes={"a": replace(FRAMES, beats=6.0)}), drive_of("hold")
    walker, late = Walker(Z_DIM, rest, DT), BAR + BAR // 8
    for step in range(late):
        walker.step(features_of(step, 0.0), rest)
    path = np.array([walker.step(features_of(step, 0.0), drive)[0].copy() for step in range(late, 4 * BAR)])
    for beat, seed in ((2, 17), (3, 42), (6, 3), (8, 17)):
        assert np.allclose(path[BAR + beat * BAR // 4 - late - 1], from_seed(seed, Z_DIM))
    assert max(angle(path[1:], path[:-1])) < 4


STYLE, OTHER = (SavedStyle(name, np.full((4, 8), k, np.float32)) for k, name in enumerate("ab"))


def _shares(drive, steps, walker):
    for step in steps:
        walker.step(features_of(step, 0.0), drive)
        yield walker.shares[0] if walker.shares else {}


def test_keyframes_go_to_saved_styles_and_between_them_and_leave_them():
    frames = Keyframes(((0.0, 3), (1.0, STYLE), (2.0, OTHER), (3.0, 42)))
    drive, walker, beat = replace(drive_of("keyframes"), keyframes={"a": frames}), Walker(Z_DIM, DRIVE, DT), BAR // 4
    shares = list(_shares(drive, range(BAR), walker))
    assert shares[0] == pytest.approx({STYLE: 0.0}, abs=1e-3)
    assert shares[beat - 1] == {STYLE: 1.0}
    assert shares[2 * beat - 1] == {OTHER: 1.0}
    assert shares[beat + beat // 2] == pytest.approx({STYLE: 0.5, OTHER: 0.5}, abs=0.05)
    assert all(sum(s.values()) == pytest.approx(1.0) for s in shares[beat : 2 * beat])
    assert shares[-1] == {}
    assert np.allclose(walker.z[0], from_seed(42, Z_DIM))


def test_another_kind_leaves_a_saved_style_slowly_and_the_same_file_read_again_changes_nothing():
    once, again = (Keyframes(((0.0, SavedStyle("a", np.ones((4, 8), np.float32))),), 4.0) for _ in range(2))
    drive, walker = replace(drive_of("keyframes"), keyframes={"a": once}), Walker(Z_DIM, DRIVE, DT)
    first = list(_shares(drive, range(BAR), walker))
    kept = list(_shares(replace(drive, keyframes={"a": again}), range(BAR, 2 * BAR), walker))
    assert first[-1] == kept[-1] == pytest.approx({once.keys[0][1]: 1.0})
    assert min(sum(shares.values()) for shares in kept) == pytest.approx(1.0)
    left = [sum(shares.values()) for shares in _shares(drive_of("pulse"), range(2 * BAR, 3 * BAR), walker)]
    assert max(-np.diff([1.0, *left])) < 0.02
    assert left[-1] == 0.0


def test_without_its_file_a_walk_rests():
    path = walk(drive_of("keyframes", keyframes="no such file"), BAR)
    assert np.array_equal(path[0], path[-1])


MOVING = ["pulse", "tour", "loop", "drift", "direction", "keyframes"]


def music(steps):
    """Features of a kick on each beat; the beat glides and once it jumps."""
    rng, beats, heard = np.random.default_rng(3), 0.0, []
    for step in range(steps):
        beats += 2.0 * DT * rng.uniform(0.8, 1.2) + (0.6 if step == steps // 2 else 0.0)
        rises = step % 50 < 3
        beat = Beat(beats=beats, bar_phase=beats % 4.0 / 4.0)
        heard.append(Features(step, step * DT, step * DT, (0.0,) * 3, (kick(step),) * 3, (0.4 * rises,) * 3,
                              (False,) * 3, 0.0, beat=beat))  # fmt: skip
    return heard


@pytest.mark.parametrize("kind", MOVING)
def test_a_walk_is_the_same_again_and_does_not_depend_on_what_is_drawn(kind):
    heard, drive = music(600), drive_of(kind, bars=1)
    paths = []
    for fps in (None, 7, 50):
        walker = Walker(Z_DIM, drive, DT)
        track = Track(walker.z, DT)
        for features in heard:
            track.add(features, walker.step(features, drive), walker.sway)
            if fps and features.step % (100 // fps) == 0:
                track.pose(features.t_audio)
        paths.append((walker.z, walker.sway, track.pose(5.0).z))
    for other in paths[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(paths[0], other, strict=True))
    assert np.allclose(np.linalg.norm(paths[0][0], axis=-1), R, rtol=1e-9)


@pytest.mark.parametrize("kind", MOVING)
def test_a_walk_never_jumps_more_than_a_hit_pushes_it(kind):
    walker, drive = Walker(Z_DIM, drive_of(kind, bars=1), DT), drive_of(kind, bars=1)
    path = np.array([walker.step(features, drive)[0].copy() for features in music(600)])
    assert max(angle(path[1:], path[:-1])) < (26 if kind == "pulse" else 8)


@pytest.mark.parametrize("kind", MOVING)
def test_the_step_rate_changes_only_the_grain(kind):
    coarse = walk(drive_of(kind, bars=1), 200, level=lambda step: 0.5, change=0.02, dt=0.02)
    fine = walk(drive_of(kind, bars=1), 400, level=lambda step: 0.5, change=0.02)
    assert np.max(angle(coarse[1:], fine[3::2])) < 1.5


def test_another_kind_goes_on_from_where_the_one_before_was():
    walker = Walker(Z_DIM, drive_of("tour", bars=1), DT)
    path = [walker.z[0]]
    for step, kind in enumerate(kind for kind in (*MOVING, *MOVING) for _ in range(30)):
        path.append(walker.step(features_of(step, 0.0), drive_of(kind, bars=1))[0].copy())
    assert max(angle(np.array(path[1:]), np.array(path[:-1]))) < 5
