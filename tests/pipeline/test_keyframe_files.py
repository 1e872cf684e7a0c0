"""Keyframes from files: read, refused in a line, seen in the walks, followed by a show."""

import queue
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from sounds import beat

from bandwalk.control import Store, presets
from bandwalk.errors import ParameterError
from bandwalk.generator import load
from bandwalk.pipeline.keyframe_files import check_keyframes
from bandwalk.pipeline.keyframe_files import load as load_keyframes
from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.style_files import StyleFile, write_style
from bandwalk.render.job import job_of
from bandwalk.render.plan import picture_inputs_of
from bandwalk.show.keyframe_switch import KeyframeSwitch
from bandwalk.units import seed_to_z
from bandwalk.walk import Keyframes, SavedStyle

GOOD = """
beats = 4
[[key]]
beat = 0
seed = 3
[[key]]
beat = 1.5
seed = 17
"""
READ = Keyframes(((0.0, 3), (1.5, 17)), 4.0)
LOW = "/walk/low/keyframes"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "set").mkdir()
    for name in ("a", "set/a"):
        (tmp_path / f"{name}.keys.toml").write_text(GOOD)
    return tmp_path


@pytest.mark.parametrize("name", ["a", "set/a", "a.keys.toml"])
def test_a_file_is_read_by_its_name(folder, name):
    assert load_keyframes(folder, name) == READ


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[key]]\nbeat = 0\nstyle = 3", "key 1: style = 3: expected the name of a saved style"),
        ("[[key]]\nbeat = 0\nstyle = 'none'", "style none: no such style; expected one of torn"),
        ("[[key]]\nbeat = 0\nstyle = '../a'", "style '../a': expected a name"),
        ("[[key]]\nbeat = 0\nstyle = '..'", "expected the name of a file inside"),
        ("[[key]]\nbeat = 0\nstyle = 'torn'", "style torn: "),
        ("beats = 4", "no keys; expected one [[key]] at least"),
        ("key = 4", "no keys"),
        ("speed = 4", "speed: expected beats and [[key]]"),
        ("[[key]]\nbeat = 0", "key 1: expected beat, and seed or style, nothing else"),
        ("[[key]]\nbeat = 0\nseed = 1\nstyle = 'x'", "key 1: expected beat, and seed or style"),
        ("[[key]]\nbeat = -1\nseed = 1", "key 1: beat = -1: expected a number in 0..1000000"),
        ("[[key]]\nbeat = nan\nseed = 1", "key 1: beat = nan"),
        ("[[key]]\nbeat = true\nseed = 1", "key 1: beat = True"),
        ("[[key]]\nbeat = 0\nseed = 1.5", "key 1: seed = 1.5: expected a whole number"),
        ("[[key]]\nbeat = 4\nseed = 1\n[[key]]\nbeat = 4\nseed = 2", "the beats of the keys do not rise"),
        (GOOD.replace("4", "1.5", 1), "beats = 1.5: expected more than the last key's, 1.5"),
        ("[[key", "expected TOML"),
        ("x" * 70_000, "more than 65536 bytes"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path, text, why):
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles" / "torn.safetensors").write_bytes(b"no tensors")
    (tmp_path / "bad.keys.toml").write_text(text)
    with pytest.raises(ParameterError) as e:
        load_keyframes(tmp_path, "bad")
    assert str(e.value).startswith("keyframes = bad: ")
    assert why in str(e.value)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("name", ["none", "../a", "/etc/a", "set/../../a"])
def test_a_file_that_is_not_in_the_folder_is_refused(folder, name):
    with pytest.raises(ParameterError):
        load_keyframes(folder / "set", name)


def test_a_file_of_keyframes_is_no_preset(folder):
    assert not {name for name in presets.list_presets(folder) if "keys" in name or name.endswith("a")}
    with pytest.raises(ParameterError, match=r"does not end with \.keys"):
        presets.find_room(folder, "b.keys")


def _job(folder, **flags):
    soundfile.write(folder / "song.wav", beat(3.0), 48_000)
    small = {"out_size": "64x64", "out_fps": "20", "threads": "1", "presets": str(folder)}
    more = {"beat_from": "manual", "beat_bpm": "120", "walk_low_kind": "keyframes", "walk_low_keyframes": "a"}
    return job_of(resolve(small | more | flags, str(folder / "song.wav")), "clip.mp4")


def test_a_clip_is_at_each_seed_on_its_beat(folder):
    G = load("builtin", size=64)
    z = [picture_input.pose.z[0] for picture_input in picture_inputs_of(_job(folder), G)]
    for seed, frames in ((3, (1,)), (17, (15, 55)), (3, (40,))):
        wanted = seed_to_z(seed, G.z_dim)
        wanted *= np.sqrt(G.z_dim) / np.linalg.norm(wanted)
        for frame in frames:  # (a frame shows the walk a step before its time)
            assert np.linalg.norm(z[frame] - wanted) < 2.0


def test_a_clip_with_a_bad_file_is_refused_before_anything_is_drawn(folder):
    with pytest.raises(ParameterError, match=r"keyframes = no: .*; expected no\.keys\.toml in "):
        _job(folder, walk_low_keyframes="no")


STYLES = GOOD.replace("seed = 17", 'style = "mist"')


def _save(folder, name, ws, model="", sha256=""):
    style = SavedStyle(name, ws, model, sha256)
    write_style(folder / "styles", StyleFile(style, {}, b""))
    return style


def test_a_saved_style_is_seen_on_its_beat_and_the_way_from_it_is_straight(folder):
    G = load("builtin", size=64)
    ws = np.random.default_rng(1).standard_normal((G.num_ws, G.w_dim)).astype(np.float32)
    _save(folder, "mist", ws, G.name, G.sha256)
    (folder / "a.keys.toml").write_text(STYLES)
    inputs = list(picture_inputs_of(_job(folder), G))
    share = [
        sum(picture_input.pose.shares[0].values()) if picture_input.pose.shares else 0.0 for picture_input in inputs
    ]
    assert max(share[14:17]) > 0.999
    assert share[1] < 0.01
    assert share[40] < 0.01
    drawn = np.array([picture_input.ws[0, 0].numpy() for picture_input in inputs])  # a style that low moves
    assert np.abs(drawn[15] - ws[0]).max() < 0.02
    way, at_seed = drawn[20:40:4] - ws[0], drawn[40] - ws[0]
    for w in way:  # from the style towards seed 3
        part = (w * at_seed).sum() / (at_seed**2).sum()
        assert 0.0 < part < 1.0
        assert np.abs(w - part * at_seed).max() < 0.02


def test_a_style_of_another_shape_is_refused_and_of_other_weights_noted(folder):
    G = load("builtin", size=64)
    for name, ws in (("mist", np.zeros((3, 8), np.float32)), ("kin", np.zeros((G.num_ws, G.w_dim), np.float32))):
        style = _save(folder, name, ws, "tiny", "0")
        known = {"a": Keyframes(((0.0, style), (1.0, 4), (2.0, style)))}
        if name == "kin":
            assert check_keyframes(G, known) == [
                f"keyframes = a: style kin: made with tiny; {G.name} draws it differently"
            ]
            continue
        with pytest.raises(ParameterError, match=r"^keyframes = a: style mist: 3x8, of tiny; \S+ has \S+$"):
            check_keyframes(G, known)


@dataclass
class Follower:
    """Where the switch puts what it has read, and the model: the fields of a pipeline that it knows."""

    keyframes: dict = field(default_factory=dict)
    scene: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(G=load("builtin", size=64)))


def test_a_show_reads_what_is_named_and_reports_what_cannot_be_read(folder):
    store, said, follower = Store({}), queue.Queue(), Follower()
    switch = KeyframeSwitch(store, folder, follower, lambda *report: said.put((*report, dict(follower.keyframes))))
    store.set(LOW, "a", clamp=False)
    store.listen(switch.follow)
    store.set("/walk/mid/keyframes", "no", clamp=False, controller="panel")
    controller, address, reason, _ = said.get(timeout=30)
    assert (controller, address) == ("panel", "/walk/mid/keyframes")
    assert reason.startswith("keyframes = no: ")
    assert reason.endswith("; the walk rests")
    store.set("/walk/mid/keyframes", "no-2", clamp=False)
    *_, known = said.get(timeout=30)  # the first reading has ended by then
    assert known == {"a": READ}
