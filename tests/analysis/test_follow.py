import math

import pytest

from bandwalk.analysis.follow import Follower, Glide


@pytest.mark.parametrize("dt_s", [0.0025, 0.01, 0.025])
def test_attack_and_release_take_their_time_constants_at_any_step_rate(dt_s):
    follower = Follower(0.1, 0.5, dt_s)
    rise = [follower.step(1.0) for _ in range(round(0.1 / dt_s))][-1]
    assert rise == pytest.approx(1 - 1 / math.e)
    for _ in range(round(2.0 / dt_s)):
        top = follower.step(1.0)
    fall = [follower.step(0.0) for _ in range(round(0.5 / dt_s))][-1]
    assert fall == pytest.approx(top / math.e)


def test_a_time_constant_of_zero_follows_at_once():
    follower = Follower(0.0, 0.0, 0.01)
    assert [follower.step(x) for x in (1.0, 0.25, 0.0)] == [1.0, 0.25, 0.0]


def test_new_time_constants_do_not_move_the_value():
    follower = Follower(0.1, 0.1, 0.01)
    before = follower.step(1.0)
    follower.set(5.0, 5.0)
    assert follower.step(1.0) == pytest.approx(before, abs=0.002)


def test_a_glide_starts_at_rest_and_reaches_its_target():
    glide = Glide(2.0, 0.05, 0.01)
    assert glide.step() == 2.0
    glide.target = 1.0
    way = [glide.step() for _ in range(100)]
    assert way == sorted(way, reverse=True)
    assert way[4] == pytest.approx(1 + 1 / math.e)
    assert way[-1] == pytest.approx(1.0)
