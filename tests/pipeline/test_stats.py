"""Stage times, frame rate and counters."""

import pytest

from bandwalk.audio import HealthReading
from bandwalk.output.newest_slot import NewestSlot
from bandwalk.pipeline.stats import STAGES, FrameMeter, Stopwatch, Tally
from bandwalk.records import Features
from bandwalk.show.status_line import line


def test_a_stopwatch_tells_median_and_99th_percentile_in_milliseconds():
    watch = Stopwatch()
    for k in range(1, 101):
        watch.add("synth", k / 1000)
    (stats,) = watch.read()
    assert (stats.stage, stats.count) == ("synth", 100)
    assert stats.median_ms == pytest.approx(50.5)
    assert stats.p99_ms == pytest.approx(99.01)


def test_an_unknown_stage_is_an_error():
    with pytest.raises(KeyError):
        Stopwatch().add("sinth", 1.0)


def test_the_frame_meter_measures_and_forgets():
    meter = FrameMeter()
    assert meter.fps(0.0) == 0.0
    for k in range(61):
        meter.tick(k / 30)
    assert meter.fps(2.0) == pytest.approx(30.0)
    assert meter.fps(9.0) == 0.0


def test_stats_messages_are_flat_numbers_by_their_names():
    tally = Tally()
    for stage in STAGES:
        tally.stopwatch.add(stage, 0.002)
    tally.counters.add("late", 3)
    tally.counters.add("audio_dropped", 480)
    messages = dict(tally.messages(0.0))
    assert messages["/stats/synth/median_ms"] == pytest.approx(2.0)
    assert messages["/stats/late"] == 3
    assert messages["/stats/dropped/audio_dropped"] == 480
    assert set(messages) >= {f"/stats/{stage}/{kind}_ms" for stage in STAGES for kind in ("median", "p99")}


def test_a_slot_keeps_the_newest_and_tells_what_it_lost():
    slot = NewestSlot()
    assert slot.put(1) is False
    assert slot.put(2) is True
    assert slot.take(0) == 2
    assert slot.take(0) is None


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_status_line_tells_rate_bands_and_stages_in_any_width(width):
    tally = Tally()
    for stage in STAGES:
        tally.stopwatch.add(stage, 0.0123)
    tally.counters.add("late", 7)
    tally.input = HealthReading(-18.2)
    features = Features(0, 0.0, 0.0, (0.0,) * 3, (1.0, 0.0, 0.5), (0.0,) * 3, (False,) * 3, 0.0)
    text = line(tally, features, 0.0, watched=True, width=width)
    assert "7 late" in text
    assert "\u2588" in text  # low is full
    assert all(stage[:3] in text for stage in STAGES)
    assert len(text) <= max(width, 90)
    assert ("synth 12.3/12" in text) == (width >= 150)
    assert "-18 dB" in text


def test_what_is_wrong_with_the_sound_stands_under_the_status_line_and_in_the_answer_to_stats():
    tally = Tally()
    tally.input = HealthReading(-18.2, "only channel 1 of the 2 heard has sound")
    text = line(tally, None, 0.0, watched=True, width=80)
    assert text.splitlines()[1] == "sound: only channel 1 of the 2 heard has sound"
    messages = dict(tally.messages(0.0))
    assert messages["/audio/level_db"] == -18.2
    assert messages["/audio/health"] == "only channel 1 of the 2 heard has sound"
