"""When a model that draws is given up, by a clock that the test moves."""

import pytest

from bandwalk.clock import ManualClock
from bandwalk.show.draw_thread import FIRST_HANG_S, WATCH_S, Watchdog


@pytest.fixture
def clock():
    return ManualClock(100.0)


@pytest.fixture
def watch(clock):
    return Watchdog(clock)


def draw(watch, clock, seconds=0.02, times=1):
    for _ in range(times):
        watch.begin()
        clock.advance(seconds)
        watch.end()


def hang(watch, clock, seconds, *, is_loading=False):
    """Begin a picture and look at it for so long; return when it was judged to hang, or None."""
    watch.begin()
    for n in range(round(seconds / WATCH_S)):
        if watch.judge(is_loading=is_loading):
            return n * WATCH_S
        clock.advance(WATCH_S)
    return None


def test_three_failures_in_a_row_give_a_model_up_and_a_picture_between_them_does_not(watch, clock):
    for _ in range(5):
        for _ in range(2):
            watch.begin()
            watch.fail(ValueError("broken"))
        assert watch.judge(is_loading=False) == ""
        draw(watch, clock)
    for _ in range(3):
        watch.begin()
        watch.fail(ValueError("broken"))
    assert watch.judge(is_loading=False) == "3 pictures in a row failed (ValueError: broken)"


def test_a_picture_hangs_after_two_seconds(watch, clock):
    draw(watch, clock, times=10)
    assert hang(watch, clock, 10.0) == pytest.approx(2.0, abs=3 * WATCH_S)


def test_a_slow_model_has_ten_times_what_its_pictures_take(watch, clock):
    draw(watch, clock, 1.0, times=3)
    assert hang(watch, clock, 20.0) == pytest.approx(10.0, abs=3 * WATCH_S)


def test_a_first_picture_has_long(watch, clock):
    assert hang(watch, clock, 60.0) == pytest.approx(FIRST_HANG_S, abs=3 * WATCH_S)


def test_while_a_model_is_loaded_nothing_hangs_and_the_time_counts_from_its_end(watch, clock):
    draw(watch, clock, times=10)
    assert hang(watch, clock, 30.0, is_loading=True) is None
    clock.advance(WATCH_S)
    assert watch.judge(is_loading=False) == ""


def test_a_process_that_was_held_for_a_minute_has_not_hung(watch, clock):
    draw(watch, clock, times=10)
    watch.begin()
    watch.judge(is_loading=False)
    clock.advance(60.0)
    assert watch.judge(is_loading=False) == ""


def test_a_picture_that_ends_after_all_is_forgiven(watch, clock):
    draw(watch, clock, times=10)
    assert hang(watch, clock, 5.0)
    watch.end()
    assert watch.judge(is_loading=False) == ""
