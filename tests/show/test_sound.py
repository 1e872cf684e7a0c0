"""The song that plays: position, loop, cue points and lists, by OSC on a real show; the player without one."""

import json
import shutil
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
import soundfile
from server import Osc, Server

from bandwalk.audio import BLOCK, Feed, SourceOptions
from bandwalk.clock import ManualClock, SteppedClock
from bandwalk.control import Store
from bandwalk.errors import AudioError, ParameterError
from bandwalk.params import defaults
from bandwalk.records import Counters
from bandwalk.show.opened import Opened, Opener
from bandwalk.show.player import Player
from bandwalk.show.song_commands import SongControl

SECOND = 48_000
DEADLINE_S = 20.0

TIMETABLE = """
[base]
at = "00:00"
look = "tide"
black = true

[light]
at = "00:00"
black = false

[odd]
at = "00:00"
days = "sun"
source = "gone.wav"
"""


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Three songs of a second, of which each sample says which one it is; one that is a text; a list with both."""
    folder = tmp_path_factory.mktemp("music")
    for k, name in enumerate(("a", "b", "c"), 1):
        soundfile.write(folder / f"{name}.wav", np.full(SECOND, 0.1 * k, np.float32), SECOND, subtype="FLOAT")
    (folder / "bad.mp3").write_text("this is no sound\n")
    (folder / "long").mkdir()
    soundfile.write(folder / "long" / "ramp.wav", np.linspace(-0.5, 0.5, 60 * SECOND, dtype=np.float32), SECOND)
    (folder / "night.m3u8").write_text("#EXTM3U\n../secret.wav\nc.wav\nbad.mp3\n\na.wav\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(music, tmp_path_factory):
    folders = ("--music", music, "--presets", tmp_path_factory.mktemp("presets"))
    timetable = tmp_path_factory.mktemp("times") / "night.toml"
    timetable.write_text(TIMETABLE)
    args = (*folders, "--fps", "5", "--schedule", timetable)
    with Server(music / "long" / "ramp.wav", "--size", "64x64", "--threads", "1", *args) as running:
        yield running


@pytest.fixture
def osc(server):
    controller = Osc(server)
    controller.until("/feature/time")
    yield controller
    controller.close()


def test_the_position_is_told_and_can_be_set(osc):
    osc.until("/transport/duration", lambda seconds: seconds == 60.0)
    osc.until("/transport/song", lambda name: name == "long/ramp.wav")
    osc.send("/transport/position", 30.0)
    osc.until("/transport/position", lambda at: at > 30.0)
    osc.send("/transport/pause")
    osc.until("/transport/playing", lambda plays: not plays)
    osc.send("/transport/seek", 10.0)
    osc.until("/transport/position", lambda at: at == pytest.approx(10.0))
    osc.send("/transport/play")
    osc.until("/transport/playing", lambda plays: plays)
    osc.until("/transport/position", lambda at: 10.0 < at < 30.0)


def test_a_loop_holds_the_song_until_it_is_ended(osc):
    osc.send("/transport/position", 20.0)
    osc.send("/loop/in", 20.0)
    osc.send("/loop/out", 20.3)
    for _ in range(4):
        osc.until("/transport/position", lambda at: 20.0 <= at <= 20.31)
    osc.send("/loop/off")
    osc.until("/loop/out", lambda told: told == 0.0)
    osc.until("/transport/position", lambda at: at > 20.4)
    osc.send("/loop/out", 0.01)
    reason = osc.until("/error", lambda address, _: address == "/loop/out")[1]
    assert reason == "/loop/out: a loop of 0.010 s; expected at least 0.05 s"
    osc.until("/loop/out", lambda told: told == 0.0)


def test_cue_points_are_set_gone_to_and_cleared(osc):
    osc.send("/cue/set", 3, 40.0)
    osc.until("/cue/at/3", lambda at: at == 40.0)
    osc.send("/cue/3", 1)  # a button
    osc.send("/cue/3", 0)  # let go
    osc.until("/transport/position", lambda at: at >= 40.0)
    osc.send("/cue/1")  # not set: it is set here
    here = osc.until("/cue/at/1", lambda at: at >= 40.0)[0]
    osc.send("/transport/position", 2.0)
    osc.until("/transport/position", lambda at: 2.0 <= at < 10.0)
    osc.send("/cue/1")
    osc.until("/transport/position", lambda at: at >= here - 0.01)
    osc.send("/cue/clear", 0)
    osc.until("/cue/at/3", lambda at: at == -1.0)
    osc.send("/cue/set", 9, 1.0)
    assert osc.until("/error")[1] == "cue point 9: expected 1..8"


def test_each_song_has_its_own_cue_points(osc):
    osc.send("/cue/set", 2, 5.0)
    osc.until("/cue/at/2", lambda at: at == 5.0)
    osc.send("/audio/source", "b.wav")
    osc.until("/cue/at/2", lambda at: at == -1.0)
    osc.send("/audio/source", "long/ramp.wav")
    osc.until("/cue/at/2", lambda at: at == 5.0)


def test_a_list_plays_on_and_leaves_out_what_it_cannot_play(server, osc):
    osc.send("/transport/repeat", "all")
    osc.send("/audio/source", "night.m3u8")
    server.wait_for("'../secret.wav' in night.m3u8: expected a path inside its folder")
    for song in ("c.wav", "a.wav", "c.wav"):
        osc.until("/transport/song", lambda name, song=song: name == song)
    osc.until("/transport/skipped", lambda why: "bad.mp3" in why and why.endswith("it is skipped"))
    osc.send("/audio/source", "../long/ramp.wav")
    assert "expected the name of a file inside" in osc.until("/error")[1]
    osc.send("/audio/source", "b.wav")  # alone; the next one is that of the folder
    osc.until("/transport/song", lambda name: name == "b.wav")
    osc.send("/transport/next")
    osc.until("/audio/source", lambda name: name == "c.wav")
    osc.until("/transport/song", lambda name: name == "c.wav")
    osc.send("/transport/previous")
    osc.until("/transport/song", lambda name: name == "b.wav")


def test_a_song_brings_its_scene_and_one_that_is_unknown_is_reported(server, osc, music):
    lines = ("#EXTM3U", "#BANDWALK-SCENE: tide", "a.wav", "b.wav", "#BANDWALK-SCENE:nowhere", "c.wav")
    (music / "scenes.m3u8").write_text("\n".join(lines), encoding="utf-8")
    osc.send("/transport/repeat", "all")
    osc.send("/scene/quantize", "off")
    osc.send("/scene/glide", 0.0)
    osc.send("/preset/recall", "ink")
    osc.until("/scene/current", lambda name: name == "ink")
    osc.send("/audio/source", "scenes.m3u8")
    osc.until("/scene/current", lambda name: name == "tide")
    server.wait_for("scene nowhere of a list of songs: no such scene or preset; its song plays without it")
    osc.until("/transport/song", lambda name: name == "c.wav")
    server.wait_for("scene nowhere of c.wav: preset = nowhere: no such preset")
    osc.send("/preset/recall", "ink")
    osc.until("/scene/current", lambda name: name == "ink")
    osc.until("/scene/current", lambda name: name == "tide")  # with its song, again
    (music / "scenes.m3u8").unlink()
    osc.send("/audio/source", "b.wav")
    osc.until("/transport/song", lambda name: name == "b.wav")


def test_the_timetable_brings_what_should_be_on_and_says_what_is_next(server, osc):
    server.wait_for("schedule: base: look tide")
    server.wait_for("schedule: light: no black")
    server.wait_for("--schedule night.toml: odd: source gone.wav: ")
    osc.until("/schedule/next", lambda what: " 00:00 " in what)
    osc.send("/schedule/enabled", 0)
    osc.until("/schedule/next", lambda what: what == "")
    osc.send("/preset/recall", "ink")
    osc.until("/scene/current", lambda name: name == "ink")
    osc.send("/schedule/enabled", 1)
    osc.until("/scene/current", lambda name: name == "tide")


def test_what_can_be_heard_is_listed_with_its_kind_and_length(osc):
    osc.send("/audio/list")
    songs, seen = {}, []
    while "song" not in seen or len(songs) < 4:
        source, kind, name, seconds, bpm = osc.until("/audio/name")
        seen.append(kind)
        if kind == "song":
            songs[source] = (name, seconds)
            assert bpm == 0.0  # none of them has a beat
        elif kind == "list":
            assert source in ("songs", "night.m3u8")
    assert seen[0] == "demo"
    ramp = {"long/ramp.wav": ("ramp", 60.0)}
    assert songs == {**{f"{name}.wav": (name, 1.0) for name in "abc"}, **ramp}  # none that cannot be read


def test_the_wave_of_the_song_that_plays_is_shown_and_of_no_other(server, osc):
    osc.send("/audio/source", "long/ramp.wav")
    osc.until("/transport/song", lambda name: name == "long/ramp.wav")

    def ask(name):
        with urllib.request.urlopen(f"http://127.0.0.1:{server.base + 3}/wave/{name}", timeout=30) as answer:
            return json.load(answer)

    end = time.monotonic() + 100.0
    while not (wave := ask("long/ramp.wav"))["is_whole"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    peaks = np.array(wave["peaks"]) / 255
    assert len(peaks) / wave["per_s"] == pytest.approx(60.0, abs=0.1)
    assert np.allclose(peaks, np.abs(np.linspace(-0.5, 0.5, len(peaks))), atol=0.005)
    for name in ("a.wav", "../secret.wav", ""):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ask(name)


class Show:
    """A player on a feed; what opens is waited for."""

    def __init__(self, folder, spec, repeat="off", crossfade=0.0):
        store = Store({**defaults(), "/transport/repeat": repeat, "/transport/crossfade": crossfade})
        opener = Opener(SourceOptions(), folder, lambda reason: None)
        opened = opener.open(spec)
        self.feed = Feed(opened.source, clock=SteppedClock(), counters=Counters())
        self.player = Player(self.feed, store, opened, opener)

    def wait(self, is_done):
        end = time.monotonic() + DEADLINE_S
        while not is_done():
            assert time.monotonic() < end
            time.sleep(0.002)


@pytest.fixture
def short(tmp_path):
    for k, name in enumerate(("a", "b", "c"), 1):
        soundfile.write(tmp_path / f"{name}.wav", np.full(1000, 0.1 * k, np.float32), SECOND, subtype="FLOAT")
    return tmp_path


class Card:
    """Live sound of which nothing comes."""

    name = "live:Mixer"

    def __init__(self):
        self.counters = Counters()

    def take(self, n, timeout_s):
        return None

    def close(self):
        pass


def test_live_sound_has_no_song_and_says_so():
    store, refused, clock = Store(defaults()), [], ManualClock(100.0)
    opened = Opened(Card())
    feed = Feed(opened.source, clock=clock, counters=Counters())
    player = Player(feed, store, opened, None)
    song = SongControl(feed, store, player, clock=clock, tell=lambda values: None, report=lambda *r: refused.append(r))
    store.listen(song.follow)
    for address in ("/transport/position", "/loop/in", "/cue/at/1"):
        store.set(address, 2.0, clamp=False, controller="me")
        assert refused.pop() == ("me", address, f"{address}: live:Mixer is live sound; expected a song")
    song.turn()
    assert [store.values[address] for address in ("/transport/position", "/loop/in", "/cue/at/1")] == [0.0, 0.0, -1.0]
    for address, args in (("/transport/seek", [1.0]), ("/transport/next", []), ("/cue/1", []), ("/loop/off", [])):
        with pytest.raises(ParameterError, match="live:Mixer is "):
            song.handlers()[address](args, "me")
    feed.close()


@pytest.mark.parametrize(("repeat", "order"), [("off", "abc"), ("all", "abcab"), ("one", "aaaaa")])
def test_the_songs_of_a_folder_follow_each_other_without_a_gap(short, repeat, order):
    show = Show(short, "songs", repeat)
    deck, heard = show.player.deck, []
    for k in range(len(order) - 1):
        show.wait(lambda: deck._repeats if repeat == "one" else deck._next is not None)
        begun = len(heard)
        while len(heard) < begun + 1000:
            heard += deck.read(min(BLOCK, begun + 1000 - len(heard)))[:, 0].tolist()
        if repeat != "one":
            show.wait(lambda k=k: show.player._place == "abc".index(order[k]))
        heard += deck.read(1)[:, 0].tolist()  # the first of the next song
        deck.seek(0.0)
        heard.pop()
    songs = "".join("abc"[round(10 * value) - 1] for value in heard[::1000])
    assert songs == order[:-1]
    assert [round(10 * value) for value in heard] == ["abc".index(song) + 1 for song in order[:-1] for _ in range(1000)]
    show.feed.close()


def test_a_song_that_a_hand_asks_for_fades_in(short):
    show = Show(short, "songs", "all", crossfade=0.005)  # 240 samples
    deck = show.player.deck
    show.wait(lambda: deck._next is not None)
    assert deck.read(400)[-1, 0] == np.float32(0.1)
    show.player.step(2)
    show.wait(lambda: show.player.song == "c.wav")
    x = deck.read(241)[:, 0]
    assert deck is show.player.deck
    assert x[0] == pytest.approx(0.1, abs=0.01)
    assert x[120] == pytest.approx((0.1 + 0.3) / np.sqrt(2), abs=0.01)
    assert x[240] == np.float32(0.3)
    assert round(deck.position_s * SECOND) == 241
    show.wait(lambda: deck._next is not None)
    deck.read(1000 - 241 - 120)  # half of its own fade into the first song
    show.wait(lambda: show.player.song == "a.wav")
    show.feed.pause()  # nothing is heard, so nothing fades
    show.player.step(1)
    show.wait(lambda: show.player.song == "b.wav")
    assert show.player.deck.read(1)[0, 0] == np.float32(0.2)
    show.feed.close()


def test_a_folder_without_a_song_and_a_list_of_texts_are_refused(short):
    (short / "none").mkdir()
    (short / "bad.mp3").write_text("no sound")
    shutil.copy(short / "bad.mp3", short / "none" / "x.mp3")
    opener = Opener(SourceOptions(), short, lambda reason: None)
    with pytest.raises(AudioError, match="opening none: none of its 1 songs can be played"):
        opener.open("none")
    (short / "none" / "x.mp3").unlink()
    with pytest.raises(AudioError, match="opening none: no song in it"):
        opener.open("none")
    (short / "latin.m3u8").write_bytes(b"caf\xe9.wav\n")
    with pytest.raises(AudioError, match=r"opening latin.m3u8: not UTF-8"):
        opener.open("latin.m3u8")
