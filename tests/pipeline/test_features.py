"""``--features``: sixteen channels drive a style each, offline and in a show."""

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from server import Frames, Server, free_port_base, run_cli
from sounds import beat

from bandwalk.audio.conditioning import Conditioning
from bandwalk.errors import ParameterError
from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import SETTINGS, defaults
from bandwalk.params.settings import Settings
from bandwalk.pipeline import open_drivers as listening
from bandwalk.pipeline.joined_styles import join_styles
from bandwalk.pipeline.open_drivers import hear_song, open_drivers, open_live_drivers, song_drivers
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.stats import Tally
from bandwalk.records import Block
from bandwalk.show.parts import open_parts
from bandwalk.show.show import Show
from bandwalk.wire import parse_segment

CHECKPOINT = Path(__file__).parents[1] / "data" / "g2_nsynth_narrow_ckpt"
BASE = defaults() | {"/out/size": "64x64", "/out/fps": 10.0}
FEATURES = ["spectral16", "nsynth"]
SECONDS = 1.5


@pytest.fixture(scope="module")
def G():
    return load("builtin", size=64)


def _settings(features, nsynth=CHECKPOINT):
    given = {"features": features, "nsynth": str(nsynth) if features == "nsynth" else ""}
    return Settings.of(given).hear


def _pipeline(G, features, values=BASE):
    channels = open_drivers(_settings(features), "cpu")
    encoder = open_encoder("simplejpeg")
    return Pipeline(G, values, step_rate=100.0, encoder=encoder, tally=Tally(), drivers=channels)


def _path(pipeline, y, values=BASE, block=480):
    """Hear a sound; return (features that moved the walks, z of each [steps, n_walks + 1, z_dim])."""
    add, steps = pipeline.scene.track.add, []

    def noting(features, z, sway, *others):
        steps.append((features, z.copy()))
        add(features, z, sway, *others)

    pipeline.scene.track.add = noting
    for start in range(0, len(y), block):
        end = min(start + block, len(y))
        pipeline.hear(Block(y[start:end], end, end / 48_000), values)
    return [features for features, _ in steps], np.array([z for _, z in steps])


@pytest.mark.parametrize("features", FEATURES)
def test_each_style_is_walked_by_its_own_channel(G, features):
    heard, z = _path(_pipeline(G, features), beat(SECONDS))
    assert z.shape[1:] == (G.num_ws + 1, G.z_dim)
    moved = np.linalg.norm(np.diff(z, axis=0), axis=2)[:, :-1]  # [steps, styles]
    change = np.array([f.drivers for f in heard])[1:, : G.num_ws]
    assert np.array_equal(moved > 1e-9, change > 1e-9)
    for style in range(G.num_ws):
        assert np.corrcoef(moved[:, style], change[:, style])[0, 1] > 0.999
    assert not np.array_equal(z[-1, 0], z[-1, 1])  # a direction each


@pytest.mark.parametrize("features", FEATURES)
def test_the_size_of_blocks_changes_no_step_of_the_path(G, features):
    y = beat(SECONDS)
    z = _path(_pipeline(G, features), y)[1]
    assert np.array_equal(z, _path(_pipeline(G, features), y)[1])
    other = _path(_pipeline(G, features), y, block=1111)[1]
    assert np.array_equal(z, other)


@pytest.mark.parametrize("features", FEATURES)
def test_silence_moves_nothing(G, features):
    noise = 1e-4 * np.random.default_rng(0).standard_normal(48_000).astype(np.float32)
    z = _path(_pipeline(G, features), noise)[1]
    assert len(z) > 60
    assert np.array_equal(z, np.broadcast_to(z[:1], z.shape))


def test_bands_are_heard_as_ever_and_at_once(G):
    y, by_bands, late = beat(0.5), _pipeline(G, "bands"), _pipeline(G, "nsynth")
    for start in range(0, len(y), 480):
        block = Block(y[start : start + 480], start + 480, 0.0)
        assert late.hear(block, BASE) == by_bands.hear(block, BASE)


def test_a_bands_rows_act_on_the_styles_in_its_layers(G):
    values = BASE | {"/walk/low/enabled": False, "/mix/high/layers": "none", "/walk/mid/kind": "orbit"}
    pipeline = _pipeline(G, "spectral16", values)
    _, z = _path(pipeline, beat(SECONDS), values)
    assert [bool(np.any(z[-1, style] != z[0, style])) for style in range(14)] == [False] * 6 + [True] * 8
    pose = pipeline.scene.track.pose(1.0)
    ws = join_styles(G, pose.z, values, by_drivers=pose.by_drivers).numpy()[0]
    start = G.map(pose.z[-1:]).numpy()[0]
    assert np.allclose(ws[:6], start[:6], atol=1e-5)


def test_a_push_and_a_reset_reach_all_walks_of_the_band(G):
    pipeline, still = _pipeline(G, "spectral16"), np.zeros(4800, np.float32)
    pipeline.push("bump", "high")
    _, z = _path(pipeline, still)
    assert [bool(np.any(z[-1, style] != z[-1, -1])) for style in range(14)] == [False] * 3 + [True] * 3 + [False] * 8
    pipeline.push("reset", "high")
    _, z = _path(pipeline, still)
    assert np.array_equal(z[-1, 3:6], np.broadcast_to(z[-1, -1], (3, G.z_dim)))


def test_frames_show_the_sound_of_their_time_though_the_channels_are_late(G):
    pipeline, meta = _pipeline(G, "nsynth"), []
    y = beat(SECONDS)
    for start in range(0, len(y), 480):
        end = start + 480
        meta += [frame.description for frame in pipeline.step(Block(y[start:end], end, end / 48_000), BASE)]
        assert meta == [] or end / 48_000 - meta[-1]["t_audio"] >= 0.224
    assert [frame["t_audio"] for frame in meta] == [k / 10 for k in range(len(meta))]
    assert len(meta) == 13  # 1.5 s less the look-ahead


def test_a_model_of_other_styles_has_walks_of_its_own(G):
    pipeline = _pipeline(G, "spectral16")
    _path(pipeline, beat(0.3))
    other = load(Path(__file__).parents[1] / "data" / "a4_sg2ada_256.pkl")
    assert other.num_ws == 14
    small = load(Path(__file__).parents[1] / "data" / "b2_sg3sg2_resnet.pkl")
    for model in (other, small):
        pipeline.use(model, BASE)
        _, z = _path(pipeline, beat(0.3))
        assert z.shape[1:] == (model.num_ws + 1, model.z_dim)
        assert pipeline.draw(0.3, BASE).rgb.shape[0] == model.resolution


def test_an_encoder_that_is_too_slow_for_a_show_is_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(listening, "MAX_LOAD", 0.0)
    with pytest.raises(ParameterError, match=r"^--features nsynth: a second of sound takes [\d.]+ s on cpu"):
        open_live_drivers(_settings("nsynth"), "cpu")


def test_nsynth_without_a_file_or_with_a_wrong_one_is_refused():
    with pytest.raises(ParameterError, match="expected --nsynth FILE"):
        open_live_drivers(_settings("nsynth", nsynth=""), "cpu")
    done = run_cli("serve", "demo", "--features", "nsynth", "--nsynth", "/absent", "--port-base", free_port_base())
    assert (done.returncode, done.stderr) == (2, "bandwalk: /absent: no such file\n")


@pytest.mark.alone
def test_a_show_by_nsynth_tells_how_late_its_pictures_are(tmp_path):
    soundfile.write(tmp_path / "beat.wav", beat(10.0), 48_000)
    flags = ("--size", "64x64", "--threads", "1", "--loop", "--features", "nsynth", "--nsynth", CHECKPOINT)
    with Server(tmp_path / "beat.wav", *flags) as running:
        watcher = Frames(running)
        frames = [watcher.next() for _ in range(40)]
        ages = [meta["t_publish"] - meta["t_capture"] for meta in map(parse_segment, frames)]
        assert 0.22 < np.median(ages) < 1.0
        assert len(set(frames)) == 40
        watcher.close()


def test_the_path_by_channels_is_the_same_live_and_offline(tmp_path, G):
    song = tmp_path / "beat.wav"
    soundfile.write(song, beat(2.0), 48_000)
    flags = {"out_size": "64x64", "threads": "1", "features": "spectral16", "port_base": str(free_port_base())}
    show, path, done = Show(open_parts(resolve(flags, str(song))), threading.Event()), [], threading.Event()
    add = show.parts.pipeline.scene.track.add

    def noting(features, z, sway, *others):
        path.append(z.copy())
        if features.t_audio >= 1.9:
            done.set()
        add(features, z, sway, *others)

    show.parts.pipeline.scene.track.add = noting
    show.start()
    assert done.wait(90)
    show.close()
    values = resolve({"out_size": "64x64", "preset": "page"}).values
    y, _ = soundfile.read(song, dtype="float32")
    conditioning = Conditioning()  # what every source passes
    y = np.concatenate([conditioning.pass_on(part[:, None]) for part in y.reshape(-1, 480)])
    offline = _path(_pipeline(G, "spectral16", values), y, values)[1]
    n = min(len(path), len(offline))
    assert n > 180
    assert np.array_equal(np.array(path[:n]), offline[:n])


def test_each_choice_of_the_table_can_be_opened():
    row = next(row for row in SETTINGS if row.address == "features")
    assert [open_drivers(_settings(choice), "cpu") is not None for choice in row.choices] == [False, True, True]


@pytest.mark.parametrize("features", FEATURES)
def test_a_song_heard_twice_is_walked_by_what_is_known_of_the_whole_of_it(G, features):
    y = beat(SECONDS)
    blocks = [Block(y[i : i + 480], i + 480, 0.0) for i in range(0, len(y), 480)]
    song = hear_song(blocks, _settings(features), BASE, device="cpu")
    assert song.encoding.shape == (len(song.encoding), 16)
    channels = song_drivers(song)
    pipeline = Pipeline(G, BASE, step_rate=100.0, encoder=open_encoder("simplejpeg"), tally=Tally(), drivers=channels)
    assert pipeline.look_ahead_s == 0.0
    heard, z = _path(pipeline, y)
    assert [f.step for f in heard] == list(range(len(heard)))
    assert len(heard) >= 100 * SECONDS - 4  # what is left of the last step of an encoder is not heard
    moved = np.abs(np.diff(song.encoding.astype(float), axis=0))
    order = np.argsort(-moved.mean(axis=0), kind="stable")
    full = np.maximum(moved.max(axis=0), 0.2 * moved.max())
    expected = (moved / full)[:, order]  # of the second step on
    for features_of_step in heard[20:60]:
        k = int(np.searchsorted(song.ends, features_of_step.t_audio - 1e-6))
        assert features_of_step.drivers == pytest.approx(expected[k - 1], abs=1e-5)
    assert np.any(z[-1, :-1] != z[0, :-1])


def test_the_bands_need_no_first_hearing():
    assert hear_song([], _settings("bands"), BASE, device="cpu") is None
    assert song_drivers(None) is None
