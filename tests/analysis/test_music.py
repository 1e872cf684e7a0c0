"""What is heard besides the bands: known sounds, and libebur128 as an oracle for loudness."""

import numpy as np
import pyebur128
import pytest
from analysis.hearing import VALUES, features_of, to_blocks
from signals import BEAT_S, chord, db, drum_and_bass, hats, hum, kicks, kicks_and_hats, pink, place, rock, sine, white
from sounds import SAMPLE_RATE

from bandwalk.analysis import Analyzer
from bandwalk.analysis.band_parts import to_length
from bandwalk.analysis.bank import Loudness
from bandwalk.analysis.context import Context
from bandwalk.analysis.music import AIR
from bandwalk.analysis.music.key import KEYS, Key
from bandwalk.analysis.spectrum import ShortSpectrum
from bandwalk.params.signals import FEATURES, NAMES, numbers_of
from bandwalk.records import PITCHES

A_MAJOR = (220.0, 277.2, 329.6)
BAR = round(4 * BEAT_S * SAMPLE_RATE)
DRUMS_S, BREAK_S = 6 * 4 * BEAT_S, 4 * 4 * BEAT_S


def table_of(y, *sizes):
    """Return {name of a signal: its numbers [n_steps]} of a sound."""
    features = features_of(Analyzer(VALUES, step_rate=100.0), to_blocks(y, *(sizes or (len(y),))))
    return dict(zip(NAMES, np.array([numbers_of(f) for f in features]).T, strict=True)) | {
        "key": np.array([f.music.key for f in features])
    }


def bars(y, n):
    return y[: n * BAR]


def notes(*chords, seconds=2.0):
    """Return chords one after the other, each by semitones over the a at 220 Hz, with three overtones."""
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    fade = np.minimum(1, np.minimum(t, t[::-1]) / 0.02)
    tone = {
        k: sum(0.5**m * np.sin(2 * np.pi * 220 * 2 ** (k / 12) * m * t) for m in (1, 2, 3, 4)) for k in range(-9, 15)
    }
    return 0.05 * np.concatenate([fade * sum(tone[k] for k in one) for one in chords])


@pytest.fixture(scope="module")
def with_break():
    """Six bars of drums over a chord, four bars of the chord alone, six bars of drums: what the signals are of it."""
    drums, pad = bars(kicks_and_hats(DRUMS_S + 1).y, 6), bars(chord(BREAK_S + 1, A_MAJOR, 0.05), 4)
    over = drums + np.resize(pad, len(drums))
    return np.concatenate([over, pad, over])


@pytest.fixture(scope="module")
def heard(with_break):
    return table_of(with_break)


@pytest.mark.parametrize(
    "sound",
    [
        lambda: sine(997, 4, -23),
        lambda: sine(60, 4, -20),
        lambda: pink(4, -20),
        lambda: 0.1 * white(4),
        lambda: rock(5).y,
        lambda: hats(5).y,
    ],
    ids=["sine", "low sine", "pink", "white", "rock", "hats"],
)
def test_loudness_is_that_of_libebur128_for_the_same_sound_in_both_channels(sound):
    """It is asked with two channels: the one that is heard stands for both."""
    y = sound()
    oracle = pyebur128.R128State(2, SAMPLE_RATE, pyebur128.MeasurementMode.MODE_S)
    oracle.add_frames(np.repeat(y[:, None], 2, axis=1).astype(np.float32).ravel(), len(y))
    assert table_of(y)["loudness"][-1] == pytest.approx(pyebur128.get_loudness_shortterm(oracle), abs=0.1)


def test_loudness_stays_in_its_range():
    assert set(table_of(np.zeros(SAMPLE_RATE))["loudness"]) == {-70.0}
    assert table_of(8.0 * white(4))["loudness"][-1] == 0.0


def test_a_drop_is_in_the_step_in_which_the_drums_return_and_a_break_before_it(heard):
    """The kick stands 0.1 s after the bar's start."""
    returns = (10 * BAR / SAMPLE_RATE + 0.1) * 100
    (drop,) = np.flatnonzero(heard["drop"])
    assert returns - 1 <= drop <= returns + 4
    inside = np.flatnonzero(heard["break"])
    assert inside[-1] == drop - 1
    assert (np.diff(inside) == 1).all()
    assert 150 < inside[0] - 6 * BAR / SAMPLE_RATE * 100 < 300


def test_energy_is_high_with_drums_falls_in_the_break_and_comes_back(heard):
    energy = heard["energy"]
    at = {name: energy[round(s * 100) - 1] for name, s in (("before", 11), ("break", 19), ("after", 30))}
    assert at["before"] > 0.9
    assert at["after"] > 0.9
    assert at["break"] < 0.4


def test_the_same_music_40_db_quieter_has_the_same_energy_breaks_and_drops(with_break, heard):
    quiet = table_of(db(-40) * with_break)
    assert np.array_equal(np.flatnonzero(quiet["drop"]), np.flatnonzero(heard["drop"]))
    assert np.abs(quiet["break"] - heard["break"]).sum() < 20
    assert np.abs(quiet["energy"] - heard["energy"]).mean() < 0.05


GOES_ON = {"drum and bass": drum_and_bass, "rock": rock, "hats": hats, "kicks": kicks}


@pytest.mark.parametrize("name", [*GOES_ON, "noise"])
def test_music_that_goes_on_has_no_break_and_no_drop(name):
    table = table_of(GOES_ON[name](16).y if name in GOES_ON else pink(16, -20))
    assert not table["break"][:1500].any()
    assert not table["drop"].any()


def test_music_without_drums_has_its_break_when_the_level_falls():
    held = chord(10, A_MAJOR, 0.1)
    table = table_of(np.concatenate([held, db(-20) * held, held[SAMPLE_RATE * 3 :]]))
    assert table["break"][1400] == 1
    assert np.flatnonzero(table["drop"]) == pytest.approx([2000], abs=30)


def test_a_room_that_hums_has_no_energy_and_a_held_tone_has_it():
    assert table_of(hum(20, -40))["energy"][-1] < 0.1
    assert table_of(sine(35, 12, -12))["energy"][-1] > 0.4


def test_silence_ends_at_once_and_begins_after_half_a_second():
    table = table_of(np.concatenate([np.zeros(SAMPLE_RATE), sine(440, 1), np.zeros(SAMPLE_RATE)]))
    changes = np.flatnonzero(np.diff(table["silence"]))
    assert table["silence"][0] == 1
    assert changes[0] in (99, 100)
    assert 250 <= changes[1] <= 256
    assert len(changes) == 2


def test_a_bright_sound_has_a_higher_centroid_than_a_dark_one():
    values = [table_of(sine(f_hz, 1))["centroid"][-1] for f_hz in (60, 200, 1000, 4000, 12_000)]
    assert values == pytest.approx([0.0, 0.23, 0.53, 0.79, 1.0], abs=0.05)


def test_noise_is_flat_and_tones_are_not():
    assert table_of(white(2))["flatness"][-1] > 0.9
    assert table_of(pink(2, -20))["flatness"][-1] > 0.9
    assert table_of(sine(1000, 2))["flatness"][-1] < 0.02
    assert table_of(chord(3, A_MAJOR))["flatness"][-1] < 0.05


def test_drums_are_percussive_and_what_is_held_is_not():
    for y in (hats(6).y, kicks(6).y, drum_and_bass(6).y):
        assert table_of(y)["percussive"][200:].mean() > 0.6
    for y in (chord(6, A_MAJOR), sine(440, 6), white(6), hum(6, -30)):
        assert table_of(y)["percussive"][200:].mean() < 0.1


@pytest.mark.parametrize("k", range(12))
def test_a_note_is_the_one_pitch_class_that_is_strong(k):
    table = table_of(sine(220 * 2 ** ((k - 9) / 12), 1.0))
    chroma = [table[f"chroma/{name}"][-1] for name in PITCHES]
    assert chroma[k] > 0.9
    assert sorted(chroma)[-2] < 0.35


def test_a_chord_is_its_pitch_classes_and_noise_is_none():
    table = table_of(chord(3, A_MAJOR))
    strong = {name for name in PITCHES if table[f"chroma/{name}"][-1] > 0.5}
    assert strong == {"a", "cs", "e"}
    noise = table_of(white(2))
    assert max(noise[f"chroma/{name}"][-1] for name in PITCHES) < 0.4


@pytest.mark.parametrize(
    ("chords", "key"),
    [
        (((0, 4, 7), (5, 9, 0), (7, 11, 2), (0, 4, 7)), "a"),
        (((0, 3, 7), (5, 8, 0), (7, 11, 2), (0, 3, 7)), "am"),
        (((3, 7, 10), (8, 12, 3), (10, 14, 5), (3, 7, 10)), "c"),
    ],
)
def test_a_cadence_tells_its_key(chords, key):
    assert table_of(np.tile(notes(*chords), 2))["key"][-1] == key


def test_no_key_is_known_of_noise_and_drums():
    assert set(table_of(white(9))["key"]) == {""}
    assert set(table_of(kicks_and_hats(9).y)["key"]) == {""}


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_known_once_it_is_sure_stays_in_a_pause_and_is_forgotten_after_ten_seconds(key):
    root, thirds = KEYS.index(key) % 12, (0, 3, 7, 2, 5, 8, 10) if key.endswith("m") else (0, 4, 7, 2, 5, 9, 11)
    chroma = np.zeros(12)
    for weight, step in zip((1, 0.7, 0.9, 0.4, 0.5, 0.4, 0.3), thirds, strict=True):
        chroma[(root + step) % 12] = weight
    ear = Key()
    known = [(ear.add(chroma), ear.key)[1] for _ in range(100)]
    assert known[0] == ""
    assert known[-1] == key
    for _ in range(99):
        ear.add(np.zeros(12))
    assert ear.key == key
    ear.add(np.zeros(12))
    assert ear.key == ""


def test_hats_are_hits_of_the_air_and_kicks_are_not():
    at = np.arange(0.5, 9.5, BEAT_S)
    hits = table_of(hats(10).y)["air/onset"].sum()
    assert hits > len(at)
    assert table_of(kicks(10).y)["air/onset"].sum() == 0
    assert table_of(sine(1000, 3))["air/level"][100:].max() == 0.0


def test_a_cymbal_fills_the_air():
    swell = place(white(1.0) * np.linspace(0, 0.2, SAMPLE_RATE), np.array([1.0]), 3.0)
    level = table_of(swell)["air/level"]
    assert level[80] == 0
    assert level[195] > 0.9
    assert level[290] < 0.05


def test_bands_beside_change_nothing_of_what_the_others_hear_to_the_bit():
    edges = ((0.0, 150.0), (200.0, 350.0), (500.0, 5000.0))
    spectrum, rng = ShortSpectrum(480, to_length(100.0)), np.random.default_rng(2)
    alone, beside = Context(spectrum, edges, 100.0), Context(spectrum, edges, 100.0, beside=(AIR,))
    before = [0.0] * 4
    for step in range(300):
        spectrum.step(rng.standard_normal(480) * (0.001 + 0.3 * (step % 50 < 5)))
        now = (0.001 + np.abs(rng.standard_normal(4)) * (step % 40 < 7)).tolist()
        found = beside.step(Loudness(now, before), 1e-3)
        assert alone.step(Loudness(now[:3], before[:3]), 1e-3) == found[:3]
        before = now
        if step == 150:
            edges = ((0.0, 90.0), *edges[1:])
            alone.set(edges)
            beside.set(edges)


@pytest.fixture(scope="module")
def everything(with_break):
    """A sound in which every signal moves: silence, drums, a break, a cadence."""
    return np.concatenate(
        [np.zeros(30_000), with_break, notes((0, 4, 7), (5, 9, 0), (7, 11, 2), (0, 4, 7)), np.zeros(40_000)]
    )


@pytest.fixture(scope="module")
def tables(everything):
    return {
        "whole": table_of(everything),
        "again": table_of(everything),
        "in blocks": table_of(everything, 1, 8192, 480, 17, 4096, 5000, 333),
    }


@pytest.mark.parametrize("name", [*NAMES, "key"])
def test_each_signal_is_the_same_whole_again_and_in_blocks_moves_and_stays_in_its_range(name, tables):
    whole = tables["whole"][name]
    assert np.array_equal(whole, tables["again"][name])
    assert np.array_equal(whole, tables["in blocks"][name])
    assert len(set(whole.tolist())) > 1
    if name != "key":
        row = FEATURES[NAMES.index(name)]
        assert row.lo <= whole.min()
        assert whole.max() <= row.hi
