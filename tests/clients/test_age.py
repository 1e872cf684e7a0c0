"""Ages of frames, with clocks that agree, differ, drift and are set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwalk_client.age import AgeMeter

LIMIT_S = 0.2


def stream(meter, *, offset_s, lag_s, seconds, start=1000.0, fps=30):
    """Feed a steady stream; return the ages. offset_s: by how much this machine's clock is ahead."""
    times = [start + i / fps for i in range(round(seconds * fps))]
    return [meter.age_s(t, t + offset_s + lag_s) for t in times]


def test_on_one_machine_the_age_is_the_plain_difference():
    meter = AgeMeter(LIMIT_S, same_clock=True)
    assert meter.age_s(1000.0, 1000.05) == pytest.approx(0.05)
    assert meter.age_s(1000.0, 1060.0) == pytest.approx(60.0)
    assert stream(meter, offset_s=0.0, lag_s=0.1, seconds=600, start=1060.0)[-1] == pytest.approx(0.1)


@pytest.mark.parametrize("offset_s", [-3600.0, -0.5, 0.0, 0.5, 3600.0])
def test_another_machines_clock_may_say_what_it_likes(offset_s):
    meter = AgeMeter(LIMIT_S, same_clock=False)
    ages = stream(meter, offset_s=offset_s, lag_s=0.002, seconds=10)
    assert max(ages) < 0.01
    assert meter.age_s(1010.0, 1010.0 + offset_s + 0.502) == pytest.approx(0.5, abs=0.01)  # 0.5 s late


def test_a_frame_from_before_a_suspension_is_as_old_as_the_suspension():
    meter = AgeMeter(LIMIT_S, same_clock=False)
    stream(meter, offset_s=5.0, lag_s=0.002, seconds=10)
    assert meter.age_s(1010.0, 1070.0 + 5.002) == pytest.approx(60.0, abs=0.01)
    assert meter.age_s(1070.0, 1070.0 + 5.003) < 0.01


def test_clocks_that_drift_apart_make_no_frame_old():
    meter = AgeMeter(LIMIT_S, same_clock=False)
    ages = [meter.age_s(1000.0 + i / 30, 1000.0 + i / 30 * (1 + 1e-4)) for i in range(30 * 3600)]
    assert max(ages) < 0.01


@pytest.mark.parametrize("same_clock", [True, False])
def test_a_clock_that_is_set_back_costs_five_seconds_of_frames_and_no_more(same_clock):
    meter = AgeMeter(LIMIT_S, same_clock=same_clock)
    stream(meter, offset_s=0.0, lag_s=0.002, seconds=10)
    ages = stream(meter, offset_s=2.0, lag_s=0.002, seconds=10, start=1010.0)
    stale = [age for age in ages if age > LIMIT_S]
    assert len(stale) == pytest.approx(5 * 30, abs=10)
    assert max(ages[len(stale) + 5 :]) < 0.01


def test_a_backlog_however_long_is_not_taken_for_the_present():
    """Frames that a kernel kept come all at once: hundreds of them, but in no time."""
    meter = AgeMeter(LIMIT_S, same_clock=False)
    stream(meter, offset_s=0.0, lag_s=0.002, seconds=10)
    ages = [meter.age_s(1010.0 + i / 30, 1070.0 + i * 1e-4) for i in range(1000)]
    assert min(ages) > LIMIT_S


def test_repeated_suspensions_are_not_taken_for_a_clock_that_was_set():
    meter = AgeMeter(LIMIT_S, same_clock=False)
    stream(meter, offset_s=0.0, lag_s=0.002, seconds=10)
    ages = [meter.age_s(1010.0 + 60 * i, 1070.0 + 60 * i) for i in range(20)]  # nothing but old frames
    assert min(ages) > LIMIT_S


@given(st.lists(st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12)), max_size=50), st.booleans())
def test_an_age_is_never_negative_whatever_the_stamps(pairs, same_clock):
    meter = AgeMeter(LIMIT_S, same_clock=same_clock)
    assert all(meter.age_s(sent, received) >= 0 for sent, received in pairs)
