"""The one clock: what is chosen is followed without a jolt, taps and resyncs at their own times."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandwalk.pipeline.beat_clock import BeatClock, ClockValues, Timebase
from bandwalk.records import Beat

STEP_S = 0.01
START = 1000.0  # monotonic seconds at the start


class Player:
    """A clock that is stepped, and what it showed: (time, beat) of each step."""

    def __init__(self, **values):
        self.clock = BeatClock(STEP_S, 120.0)
        self.values = ClockValues(**values)
        self.shown = []

    @property
    def t(self):
        return START + len(self.shown) * STEP_S

    def play(self, seconds, heard=lambda t: Beat()):
        first = len(self.shown)
        for _ in range(round(seconds / STEP_S)):
            t = START + (len(self.shown) + 1) * STEP_S
            self.shown.append((t, self.clock.step(heard(t), t, self.values)))
        return self.shown[first:]

    def choose(self, **values):
        self.values = ClockValues(**values)


def music(bpm, first=START, bar=4, confidence=0.9):
    """What a perfect ear hears of music that began at a time, where it is loud enough."""

    def heard(t):
        beats = (t - first) * bpm / 60
        return Beat(beats=beats, bar_phase=beats % bar / bar, bpm=bpm, confidence=confidence)

    return heard


def times_of(shown, name="beat"):
    """The exact times at which beats or bars began: the count, led back to its last whole number."""
    return [t - beat.phase * 60 / beat.bpm for t, beat in shown if getattr(beat, name)]


def is_steady(shown):
    """Whether the count rises, by at most a quarter more or less than its tempo, and beats lie at whole numbers."""
    for (_, a), (_, b) in pairwise(shown):
        advance = b.bpm / 60 * STEP_S
        if not 0.74 * advance <= b.beats - a.beats <= 1.26 * advance:
            return False
    return all(b.beat == (math.floor(b.beats) > math.floor(a.beats)) for (_, a), (_, b) in pairwise(shown))


def test_the_heard_beat_is_shown_as_it_is_heard():
    player = Player()
    shown = player.play(8.0, music(128, START - 0.3))
    for t, beat in shown:
        heard = music(128, START - 0.3)(t)
        off = (beat.phase - heard.phase + 0.5) % 1 - 0.5
        assert abs(off) < 1e-9
        assert beat.bar_phase == pytest.approx(heard.bar_phase, abs=1e-9)
    assert is_steady(shown[1:])
    assert (shown[-1][1].bpm, shown[-1][1].confidence) == (128, 0.9)


def test_where_a_beat_is_first_known_between_two_beats_the_next_one_is_the_first():
    player = Player()
    player.play(1.3)
    shown = player.play(2.0, music(120, START + 0.1))  # beats at 1.1, 1.6 ...
    assert times_of(shown) == pytest.approx([START + t for t in (1.6, 2.1, 2.6, 3.1)])


def test_before_a_beat_is_known_none_is_shown_but_the_count_runs():
    player = Player()
    shown = player.play(5.0)
    assert not any(beat.beat or beat.bar or beat.confidence for _, beat in shown)
    assert shown[-1][1].beats == pytest.approx(10.0)


def test_through_a_break_the_last_tempo_goes_on_with_its_bars():
    player = Player()
    whole = music(128)
    player.play(10.0, whole)
    quiet = player.play(15.0, lambda t: Beat(bpm=60.0))  # 8 bars without a beat
    after = player.play(5.0, whole)
    assert is_steady(quiet + after)
    assert np.allclose(np.diff(times_of(quiet)), 60 / 128, atol=1e-6)
    assert [(round((t - START) * 128 / 60, 6) % 4) for t in times_of(quiet + after, "bar")] == pytest.approx(
        [0.0] * len(times_of(quiet + after, "bar")), abs=1e-3
    )
    assert {beat.bpm for _, beat in quiet} == {128}


def test_long_after_the_music_no_beat_is_shown_and_the_next_song_starts_at_once():
    player = Player()
    player.play(4.0, music(128))
    player.play(61.0)
    assert not times_of(player.play(2.0))
    begun = player.play(2.0, music(90, player.t + 0.005))
    assert times_of(begun)[0] == pytest.approx(player.shown[-200][0] - STEP_S + 0.005, abs=1e-6)


def test_a_heard_beat_that_moves_is_glided_to():
    player = Player()
    player.play(4.0, music(120))
    shown = player.play(4.0, music(120, START + 0.2))  # 0.4 beats later
    assert is_steady(player.shown[1:])
    assert times_of(shown)[-1] == pytest.approx(START + 7.7, abs=1e-6)


def test_another_tempo_goes_on_from_the_same_count():
    player = Player(follows="manual", bpm=120.0)
    player.play(1.25)
    player.choose(follows="manual", bpm=180.0)
    player.play(1.25)
    assert is_steady(player.shown)
    assert player.shown[-1][1].beats == pytest.approx(2.5 + 3.75, abs=0.02)
    assert player.shown[-1][1].confidence == 1


def test_a_manual_beat_begins_at_the_start():
    player = Player(follows="manual", bpm=120.0)
    shown = player.play(4.25)
    assert [round((t - START) * 100) for t, beat in shown if beat.beat] == [1, *range(50, 401, 50)]
    assert [round((t - START) * 100) for t, beat in shown if beat.bar] == [1, 200, 400]


@pytest.mark.parametrize("bpm", [72.0, 90.0, 128.0, 174.0])
def test_taps_set_tempo_and_phase(bpm):
    rng = np.random.default_rng(3)
    player = Player(follows="auto")
    player.play(1.0)
    first = player.t + 0.1234
    taps = [first + k * 60 / bpm + rng.normal(0, 0.01) for k in range(12)]
    player.choose(follows="tap")
    for t in taps:
        player.play(t - player.t - 0.004)
        player.clock.tap(t)
        player.play(0.03)
    player.play(4.0)
    last = times_of(player.shown)[-1]
    beats = (last - first) * bpm / 60
    assert player.shown[-1][1].bpm == pytest.approx(bpm, rel=0.005)
    assert abs(beats - round(beats)) * 60 / bpm < 0.03  # by taps that are off by 10 ms
    assert is_steady(player.shown[-300:])


def test_a_beat_is_shown_at_each_tap_or_was_just_before_it():
    player = Player(follows="tap")
    player.play(0.37)
    for k in range(6):
        player.clock.tap(player.t + 0.005)
        before = len(player.shown)
        player.play(0.6)
        near = player.shown[before - (13 if k < 3 else 1) : before + 2]  # while it learns: up to a quarter of a beat
        assert any(beat.beat for _, beat in near)
    assert np.allclose(np.diff(times_of(player.shown)[-3:]), 0.6, atol=1e-6)


def test_a_tap_left_out_and_a_finger_that_bounces_do_no_harm():
    player = Player(follows="tap")
    for k in (0, 1, 2, 4, 5, 6):
        player.play(START + 0.5 + k * 0.5 - player.t)
        player.clock.tap(player.t)
        player.clock.tap(player.t + 0.03)
        player.play(0.1)
    assert player.shown[-1][1].bpm == pytest.approx(120.0)


def test_a_tap_after_two_seconds_begins_anew_and_keeps_the_tempo():
    player = Player(follows="tap")
    for _ in range(4):
        player.clock.tap(player.t)
        player.play(0.4)
    player.play(4.23)  # between two beats
    player.clock.tap(player.t + 0.005)
    step = player.play(STEP_S)
    assert step[0][1].beat
    assert player.play(1.0)[-1][1].bpm == pytest.approx(150.0)


def test_taps_that_come_before_they_are_chosen_count_but_not_old_ones():
    player = Player()
    player.play(0.3)
    player.clock.tap(player.t + 0.005)
    player.play(0.02)
    player.choose(follows="tap")
    assert player.play(STEP_S)[0][1].beat
    player.choose(follows="manual")
    player.clock.tap(player.t)
    player.play(3.0)
    player.choose(follows="tap")
    assert is_steady(player.play(3.0))


@pytest.mark.parametrize("follows", ["manual", "tap", "auto", "midi", "link"])
def test_after_a_resync_the_bar_begins_now_and_stays(follows):
    player = Player(follows=follows)
    player.clock.outer = dict.fromkeys(("midi", "link"), lambda: Timebase(START, 1.0, 120.0))
    ear = music(120)
    player.play(3.1, ear)
    t = player.t + 0.4 + 0.02  # 20 ms after the second beat of a bar
    player.play(0.42 - 0.005, ear)
    player.clock.resync(t)
    player.play(0.01, ear)
    player.play(0.01, ear)
    now = [beat for at, beat in player.shown[-3:] if beat.beat and beat.bar]
    assert len(now) == 1
    later = times_of(player.play(20.0, ear), "bar")
    exact = t if follows in ("manual", "tap") else t - 0.02
    within = 1 / 48 * 0.51 if follows == "midi" else 1e-6  # to the nearest tick
    wanted = t if follows == "midi" else exact
    assert [at - wanted for at in later] == pytest.approx([2.0 * k for k in range(1, len(later) + 1)], abs=within)


def test_a_resync_on_the_offbeat_takes_the_offbeat_for_the_beat():
    player = Player()
    ear = music(120)
    player.play(3.0, ear)
    player.clock.resync(START + 3.25 + 0.01)
    player.play(2.0, ear)
    later = times_of(player.play(4.0, ear))
    assert all(abs((t - START) % 0.5 - 0.25) < 1e-6 for t in later)


def test_a_nudge_moves_all_beats_and_lasts():
    player = Player(follows="manual")
    player.play(2.0)
    player.choose(follows="manual", nudge_s=-0.03)
    player.play(2.0)
    assert is_steady(player.shown)
    assert [t - START for t in times_of(player.play(2.0))] == pytest.approx([4.47, 4.97, 5.47, 5.97])


@pytest.mark.parametrize(("factor", "beats", "bars"), [(2.0, 0.25, 1.0), (0.5, 1.0, 4.0)])
def test_beats_are_divided_and_the_one_stays_the_one(factor, beats, bars):
    player = Player(factor=factor)
    ear = music(120)
    player.play(8.0, ear)
    shown = player.play(16.0, ear)
    assert np.allclose(np.diff(times_of(shown)), beats, atol=1e-6)
    assert np.allclose(np.diff(times_of(shown, "bar")), bars, atol=1e-6)
    assert all(abs(t - START - round(t - START)) < 1e-6 or factor == 2 for t in times_of(shown, "bar"))
    assert (times_of(shown, "bar")[0] - START) % min(2.0, bars) == pytest.approx(0.0, abs=1e-6)
    assert shown[-1][1].bpm == 120 * factor


def test_dividing_while_it_runs_is_no_jump():
    player = Player()
    for factor in (1.0, 2.0, 1.0, 0.5, 1.0):
        player.choose(factor=factor)
        player.play(2.13, music(120))
    assert all(b.beats >= a.beats for (_, a), (_, b) in pairwise(player.shown))
    assert max(b.beats - a.beats for (_, a), (_, b) in pairwise(player.shown)) < 4 / 60 * 1.26


@pytest.mark.parametrize("kind", ["link", "midi"])
def test_an_outer_clock_is_followed_with_its_bars_and_lost_it_is_gone_on_with(kind):
    player = Player(follows="auto")
    player.play(1.0)
    line = Timebase(START - 5.0, 3.0, 126.0)
    player.clock.outer = {kind: lambda: line}
    player.choose(follows=kind)
    player.play(5.0)
    for t, beat in player.shown[-100:]:
        assert (beat.bar_phase * 4 - line.at(t)) % 4 % 3.999999 == pytest.approx(0, abs=1e-5)
    assert (beat.bpm, beat.confidence) == (126.0, 1.0)
    player.clock.outer = {kind: lambda: None}
    lost = player.play(10.0)
    assert is_steady(lost)
    assert (lost[-1][1].bar_phase * 4 - line.at(lost[-1][0])) % 4 % 3.999999 == pytest.approx(0, abs=1e-5)


def test_without_an_outer_clock_no_beat_is_known():
    player = Player(follows="link")
    assert not any(beat.confidence or beat.beat for _, beat in player.play(3.0))


def test_an_outer_clock_that_starts_anew_is_jumped_to():
    player = Player(follows="midi")
    line = Timebase(START, 0.0, 120.0)
    player.clock.outer = {"midi": lambda: line}
    player.play(3.2)
    line = Timebase(player.t + 0.005, 0.0, 120.0, run=1)
    step = player.play(STEP_S)
    assert step[0][1].bar


def test_what_is_shown_can_be_led_by():
    player = Player(follows="manual", bpm=100.0, nudge_s=0.05)
    player.play(7.0)
    assert player.clock.shown.bpm == 100.0
    assert player.clock.shown.at(START + 7.0) % 4 == pytest.approx(7.0 * 100 / 60 % 4, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["auto", "manual", "tap", "link", "midi"]),
            st.floats(20, 400),
            st.floats(-0.5, 0.5),
            st.sampled_from([0.5, 1.0, 2.0]),
            st.integers(1, 12),
            st.sampled_from(["", "tap", "resync"]),
        ),
        max_size=12,
    )
)
def test_whatever_is_done_the_count_rises_and_each_whole_number_is_one_beat(turns):
    player = Player()
    for follows, bpm, nudge_s, factor, bar, act in turns:
        line = Timebase(START, bpm / 7, bpm)
        player.clock.outer = dict.fromkeys(("link", "midi"), lambda line=line: line)
        player.values = ClockValues(follows, bpm, nudge_s, factor, bar)
        if act:
            getattr(player.clock, act)(player.t + 0.003)
        player.play(0.3, music(bpm, START + nudge_s, bar))
    for (_, a), (_, b) in pairwise(player.shown):
        assert a.beats <= b.beats < a.beats + 2.0
        assert 0 <= b.bar_phase < 1
        assert 20 <= b.bpm <= 400
        assert not b.bar or b.beat
