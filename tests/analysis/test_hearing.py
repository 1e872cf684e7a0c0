"""What rests, what moves and which hits are found, in sounds whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from analysis.hearing import HIGH, LOW, MID, VALUES, Heard, hear
from signals import (
    BEAT_S,
    CHORDS,
    RHYTHMS,
    SAMPLE_RATE,
    STEADY,
    chord,
    db,
    f_score,
    hats,
    kick,
    kicks_and_hats,
    place,
    time,
    white,
)

from bandwalk.audio.demo import SEED, Track, demo_onsets

MAX_MOTION = 0.3
"""Motion a second of each band that a steady sound may make."""


def motion(heard: Heard, start_s: float, stop_s: float = np.inf) -> np.ndarray:
    """Return the way that each walk goes a second, in largest steps of 1/40 s: [n_bands]."""
    span = (heard.t > start_s) & (heard.t <= stop_s)
    return 40 * np.maximum(heard.change[span], 0).mean(axis=0)


@pytest.mark.parametrize("name", STEADY)
def test_a_steady_sound_rests_after_three_seconds(name):
    heard = hear(STEADY[name](6.0), VALUES)
    assert motion(heard, 3).max() < MAX_MOTION
    assert not heard.onset[heard.t > 3].any()


def test_two_low_notes_that_beat_where_a_chord_fades_into_the_next_are_no_hits():
    a, b = (chord(8.0, notes) for notes in CHORDS[:2])
    into = np.clip((time(8.0) - 3) / 2, 0, 1)
    heard = hear((1 - into) * a + into * b, VALUES)
    assert not heard.onset[heard.t > 2.5].any()


@pytest.mark.parametrize("name", [name for name in STEADY if name.split()[0] in ("hum", "pink", "fan", "hiss")])
def test_a_room_is_silence(name):
    heard = hear(STEADY[name](6.0), VALUES)
    assert heard.level[heard.t > 3].mean() < 0.03


@pytest.mark.parametrize("name", [name for name in STEADY if "tone" in name])
def test_the_level_of_a_held_tone_stays(name):
    heard = hear(STEADY[name](6.0), VALUES)
    assert heard.level[heard.t > 3, LOW].min() > 0.9


@pytest.mark.parametrize(
    ("name", "band", "wanted"),
    [
        ("kicks", LOW, 0.95),
        ("kicks over 55 Hz", LOW, 0.95),
        ("kicks and hats", LOW, 0.95),
        ("kicks and hats", HIGH, 0.95),
        ("hats", HIGH, 0.95),
        ("drum and bass", LOW, 0.95),
    ],
)
def test_hits_are_found(name, band, wanted):
    rhythm = RHYTHMS[name]()
    heard = hear(rhythm.y, VALUES)
    times = heard.onset_times(band)
    assert f_score(times[times > 2], rhythm.hits[band][rhythm.hits[band] > 2]) >= wanted


@pytest.fixture(scope="module")
def demo():
    return hear(Track(SEED).whole()[: 20 * SAMPLE_RATE].mean(axis=1), VALUES)


def test_the_kicks_of_the_demo_are_found_over_its_bass(demo):
    hits = np.array(demo_onsets()["kick"])
    times = demo.onset_times(LOW)
    assert f_score(times[times > 2], hits[(hits > 2) & (hits < 20)]) >= 0.95


def test_the_snare_of_the_demo_is_found_in_the_middle(demo):
    hits = np.array(demo_onsets()["snare"])
    times = demo.onset_times(MID)
    assert f_score(times[times > 2], hits[(hits > 2) & (hits < 20)]) >= 0.9


def test_a_snare_between_distorted_guitars_is_found_by_the_part_that_it_fills():
    rhythm = RHYTHMS["rock -30 dB"]()
    heard = hear(rhythm.y, VALUES)
    times, (snares,) = heard.onset_times(HIGH), rhythm.hits.values()
    assert f_score(times[times > 2], snares[snares > 2]) >= 0.7


@pytest.mark.parametrize("drop_db", [-20.0, -30.0])
def test_quiet_music_after_loud_is_seen_within_four_seconds(drop_db):
    drums = kicks_and_hats(20).y
    alone = hear(db(drop_db) * drums[: 10 * SAMPLE_RATE], VALUES)
    after = hear(np.concatenate([drums[: 10 * SAMPLE_RATE], db(drop_db) * drums[: 10 * SAMPLE_RATE]]), VALUES)
    usual, seen = motion(alone, 4, 10), motion(after, 14, 20)
    assert np.all(seen[[LOW, HIGH]] >= 0.5 * usual[[LOW, HIGH]])


def test_a_bang_costs_less_than_a_second():
    quiet = db(-30) * kicks_and_hats(12.5).y
    bang = quiet.copy()
    bang[8 * SAMPLE_RATE :][: round(0.4 * SAMPLE_RATE)] += db(-3) * np.sign(white(0.4))
    usual, seen = (motion(hear(y, VALUES), 9.4, 12.4) for y in (quiet, bang))
    assert np.all(seen[[LOW, HIGH]] >= 0.5 * usual[[LOW, HIGH]])


@pytest.mark.parametrize("room", ["pink -40 dB", "hum -40 dB", "fan -40 dB", "hiss -40 dB"])
def test_the_first_kick_over_a_room_shows_within_a_frame(room):
    at = 4.0
    heard = hear(STEADY[room](4.2) + place(0.5 * kick(), np.array([at]), 4.2), VALUES)
    first = heard.t[(heard.t > at) & (heard.change[:, LOW] > 0.1)][0]
    assert first - at <= 1 / 60
    assert any(at < t < at + 0.07 for t in heard.onset_times(LOW))


def test_the_same_music_goes_the_same_way_at_any_loudness():
    drums, values = kicks_and_hats(12).y, replace(VALUES, floor_db=-120.0)  # nothing falls under the floor
    loud, soft = (np.cumsum(np.maximum(hear(g * drums, values).change, 0), axis=0) for g in (1.0, db(-30)))
    way = loud[-1]
    assert np.all(np.abs(loud - soft).max(axis=0)[[LOW, HIGH]] < 0.05 * way[[LOW, HIGH]])


def test_a_drop_after_a_quiet_beginning_shows_at_once():
    beat = kicks_and_hats(12).y
    heard = hear(np.concatenate([db(-20) * beat, beat[: 3 * SAMPLE_RATE]]), VALUES)
    first = 12.1 + 0.06
    assert heard.change[(heard.t > 12.1) & (heard.t < first), LOW].max() == 1.0
    assert f_score(heard.onset_times(LOW)[heard.onset_times(LOW) > 12], 12.1 + BEAT_S * np.arange(6)) > 0.9


def test_hats_alone_are_all_of_their_band():
    assert motion(hear(hats(8).y, VALUES), 2)[HIGH] > 1.0
