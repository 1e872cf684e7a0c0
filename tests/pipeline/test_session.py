"""A session log: what a pipeline got from outside, from which the same ws come again, bit for bit, at any rate."""

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sounds import beat

from bandwalk.errors import BandwalkError, ParameterError
from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import defaults
from bandwalk.pipeline.beat_clock import Timebase
from bandwalk.pipeline.glide import Length
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.session import Header, HeardSound, Log, Notes, Replay, SoundWriter, on_grid
from bandwalk.pipeline.stats import Tally
from bandwalk.pipeline.style_home import Going
from bandwalk.records import Block
from bandwalk.walk import SavedStyle

DATA = Path(__file__).parents[1] / "data"
BASE = defaults() | {"/out/size": "128"}
BLOCK, SECONDS, FPS = 480, 6.0, 25
GOES = {342: ("mist", 0.7, 0.1), 415: ("dusk", 0.0, -0.2), 540: ("dawn", 0.4, 0.3)}
"""In which block which style is recalled, within how many seconds, and its numbers."""

MODELS = {462: "d0_sg1_64_tiny", 527: "builtin"}
"""In which block which model takes over; their walks are of different lengths."""

BY_KNOB = {"/route/1/from": "midi/1/cc/21", "/route/1/to": "/walk/low/gain", "/route/1/amount": 0.5}


@pytest.fixture(scope="module")
def G():
    return load("builtin", size=128)


def opened(name, G):
    """A model as a replay loads it: by a file whose gains are not known."""
    return G if name == "builtin" else load(DATA / f"{name}.pkl")


class Played:
    """A pipeline that is played by hand, noted as it goes; each picture's ws by audio time."""

    def __init__(self, G, folder):
        self.models = {name: opened(name, G) for name in MODELS.values()}
        self.pipeline = Pipeline(G, BASE, step_rate=100.0, encoder=open_encoder("simplejpeg"), tally=Tally())
        self.path, self.ws, self.values = folder / "a.session", {}, dict(BASE)
        self.lines = [Header("1", G.name, G.sha256, "a.flac", "bands", "", 100.0, dict(BASE), (128, 128)).line()]
        notes = Notes(self.pipeline.began_with, self.lines.append)
        self.pipeline.journal, self.pipeline.beat_clock.noted = (
            notes,
            lambda kind, what: notes.clock(self.pipeline.beat_clock.steps, kind, what),
        )
        y = on_grid(beat(SECONDS))
        self._jitter = np.random.default_rng(0).random(len(y) // BLOCK) * 1e-3
        with (folder / "a.flac").open("wb") as file:
            sound = SoundWriter(file)
            for n in range(len(y) // BLOCK):
                self._step(n, y[n * BLOCK : (n + 1) * BLOCK], G)
                sound.write(y[n * BLOCK : (n + 1) * BLOCK])
            sound.close()
        self.path.write_bytes(b"".join(self.lines))

    def _step(self, n, y, G):
        self._by_hand(n, G)
        end = (n + 1) * BLOCK
        t_capture = 1000.0 + end / 48_000 + (self._jitter[n] if n > 300 else 0.0)
        self.pipeline.hear(Block(y, end, t_capture), self.values)
        if n % 4 == 3:
            t = end / 48_000
            self.pipeline.draw(t, self.values)
            self.ws[t] = self.pipeline.home.seen.ws.numpy().copy()

    def _by_hand(self, n, G):
        """What a night brings."""
        pipeline, t = self.pipeline, 1000.0 + n / 100
        sets = {
            40: {"/style/seed": 7, "/style/psi": 0.4},
            60: {"/walk/low/kind": "orbit", "/band/low/gain": 2.0},
            90: BY_KNOB,
            200: {"/beat/from": "tap"},
            330: {"/beat/from": "link"},
            430: {"/mix/low/layers": "0-2"},
        }
        if n in sets:
            self.values = {**self.values, **sets[n]}
        if n in (70, 75):
            pipeline.push("bump", "mid")
        if n == 80:
            pipeline.push("reset", "low")
        if n in (100, 101, 140):
            pipeline.controls.set("midi/1/cc/21", n / 200)
        if n in (210, 255, 300):
            pipeline.beat_clock.tap(t - 0.003)
        if n == 320:
            pipeline.beat_clock.resync(t - 0.001)
        if n in (330, 360):
            pipeline.beat_clock.outer["link"] = lambda: Timebase(t, n / 7, 130.0 + n / 100)
        if n == 150:
            self._glide({"/style/psi": 0.9, "/walk/mid/gain": 1.3, "/style/seed": 3, "/color/hue": 40.0}, Length(1.5))
        if n == 190:
            self._glide({"/style/psi": 0.5}, Length(0.0))
        if n in GOES:
            name, seconds, level = GOES[n]
            style = SavedStyle(name, np.full((G.num_ws, G.w_dim), level, np.float32))
            pipeline.home.ask({name: style}, Going(name, seconds))
            self.values = {**self.values, "/style/name": name}
        if n in MODELS:
            pipeline.use(self.models[MODELS[n]], self.values)
        if n == 495:
            self.models["d0_sg1_64_tiny"].gains = (0.5, 1.5, 2.0)  # they were measured meanwhile

    def _glide(self, ends, length):
        def change():
            self.values = {**self.values, **ends}

        self.pipeline.glider.begin(self.values, ends, change, length)

    def replay(self, G):
        sound = HeardSound(self.path.with_name("a.flac"))
        return Replay(
            Log(self.path), sound, G, lambda name, _: opened(name.name, G), drivers=None, folder=self.path.parent
        )


@pytest.fixture(scope="module")
def played(G, tmp_path_factory):
    return Played(G, tmp_path_factory.mktemp("session"))


@pytest.mark.parametrize("fps", [25, 60, 10])
def test_the_same_ws_come_again_at_any_rate(played, G, fps):
    replay = played.replay(G)
    times = [k / fps for k in range(round(SECONDS * fps))]
    again = {t: shown.picture_input.ws.numpy().copy() for t, shown in zip(times, replay.shown(times), strict=True)}
    shared = sorted(set(again) & set(played.ws))
    assert len(shared) >= (SECONDS - 1) * np.gcd(fps, 25)
    assert [t for t in shared if not np.array_equal(again[t], played.ws[t])] == []
    assert replay.checked >= 4 * (SECONDS - 1) - 2
    assert replay.same == replay.checked
    assert not np.array_equal(again[shared[1]], again[shared[-1]])


def test_a_log_without_what_was_played_is_found_to_be_another_show(played, G, tmp_path):
    lines = [line for line in played.lines if not line.startswith((b'["s"', b'["b",33600'))]
    path = tmp_path / "a.session"
    path.write_bytes(b"".join(lines))
    (tmp_path / "a.flac").write_bytes(played.path.with_name("a.flac").read_bytes())
    sound = HeardSound(tmp_path / "a.flac")
    replay = Replay(Log(path), sound, G, lambda name, _: opened(name.name, G), drivers=None, folder=tmp_path)
    for _ in replay.shown([SECONDS - 0.1]):
        pass
    assert replay.same < replay.checked


def test_a_log_that_is_cut_off_in_a_line_ends_before_it(played, G, tmp_path):
    path = tmp_path / "a.session"
    whole = played.path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b'["d"') + 7])
    assert len(list(Log(path).events("d"))) == len(list(Log(played.path).events("d"))) - 1


def read_all(path):
    for kind in "bscdxw":
        list(Log(path).events(kind))


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'["v",1,{"/style/psi":1e999},[]]',
        b'["v",1,{"/no/such":1},[]]',
        b'["b",480,{"v":77}]',
        b'["d",NaN,{}]',
        b'["b",480,{"p":[["bump","all"]]}]',
        b'["g",1,2.0,1.0,{},{}]',
        b'["b",' + b"9" * 10_000 + b",{}]",
        b'["s",3,{"q":1}]',
        b'["w",1.0,[2,2,"AAAA"]]',
        b'["b",480,{"n":[1.0]}]',
        b'{"a":1}',
        b"[]",
        b"x" * (2 << 20),
    ],
)
def test_a_hostile_line_is_refused_in_one_line(played, tmp_path, line):
    path = tmp_path / "a.session"
    path.write_bytes(played.lines[0] + line + b"\n")
    with pytest.raises(ParameterError, match=r"line 2: .*expected a session log") as refused:
        read_all(path)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 600


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["v", "m", "g", "p", "t", "z", "c", "k", "h", "f", "u"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from("vmgbscdxw"), st.lists(_JSON, max_size=5))
def test_no_line_breaks_the_reader(played, tmp_path_factory, kind, rest):
    path = tmp_path_factory.getbasetemp() / "hostile.session"
    path.write_bytes(played.lines[0] + json.dumps([kind, *rest]).encode() + b"\n")
    with contextlib.suppress(BandwalkError):
        read_all(path)


def test_the_sound_is_on_a_grid_and_its_file_has_it_to_the_bit_wherever_it_is_cut(tmp_path):
    y = np.random.default_rng(0).standard_normal(20 * 4608).astype(np.float32)
    heard = on_grid(y)
    assert np.array_equal(on_grid(heard), heard)
    assert np.abs(heard - np.clip(y, -1, 1)).max() <= 2.0**-18
    path = tmp_path / "a.flac"
    with path.open("wb", buffering=0) as file:
        sound = SoundWriter(file)
        for at in range(0, len(heard), 480):
            sound.write(heard[at : at + 480])
        (tmp_path / "killed.flac").write_bytes(path.read_bytes())
        sound.close()
    again = HeardSound(path)
    assert again.samples == len(heard) // BLOCK * BLOCK
    assert np.array_equal(np.concatenate(list(again.blocks())), heard[: again.samples])
    killed = HeardSound(tmp_path / "killed.flac")
    assert len(heard) - killed.samples <= 2 * 4608
    assert np.array_equal(np.concatenate(list(killed.blocks())), heard[: killed.samples])
    (tmp_path / "cut.flac").write_bytes(path.read_bytes()[:100_000])
    cut = np.concatenate(list(HeardSound(tmp_path / "cut.flac").blocks()))
    assert len(cut) > 4608
    assert np.array_equal(cut[:4608], heard[:4608])


def test_another_file_is_not_taken_for_sound(tmp_path):
    (tmp_path / "a.flac").write_bytes(b"RIFF" + bytes(1000))
    for name in ("a.flac", "nowhere.flac"):
        with pytest.raises(ParameterError, match="expected the sound of a session"):
            HeardSound(tmp_path / name)
