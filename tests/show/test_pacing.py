"""Pacing: frame k at audio time k / fps, by deadlines, never in a pile."""

import threading

import pytest

from bandwalk.clock import SteppedClock, StreamClock
from bandwalk.records import Counters
from bandwalk.show.pacer import Pacer


def _pacer(clock, *, slip=0.0):
    counters = Counters()
    return Pacer(lambda: (100.0, 100.0 + slip), clock, counters), counters


@pytest.mark.parametrize("fps", [24, 30, 60, 29.97])
def test_frames_fall_on_multiples_of_the_frame_time_without_drift(fps):
    clock = SteppedClock(0.0)
    pacer, counters = _pacer(clock)
    times = [pacer.next(fps, threading.Event()) for _ in range(1000)]
    assert times == [k / fps for k in range(1000)]
    assert clock.now() == pytest.approx(999 / fps)
    assert counters.counts.get("late", 0) == 0


def test_a_late_frame_is_followed_by_one_on_the_newest_sound_and_counted():
    clock = SteppedClock(0.0)
    pacer, counters = _pacer(clock)
    stop = threading.Event()
    for _ in range(10):
        pacer.next(30, stop)
    clock.sleep_until(clock.now() + 0.51)  # 15 frames of drawing
    late = pacer.next(30, stop)
    assert clock.now() - late < 1 / 30
    assert counters.counts["late"] == 14
    assert pacer.next(30, stop) == pytest.approx(late + 1 / 30)


def test_another_rate_goes_on_from_the_last_frame():
    clock = SteppedClock(0.0)
    pacer, _ = _pacer(clock)
    stop = threading.Event()
    for _ in range(31):
        last = pacer.next(30, stop)
    assert pacer.next(60, stop) == pytest.approx(last + 1 / 60)
    assert pacer.next(60, stop) == pytest.approx(last + 2 / 60)


def test_a_show_that_begins_late_in_the_stream_begins_there():
    clock = SteppedClock(7.01)
    pacer, counters = _pacer(clock)
    assert pacer.next(30, threading.Event()) == pytest.approx(7.0, abs=1 / 30)
    assert not counters.counts.get("late")


def test_an_audio_clock_that_jumped_back_does_not_stop_the_pictures():
    clock = SteppedClock(50.0)
    anchor = [(50.0, 50.0)]
    pacer = Pacer(lambda: anchor[0], clock, Counters())
    stop = threading.Event()
    pacer.next(30, stop)
    anchor[0] = (10.0, 50.0)
    pacer.next(30, stop)
    assert clock.now() < 50.2


def test_stop_ends_the_wait():
    stop = threading.Event()
    stop.set()
    pacer, _ = _pacer(SteppedClock(0.0))
    assert pacer.next(30, stop) is None


def test_a_stream_clock_ignores_late_arrivals_and_follows_a_slow_card():
    clock = StreamClock(48_000)
    assert clock.capture_time(480, 1.010) == pytest.approx(1.010)
    assert clock.capture_time(960, 1.055) == pytest.approx(1.020, abs=1e-4)  # a burst, 35 ms late
    assert clock.capture_time(1440, 1.0301) == pytest.approx(1.030, abs=1e-4)
    for n in range(4, 6000):  # a card that runs 200 ppm slow
        seen = clock.capture_time(n * 480, 1.0 + n * 0.01 * 1.0002)
    assert seen == pytest.approx(1.0 + 5999 * 0.01 * 1.0002, abs=2e-3)


def test_a_stream_clock_starts_anew_where_samples_were_lost():
    clock = StreamClock(48_000)
    for n in range(1, 101):
        clock.capture_time(n * 480, n * 0.01)
    lost_s = 0.3
    seen = [clock.capture_time(n * 480, n * 0.01 + lost_s) - n * 0.01 for n in range(101, 201)]
    assert seen[:20] == pytest.approx([0.0] * 20, abs=1e-3)  # a burst, for all that is known yet
    assert seen[30:] == pytest.approx([lost_s] * 70)


def test_a_stream_clock_is_never_far_behind_however_often_a_little_is_lost():
    clock, lost_s, ages = StreamClock(48_000), 0.0, []
    for n in range(1, 3000):
        lost_s += 0.02 if n % 50 == 0 else 0.0
        ages.append(n * 0.01 + lost_s - clock.capture_time(n * 480, n * 0.01 + lost_s))
    assert lost_s > 1
    assert max(ages) < 0.1
    assert min(ages) >= 0


def test_a_stream_clock_is_not_misled_by_long_bursts():
    clock = StreamClock(48_000)
    for burst in range(50):
        came = 0.2 * (burst + 1)
        seen = [clock.capture_time(480 * (20 * burst + k), came) - came for k in range(1, 21)]
    assert seen == pytest.approx([0.01 * k - 0.2 for k in range(1, 21)], abs=1e-3)
