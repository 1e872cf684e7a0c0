"""The deck: loops and the way to the next song, bit for bit what the parts give."""

import numpy as np
import pytest
import soundfile

from bandwalk.audio import BLOCK, Deck, SourceOptions, open_source
from bandwalk.audio.demo import LENGTH
from bandwalk.errors import ParameterError

SECOND = 48_000


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Noise of two seconds at two rates, stereo and mono."""
    folder, chance = tmp_path_factory.mktemp("songs"), np.random.default_rng(5)
    for name, rate, channels in (("a.wav", 48_000, 2), ("b.wav", 48_000, 2), ("mono.wav", 48_000, 1)):
        x = chance.uniform(-0.5, 0.5, (2 * rate, channels)).astype(np.float32)
        soundfile.write(folder / name, x, rate, subtype="FLOAT")
    x = chance.uniform(-0.5, 0.5, (2 * 44_100, 2)).astype(np.float32)
    for name in ("slow.flac", "slow.ogg"):
        soundfile.write(folder / name, x, 44_100)
    return folder


def _open(path, **options):
    return open_source(str(path), SourceOptions(**options))


def _part(path, begin, end):
    """The samples of a part, as a fresh source gives them from its start on."""
    source = _open(path)
    if begin:
        source.seek(begin / SECOND)
    x = source.read(end - begin)
    source.close()
    return x


def _blocks(deck, n):
    return np.concatenate([deck.read(BLOCK) for _ in range(n // BLOCK)])


@pytest.mark.parametrize("name", ["a.wav", "slow.flac", "slow.ogg"])
def test_a_loop_is_bit_for_bit_what_its_parts_give(songs, name):
    path, (start, end) = songs / name, (12_007, 40_001)
    turn = _part(path, start, end)
    expected = np.concatenate([_part(path, 0, end), turn, turn, turn])
    for again in range(2):
        deck = Deck(_open(path))
        deck.set_loop(start / SECOND, end / SECOND)
        if again:  # the same after a way of its own
            _blocks(deck, 9_600)
            deck.seek(0.0)
        n = len(expected) // BLOCK * BLOCK
        assert np.array_equal(_blocks(deck, n), expected[:n])
        assert start <= round(deck.position_s * SECOND) <= end
        deck.close()


def test_a_loop_that_is_ended_lets_the_song_go_on(songs):
    deck = Deck(_open(songs / "a.wav"))
    deck.set_loop(0.1, 0.2)
    _blocks(deck, 24_000)
    at = round(deck.position_s * SECOND)
    deck.set_loop(0.0, 0.0)
    assert np.array_equal(_blocks(deck, 24_000), _part(songs / "a.wav", at, at + 24_000))


def test_a_loop_before_the_position_takes_over_at_once(songs):
    deck = Deck(_open(songs / "a.wav"))
    _blocks(deck, 48_000)
    deck.set_loop(0.25, 0.5)
    assert np.array_equal(deck.read(BLOCK), _part(songs / "a.wav", 12_000, 12_000 + BLOCK))


def test_a_loop_that_is_too_short_is_refused_and_one_that_is_turned_round_is_off(songs):
    deck = Deck(_open(songs / "a.wav"))
    with pytest.raises(ParameterError, match=r"a loop of 0\.020 s; expected at least 0\.05 s"):
        deck.set_loop(1.0, 1.02)
    deck.set_loop(1.0, 0.5)
    assert np.array_equal(_blocks(deck, 96_000), _part(songs / "a.wav", 0, 96_000))


def test_a_loop_past_the_end_goes_from_the_end_to_its_start(songs):
    deck = Deck(_open(songs / "a.wav"))
    deck.set_loop(1.5, 100.0)
    x = _blocks(deck, 4 * 48_000)
    assert np.array_equal(x[96_000:120_000], _part(songs / "a.wav", 72_000, 96_000))
    assert np.array_equal(x[120_000:144_000], x[96_000:120_000])


def test_the_next_song_begins_with_the_sample_after_the_last(songs):
    went, first, second = [], _open(songs / "a.wav"), _open(songs / "b.wav")
    deck = Deck(first, lambda: went.append(deck.name))
    deck.set_next(second)
    deck.seek(1.0)
    deck.read(100)
    x = _blocks(deck, 96_000)
    parts = [_part(songs / "a.wav", 48_100, 96_000), _part(songs / "b.wav", 0, 96_000)]
    assert np.array_equal(x, np.concatenate(parts)[:96_000])
    assert went == ["b.wav"]
    assert round(deck.position_s * SECOND) == 96_000 - 47_900
    assert not len(first.read(BLOCK))  # closed


def test_a_next_song_with_other_channels_begins_with_the_sample_after_the_last(songs):
    deck = Deck(_open(songs / "a.wav"))
    deck.set_next(_open(songs / "mono.wav"))
    deck.seek(2.0 - 100 / SECOND)
    x, mono = deck.read(BLOCK), _part(songs / "mono.wav", 0, 9 * BLOCK)
    assert x.shape == (BLOCK, 2)
    assert np.array_equal(x[:100], _part(songs / "a.wav", 96_000 - 100, 96_000))
    assert np.array_equal(x[100:], np.repeat(mono[: BLOCK - 100], 2, axis=1))
    assert np.array_equal(_blocks(deck, 8 * BLOCK), mono[BLOCK - 100 :][: 8 * BLOCK])


def test_a_song_ends_repeats_or_gives_way_as_it_is_told(songs):
    deck = Deck(_open(songs / "a.wav"))
    deck.seek(1.9)
    assert len(np.concatenate([deck.read(BLOCK) for _ in range(20)])) == 4_800
    deck.set_repeat(True)
    deck.seek(1.9)
    x = _blocks(deck, 9_600)
    assert np.array_equal(x, np.concatenate([_part(songs / "a.wav", 91_200, 96_000), _part(songs / "a.wav", 0, 4_800)]))
    assert deck.position_s == pytest.approx(0.1)
    deck.set_next(other := _open(songs / "b.wav"))
    deck.set_next(None)
    assert not len(other.read(BLOCK))
    deck.close()
    assert not len(deck.read(BLOCK))


def test_the_demo_has_a_position_that_goes_round():
    deck = Deck(open_source("demo", SourceOptions()))
    deck.seek(LENGTH / SECOND - 0.005)
    deck.read(BLOCK)
    assert deck.position_s == pytest.approx(0.005)
