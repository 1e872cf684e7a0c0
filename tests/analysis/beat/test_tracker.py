"""Beats, bars and tempo of songs that are known; small versions of benchmarks/beats.py."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
import songs
from analysis.hearing import VALUES, features_of, to_blocks
from signals import f_score, pink

from bandwalk.analysis import Analyzer
from bandwalk.analysis.beat import BeatTracker
from bandwalk.analysis.spectrum import ShortSpectrum
from bandwalk.records import BeatValues

USUAL = BeatValues(lowest=70.0, highest=180.0, beats_per_bar=4)
FLOOR = 2.5e-4
HOP = 480


def powers_of(y):
    """The short spectrum of each step, [n_steps, BINS]."""
    spectrum, found = ShortSpectrum(HOP, 1), []
    for end in range(HOP, len(y) + 1, HOP):
        spectrum.step(y[end - HOP : end])
        found.append(spectrum.power.copy())
    return found


def track(y, values=USUAL):
    """The beat of each step."""
    tracker = BeatTracker(100.0, values)
    return [tracker.step(power, FLOOR) for power in powers_of(y)]


def times(found, name="beat"):
    return 0.01 * (1 + np.flatnonzero([getattr(beat, name) for beat in found]))


@lru_cache
def made(pattern, bpm, seconds=15.0, **how):
    return songs.song(songs.steady(bpm, seconds), pattern, **how)


@pytest.mark.parametrize(("pattern", "bpm"), [("house", 124), ("rock", 104), ("broken", 174), ("waltz", 120)])
def test_beats_are_found_at_the_beat_not_after_it(pattern, bpm):
    song = made(pattern, bpm)
    found = track(song.y, replace(USUAL, beats_per_bar=3 if pattern == "waltz" else 4))
    wanted = song.beats[song.beats > 4]
    beats = times(found)
    beats = beats[(beats > 3.93) & (beats < wanted[-1] + 0.07)]
    assert f_score(beats, wanted) > 0.95
    off = [np.abs(beats - t).min() for t in wanted]
    assert np.median(off) < 0.012
    bars = times(found, "bar")
    first = song.bars[song.bars > 9.5]
    assert f_score(bars[(bars > 9.43) & (bars < first[-1] + 0.07)], first) > 0.9


def test_beat_and_bar_are_kept_through_a_break_of_eight_bars():
    song = songs.song(songs.steady(150, 18 * 240 / 150), "rock", quiet=((7, 15),))
    found = track(song.y)
    for name, true in (("beat", song.beats), ("bar", song.bars)):
        wanted = true[true > 11]
        heard = times(found, name)
        assert f_score(heard[(heard > 10.93) & (heard < wanted[-1] + 0.07)], wanted) > 0.95


def test_a_tune_against_the_beat_does_not_take_it_away_in_a_break():
    """Dotted eighths, which alone would be a beat at 4/3 of the tempo."""
    bars, steps = range(8, 11), (0, 3, 6, 10, 13)
    beats = songs.steady(124, 13 * 240 / 124)
    song = songs.song(beats, "house", quiet=((bars.start, bars.stop),))
    t = np.arange(9600) / 48_000
    for bar in bars:
        for step in steps:
            at = round((song.bars[bar] + step * 15 / 124) * 48_000)
            song.y[at : at + len(t)] += 0.4 * np.sin(2 * np.pi * 660 * t) * np.exp(-t / 0.06)
    found = track(song.y)
    tempo = np.array([beat.bpm for beat in found])
    assert np.abs(tempo[600:] - 124).max() < 5
    wanted = beats[(beats > 8) & (beats < song.beats[-1])]
    heard = times(found)
    assert f_score(heard[(heard > 7.93) & (heard < wanted[-1] + 0.07)], wanted) > 0.95


def test_the_range_chooses_between_half_and_double_tempo():
    song = made("half", 150)
    fast = track(song.y, replace(USUAL, lowest=100.0, highest=200.0))
    slow = track(song.y, replace(USUAL, lowest=50.0, highest=100.0))
    assert abs(fast[-1].bpm - 150) < 2
    assert abs(slow[-1].bpm - 75) < 2


@pytest.mark.parametrize(("pattern", "bpm", "from_s"), [("rock", 82, 3.0), ("house", 74, 4.2), ("broken", 85, 4.0)])
def test_a_slow_song_is_soon_taken_at_its_own_tempo_not_at_twice_that(pattern, bpm, from_s):
    song = made(pattern, bpm, 12.0)
    beats, wanted = times(track(song.y)), song.beats[song.beats > from_s]
    assert f_score(beats[(beats > from_s - 0.07) & (beats < wanted[-1] + 0.07)], wanted) == 1.0


@pytest.mark.parametrize("name", ["noise", "speech", "applause", "pads", "silence"])
def test_where_there_is_no_beat_none_is_reported(name):
    sounds = {
        "noise": lambda: pink(15, -20),
        "speech": lambda: songs.speech_like(15),
        "applause": lambda: songs.applause(15, 20),
        "pads": lambda: songs.pads(15),
        "silence": lambda: np.zeros(15 * 48_000),
    }
    found = track(sounds[name]())
    assert len(times(found)) == 0
    assert all(0 <= beat.confidence < 0.15 for beat in found)


def test_beats_fall_silent_in_a_long_silence():
    song = made("house", 124)
    tracker = BeatTracker(100.0, USUAL)
    for power in powers_of(song.y):
        tracker.step(power, FLOOR)
    nothing = np.zeros(1025, np.float32)
    after = [tracker.step(nothing, FLOOR) for _ in range(3000)]
    assert times(after[:800]).size >= 14
    assert times(after[2200:]).size == 0


def test_beats_counts_on_and_crosses_a_whole_number_at_each_beat():
    found = track(made("rock", 104).y)
    whole = np.floor([0.0, *(beat.beats for beat in found)])
    assert np.all(np.diff(whole) >= 0)
    assert all(crossed for crossed, beat in zip(np.diff(whole) > 0, found, strict=True) if beat.beat)
    assert all(beat.beat for beat in found if beat.bar)
    assert all(0 <= beat.bar_phase < 1 and 0 <= beat.confidence <= 1 for beat in found)


def test_a_change_of_the_range_keeps_a_beat_that_fits():
    tracker, found = BeatTracker(100.0, USUAL), []
    for step, power in enumerate(powers_of(made("house", 124).y)):
        if step == 800:
            tracker.set(replace(USUAL, lowest=90.0, highest=190.0))
        found.append(tracker.step(power, FLOOR))
    beats = times(found)
    assert np.abs(np.diff(beats[beats > 6]) - 60 / 124).max() < 0.03


def test_the_analyzer_reports_the_same_for_any_blocks_and_again():
    y = made("house", 124).y[: 6 * 48_000]
    analyzer = Analyzer(VALUES, step_rate=100.0)
    runs = []
    for sizes in ((len(y),), (1, 8192, 37), (480,)):
        runs.append([(f.beat, f.music.onset, f.music.flux) for f in features_of(analyzer, to_blocks(y, *sizes))])
        analyzer.reset()
    assert runs[0] == runs[1] == runs[2]
    assert sum(beat.beat for beat, _, _ in runs[0]) >= 6
    assert sum(onset for _, onset, _ in runs[0]) >= 12
    assert all(0 <= flux <= 1 for _, _, flux in runs[0])
