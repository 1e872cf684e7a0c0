"""How many threads draw: chosen by the first pictures of a show, from times that a test makes up."""

import itertools

import pytest
import torch

from bandwalk.pipeline.draw_threads import ThreadChoice

PICTURES = 400


@pytest.fixture(autouse=True)
def _threads_as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def _draw(choice, times, pictures=PICTURES):
    """Draw so many pictures that take times[threads] seconds each; return by how many threads each was drawn."""
    drawn = []
    for _ in range(pictures):
        drawn.append(choice.n)
        choice.drawn(next(times[choice.n]))
        assert torch.get_num_threads() == choice.n
    return drawn


def _same(seconds):
    return itertools.repeat(seconds)


def test_threads_that_halve_the_time_are_chosen():
    choice = ThreadChoice([1, 2])
    choice.begin()
    assert torch.get_num_threads() == 1
    drawn = _draw(choice, {1: _same(0.020), 2: _same(0.011)})
    assert choice.wait(0) == 2
    assert drawn[-200:] == [2] * 200


def test_threads_that_bring_little_are_not_tried_twice():
    choice = ThreadChoice([1, 2])
    drawn = _draw(choice, {1: _same(0.020), 2: _same(0.019)})
    assert choice.wait(0) == 1
    assert 0 < drawn.count(2) < 10


def test_threads_that_now_and_then_wait_for_each_other_are_not_chosen():
    choice = ThreadChoice([1, 2])
    _draw(choice, {1: _same(0.020), 2: itertools.cycle([0.011] * 6 + [0.060])})
    assert choice.wait(0) == 1


def test_the_fastest_of_several_is_chosen_and_the_first_picture_of_each_does_not_count():
    choice = ThreadChoice([1, 3, 4])
    times = {1: _same(0.02), 3: itertools.chain([1.0], _same(0.008)), 4: itertools.chain([1.0], _same(0.012))}
    _draw(choice, times)
    assert choice.wait(0) == 3


def test_one_number_is_taken():
    choice = ThreadChoice([3])
    choice.begin()
    assert choice.wait(0) == 3
    assert set(_draw(choice, {3: _same(0.02)}, 50)) == {3}


def test_a_slow_model_is_tried_with_few_pictures():
    choice = ThreadChoice([1, 2])
    drawn = _draw(choice, {1: _same(2.0), 2: _same(1.0)}, 30)
    assert choice.wait(0) == 2
    assert drawn.count(1) < 10


def test_another_model_is_tried_anew():
    choice = ThreadChoice([1, 2])
    _draw(choice, {1: _same(0.020), 2: _same(0.011)})
    choice.again()
    drawn = _draw(choice, {1: _same(0.020), 2: _same(0.030)})
    assert drawn[1] == 1
    assert choice.wait(0) == 1


def test_threads_that_have_become_slow_are_tried_anew():
    """Another program has taken a core."""
    choice = ThreadChoice([1, 2])
    _draw(choice, {1: _same(0.020), 2: _same(0.011)})
    assert choice.n == 2
    _draw(choice, {1: _same(0.022), 2: _same(0.040)})
    assert choice.wait(0) == 1
