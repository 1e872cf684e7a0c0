"""Pictures held back until the sound is heard."""

import pytest

from bandwalk.clock import ManualClock
from bandwalk.output.delay import DelayLine
from bandwalk.records import Counters


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def counters():
    return Counters()


@pytest.fixture
def line(clock, counters):
    return DelayLine(clock, capacity=100, counters=counters)


def play(line, clock, delays, *, start=0):
    """Put one item a tenth of a second, taking with the delay of that tenth; return what came out."""
    taken = []
    for i, delay_s in enumerate(delays, start):
        line.put(i)
        taken.append(line.take(delay_s))
        clock.advance(0.125)  # exact in binary, so that "due" is
    return taken


def test_without_delay_an_item_comes_out_at_once(line, clock, counters):
    assert play(line, clock, [0.0] * 5) == [0, 1, 2, 3, 4]
    assert counters.counts == {}


def test_items_come_out_after_the_delay_each_once(line, clock, counters):
    assert play(line, clock, [0.5] * 8) == [None, None, None, None, 0, 1, 2, 3]
    assert counters.counts == {}


def test_a_longer_delay_rests_and_then_goes_on_in_order(line, clock, counters):
    assert play(line, clock, [0.0] * 3 + [0.25] * 5) == [0, 1, 2, None, None, 3, 4, 5]
    assert counters.counts == {}


def test_a_shorter_delay_goes_to_the_newest_and_counts_what_it_passed(line, clock, counters):
    assert play(line, clock, [0.5] * 5 + [0.125] * 3) == [None, None, None, None, 0, 4, 5, 6]
    assert counters.counts == {"delay": 3}


def test_a_delay_that_wanders_reorders_nothing(line, clock):
    delays = [0.0, 1.0, 0.3, 0.2, 0.9, 0.1, 0.0, 0.5, 0.0] * 5
    taken = [item for item in play(line, clock, delays) if item is not None]
    assert taken == sorted(set(taken))


def test_the_next_due_time_moves_with_the_delay(line, clock):
    assert line.next_due(0.5) is None
    clock.advance(2.0)
    line.put("frame")
    clock.advance(0.25)
    assert line.next_due(0.5) == 2.5
    assert line.next_due(0.125) == 2.125
    assert line.take(0.5) is None
    assert line.take(0.125) == "frame"
    assert len(line) == 0


def test_beyond_its_capacity_the_oldest_is_dropped_and_counted(clock, counters):
    line = DelayLine(clock, capacity=3, counters=counters)
    assert play(line, clock, [10.0] * 5) == [None] * 5
    assert len(line) == 3
    assert counters.counts == {"delay": 2}
    assert line.next_due(0.0) == 0.25  # item 2
