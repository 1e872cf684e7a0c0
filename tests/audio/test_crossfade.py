"""Songs that fade into each other: equal power, exact to the sample, whatever is done meanwhile."""

import numpy as np
import pytest
import soundfile

from bandwalk.audio import BLOCK, Deck, SourceOptions, open_source

SECOND = 48_000
FADE = SECOND // 2


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Noise of two seconds, stereo and mono, and a short one."""
    folder, chance = tmp_path_factory.mktemp("songs"), np.random.default_rng(7)
    for name, channels, seconds in (("a", 2, 2), ("b", 2, 2), ("mono", 1, 2), ("short", 2, 0.4)):
        x = chance.uniform(-0.5, 0.5, (int(seconds * SECOND), channels)).astype(np.float32)
        soundfile.write(folder / f"{name}.wav", x, SECOND, subtype="FLOAT")
    return folder


def _open(path):
    return open_source(str(path), SourceOptions())


def _sound(path):
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def _deck(songs, *names, fade_s=FADE / SECOND):
    deck = Deck(_open(songs / names[0]))
    deck.set_crossfade(fade_s)
    if len(names) > 1:
        deck.set_next(_open(songs / names[1]))
    return deck


def _read(deck, n, block=BLOCK):
    return np.concatenate([deck.read(block) for _ in range(n // block)])


def _gains(n):
    """The gain in and the gain out of a fade of n samples, [n, 1]."""
    t = (np.arange(n) + 0.5) / n
    p = 3 * t**2 - 2 * t**3
    return np.sqrt(p)[:, None], np.sqrt(1 - p)[:, None]


def _mixed(a, b, n):
    """Song b after song a, n samples of which are faded over."""
    gain_in, gain_out = _gains(n)
    return np.concatenate([a[:-n], a[-n:] * gain_out + b[:n] * gain_in, b[n:]])


def test_a_fade_has_the_power_of_the_songs_and_is_the_same_however_it_is_read(songs):
    a, b = _sound(songs / "a.wav"), _sound(songs / "b.wav")
    expected = _mixed(a, b, FADE)
    x = _read(_deck(songs, "a.wav", "b.wav"), len(expected))
    assert np.abs(x - expected).max() < 1e-6
    assert np.array_equal(x[: len(a) - FADE], a[:-FADE])
    assert np.array_equal(x[len(a) :], b[FADE:])
    power = np.square(x).reshape(-1, SECOND // 20, 2).mean((1, 2))
    assert power.std() < 0.1 * power.mean()
    for block in (len(expected), 441, 7000):
        n = len(expected) // block * block
        assert np.array_equal(_read(_deck(songs, "a.wav", "b.wav"), n, block), x[:n])


def test_position_and_name_are_those_of_the_song_that_comes(songs):
    went = []
    deck = _deck(songs, "a.wav", "b.wav")
    deck.went_on = lambda: went.append(deck.name)
    _read(deck, 2 * SECOND - FADE)
    assert (deck.name, went) == ("a.wav", [])
    _read(deck, 4 * BLOCK)
    assert (deck.name, went) == ("b.wav", ["b.wav"])
    assert round(deck.position_s * SECOND) == 4 * BLOCK


def test_no_fade_is_gapless_and_a_song_alone_plays_to_its_end(songs):
    a, b = _sound(songs / "a.wav"), _sound(songs / "b.wav")
    deck = _deck(songs, "a.wav", "b.wav", fade_s=0.0)
    assert np.array_equal(_read(deck, 4 * SECOND), np.concatenate([a, b]))
    assert np.array_equal(_read(_deck(songs, "a.wav"), 2 * SECOND), a)


def test_a_fade_takes_at_most_half_of_a_short_song(songs):
    a, short = _sound(songs / "a.wav"), _sound(songs / "short.wav")
    expected = _mixed(a, short, len(short) // 2)
    x = _deck(songs, "a.wav", "short.wav", fade_s=30.0).read(10 * SECOND)
    assert x.shape == expected.shape
    assert np.abs(x - expected).max() < 1e-6


@pytest.mark.parametrize("names", [("a.wav", "mono.wav"), ("mono.wav", "a.wav")])
def test_songs_with_other_channels_fade_into_each_other(songs, names):
    a, b = (_sound(songs / name).mean(1, keepdims=True) for name in names)
    deck = _deck(songs, *names)
    x = np.concatenate([deck.read(BLOCK).mean(1) for _ in range(3 * SECOND // BLOCK)])
    assert np.abs(x - _mixed(a, b, FADE)[: len(x), 0]).max() < 1e-6


def test_a_loop_holds_the_fade_off_and_the_end_of_the_loop_lets_it_come(songs):
    a, b = _sound(songs / "a.wav"), _sound(songs / "b.wav")
    deck = _deck(songs, "a.wav", "b.wav")
    deck.set_loop(1.0, 1.9)
    x = _read(deck, 3 * SECOND)
    assert np.array_equal(x[SECOND : 2 * SECOND - 4_800], x[2 * SECOND - 4_800 : 3 * SECOND - 9_600])
    deck.seek(1.5)
    deck.set_loop(0.0, 0.0)
    assert np.abs(_read(deck, FADE) - _mixed(a, b, FADE)[2 * SECOND - FADE : 2 * SECOND]).max() < 1e-6
    assert deck.name == "b.wav"


def test_a_place_in_the_fade_shortens_it_to_what_is_left(songs):
    a, b = _sound(songs / "a.wav"), _sound(songs / "b.wav")
    deck = _deck(songs, "a.wav", "b.wav")
    deck.seek(1.75)
    assert np.abs(_read(deck, SECOND) - _mixed(a, b, SECOND // 4)[7 * SECOND // 4 :][:SECOND]).max() < 1e-6


def test_who_skips_within_a_fade_hears_no_jump_and_all_songs_are_closed(songs):
    sources = [_open(songs / name) for name in ("b.wav", "mono.wav", "a.wav", "b.wav", "a.wav")]
    deck = _deck(songs, "a.wav")
    for source in sources:
        deck.fade_to(source)
        loudest = np.abs(_read(deck, 10 * BLOCK)).max()
        assert loudest < 1.0  # of three songs of 0.5, whose powers sum to that of one
    assert deck.name == "a.wav"
    _read(deck, FADE)
    assert [len(source.read(BLOCK)) for source in sources] == [0, 0, 0, 0, BLOCK]
    deck.close()
    deck.fade_to(late := _open(songs / "a.wav"))
    assert not len(late.read(BLOCK))


def test_a_constant_tone_is_continuous_where_a_fade_begins_within_a_fade(songs, tmp_path):
    soundfile.write(tmp_path / "tone.wav", np.full((4 * SECOND, 1), 0.5, np.float32), SECOND, subtype="FLOAT")
    deck = _deck(tmp_path, "tone.wav")
    x = []
    for _ in range(4):
        deck.fade_to(_open(tmp_path / "tone.wav"))
        x.append(_read(deck, FADE // 2 // BLOCK * BLOCK))
    x = np.concatenate([*x, _read(deck, FADE)])
    assert np.abs(np.diff(x[:, 0])).max() < 0.001
    assert x[-1, 0] == 0.5
