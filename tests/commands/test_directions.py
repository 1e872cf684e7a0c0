"""Directions in a show: seen in the styles, driven by a band, kept through exchanges, listed and refused by name."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from server import Frames, Osc, Server, free_port_base, run_cli
from sounds import beat

from bandwalk.errors import CheckpointError
from bandwalk.generator import load
from bandwalk.generator.directions import Directions, find_directions, write_directions
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import MODEL_ROWS, defaults, rows_of
from bandwalk.pipeline.joined_styles import join_styles, styles_of
from bandwalk.pipeline.models import ExtraFiles, load_model
from bandwalk.pipeline.moves import moved
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.stats import Tally
from bandwalk.records import Block, Pose
from bandwalk.walk.track import silence

DATA = Path(__file__).parents[1] / "data"
SMALL = ("--size", "64x64", "--threads", "1")
MODELS = ("a0_sg2ada_64_tiny.pkl", "d0_sg1_64_tiny.pkl")
NAME = "sefa-fine-1"
LOUD = (0.25, 0.5, 1.0)  # levels of low, mid and high


@pytest.fixture(scope="module")
def G():
    made = load(DATA / "d0_sg1_64_tiny.pkl", exact=True)
    made.directions = find_directions(made).vectors
    return made


@pytest.fixture(scope="module")
def rest(G):
    return defaults() | {row.address: row.default for row in rows_of(G.directions)} | {"/out/size": "64x64"}


def at(**values):
    return {f"/direction/{NAME}/{last}": value for last, value in values.items()}


@pytest.fixture(scope="module")
def z(G):
    return np.random.default_rng(0).standard_normal((4, G.z_dim)).astype(np.float32)


def _styles(G, z, values):
    return styles_of(G, z, moved(values, Pose(0.0, z, LOUD, 0.0, silence()), G.directions))


def test_where_all_directions_rest_the_styles_are_those_of_the_walks_bit_for_bit(G, rest, z):
    plain = join_styles(G, z, rest)
    for values in (rest, rest | at(drive="low"), rest | at(amount=3.0), rest | at(drive="low", amount=0.0), defaults()):
        assert torch.equal(_styles(G, z, values), plain)


@pytest.mark.parametrize(
    ("values", "far"),
    [(at(alpha=1.5), 1.5), (at(alpha=-2.0), -2.0), (at(drive="low", amount=2.0), 0.5),
     (at(drive="mid", amount=-2.0), -1.0), (at(alpha=1.0, drive="high", amount=-3.0), -2.0)],
)  # fmt: skip
def test_every_row_of_a_direction_is_seen_in_the_styles(G, rest, z, values, far):
    assert {row.address.rpartition("/")[2] for row in MODEL_ROWS} == {"alpha", "drive", "amount"}
    way = _styles(G, z, rest | values) - join_styles(G, z, rest)
    assert torch.allclose(way[0], far * G.directions[NAME], atol=1e-5)


def test_several_directions_add_up(G, rest, z):
    both = rest | {"/direction/pca-1/alpha": 1.0, "/direction/pca-2/alpha": -0.5}
    way = _styles(G, z, both) - join_styles(G, z, rest)
    assert torch.allclose(way[0], G.directions["pca-1"] - 0.5 * G.directions["pca-2"], atol=1e-5)


@pytest.mark.parametrize(("sha256", "warnings"), [("", 0), ("ab" * 32, 1)])
def test_a_file_of_directions_is_played_instead_of_what_is_found(tmp_path, caplog, monkeypatch, sha256, warnings):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    walks = {"red": torch.ones(10, 32), "green": torch.zeros(10, 32)}
    write_directions(Directions(walks, sha256), tmp_path / "walks.safetensors")
    model = shutil.copy(DATA / MODELS[1], tmp_path)
    G = load_model(str(model), None, device="cpu", exact=True, extra=ExtraFiles(str(tmp_path / "walks.safetensors")))
    assert list(G.directions) == ["red", "green"]
    assert torch.equal(G.directions["red"], walks["red"])
    assert [record.levelname for record in caplog.records] == ["WARNING"] * warnings
    with pytest.raises(CheckpointError, match=r"walks\.safetensors: direction red is"):
        load_model("builtin", None, device="cpu", exact=True, extra=ExtraFiles(str(tmp_path / "walks.safetensors")))


class Watched:
    """A pipeline whose styles are noted."""

    def __init__(self, G, values):
        self.ws = []
        self.pipeline = Pipeline(G, values, step_rate=100.0, encoder=open_encoder("simplejpeg"), tally=Tally())
        self._render = G.render
        G.render = self._note

    def _note(self, ws):
        self.ws.append(ws[0].numpy().copy())
        return self._render(ws)


@pytest.fixture
def watch(G):
    yield lambda values: Watched(G, values)
    vars(G).pop("render", None)


def test_the_level_that_drives_is_that_of_the_audio_time_at_any_frame_rate(watch, rest):
    values = rest | at(drive="low", amount=3.0) | {"/walk/low/enabled": False}
    seen = {}
    for fps in (24, 60):
        run = watch(values | {"/out/fps": float(fps)})
        y = beat(1.0)
        for start in range(0, len(y), 480):
            run.pipeline.step(Block(y[start : start + 480], start + 480, 0.0), values | {"/out/fps": float(fps)})
        seen[fps] = run.ws
    shared = [(seen[24][2 * k], seen[60][5 * k]) for k in range(12)]
    assert max(np.abs(a - b).max() for a, b in shared) < 1e-5
    assert max(np.abs(a - shared[0][0]).max() for a, _ in shared) > 0.1


def test_while_the_picture_rests_no_band_drives_it(watch, rest):
    values = rest | at(drive="low", amount=3.0)
    run, y = watch(values), beat(1.0)
    frozen = values | {"/master/freeze": True}
    parts = ((0, 24_000, values, (0.4,)), (24_000, 36_000, frozen, (0.6, 0.7)), (36_000, 48_000, values, (0.9,)))
    for start, end, now, times in parts:
        run.pipeline.hear(Block(y[start:end], end, 0.0), now)
        for t in times:
            run.pipeline.draw(t, now)
    assert np.array_equal(run.ws[1], run.ws[2])
    assert not np.array_equal(run.ws[0], run.ws[1])
    assert not np.array_equal(run.ws[3], run.ws[2])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("models")
    for name in MODELS:
        shutil.copy(DATA / name, path)
    return path


@pytest.fixture(scope="module")
def server(folder):
    env = {"XDG_CACHE_HOME": str(folder / "cache")}
    (folder / "there.toml").write_text(
        '[direction.pca-1]\nalpha = 1.0\n[direction.smile]\nalpha = 2.0\ndrive = "low"\n'
    )
    start = ("--direction", "sefa-coarse-2=0.5:mid:-1", "--models", folder, "--presets", folder)
    with Server("demo", *SMALL, *start, env=env) as running:
        yield running


@pytest.fixture
def osc(server):
    controller = Osc(server)
    yield controller
    controller.close()


def told_until_pong(osc, asked, address):
    """The answers to a question, whose number nobody knows."""
    osc.send(asked)
    osc.send("/ping", 7)
    found = []

    def is_last(told, *params):
        found.extend(params if told == address else ())
        return told == "/pong"

    osc.until_any(is_last)
    return found


def test_the_embedded_model_has_directions_with_nothing_else_done(osc):
    assert told_until_pong(osc, "/direction/list", "/direction/name") == [
        *("red", "green", "blue", "brightness", "zoom", "shift-x", "shift-y", "rotate"),
        *(f"sefa-{group}-{k}" for group in ("coarse", "middle", "fine") for k in range(1, 5)),
        *(f"pca-{k}" for k in range(1, 5)),
    ]  # fmt: skip
    for last, value in (("alpha", 0.5), ("drive", "mid"), ("amount", -1.0)):
        osc.send(f"/direction/sefa-coarse-2/{last}")
        assert osc.until(f"/direction/sefa-coarse-2/{last}") == [value]


def picture(message):
    return message[4 + int.from_bytes(message[4:6], "big") :]


def test_a_direction_changes_the_picture_and_is_echoed_and_patterns_reach_all(server, osc):
    watcher, other = Frames(server), Osc(server)
    other.until("/feature/time")
    osc.send("/master/freeze", True)
    other.until("/master/freeze")
    before = picture(watcher.until(lambda message: picture(message) == picture(watcher.next())))
    osc.send(f"/direction/{NAME}/alpha", 2.0)
    other.until(f"/direction/{NAME}/alpha", lambda alpha: alpha == 2.0)  # the state at the start has it too
    watcher.until(lambda message: picture(message) != before)
    osc.send("/direction/*/alpha", 0.0)
    other.until(f"/direction/{NAME}/alpha", lambda alpha: alpha == 0.0)
    osc.send("/master/freeze", False)
    watcher.close()
    other.close()


def test_unknown_directions_are_refused_by_osc_and_left_out_of_a_preset(osc):
    osc.send("/direction/smile/alpha", 1.0)
    assert "/direction/list" in osc.until("/error", lambda address, _: address == "/direction/smile/alpha")[1]
    osc.send("/preset/recall", "there")
    osc.until("/direction/pca-1/alpha", lambda alpha: alpha == 1.0)
    told = osc.until("/error", lambda address, _: address == "/preset/recall")[1]
    assert "/direction/smile/alpha, /direction/smile/drive" in told
    assert "the rest is recalled" in told


def test_an_exchange_keeps_the_names_that_both_models_have(server, folder):
    osc = Osc(server, subscribe=False)  # it does not read while it waits
    osc.send("/direction/pca-2/alpha", 3.0)
    for model in MODELS:
        osc.send("/model/load", model)
        server.wait_for(f"draws with {model.removesuffix('.pkl')}")
        osc.send("/direction/pca-2/alpha")
        osc.until("/direction/pca-2/alpha", lambda alpha: alpha == 3.0)
        assert (folder / f"{model}.directions.safetensors").is_file()
    osc.send("/model/list")  # answered by a thread beside control, when the folder is read
    assert [osc.until("/model/name") for _ in range(3)] == [[name] for name in ("builtin", *MODELS)]
    osc.close()


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (("--direction", "smile=1"), "d0_sg1_64_tiny has no direction smile, expected one of sefa-coarse-1"),
        (("--direction", "pca-1"), "expected NAME=ALPHA or NAME=ALPHA:BAND:AMOUNT"),
        (("--direction", "pca-1=much"), "expected NAME=ALPHA"),
        (("--direction", "pca-1=99"), "expected a number in -8..8"),
        (("--direction", "pca-1=1:bass:1"), "expected none, low, mid, high"),
        (("--direction", "Smile!=1"), "unknown"),
        (("--directions", "nowhere.safetensors"), "nowhere.safetensors: no such file"),
        (("--directions", str(DATA / "d0_sg1_64_tiny.pkl")), "not a safetensors file"),
    ],
)
def test_wrong_directions_end_a_start_with_status_2_and_one_line(flags, reason, folder):
    model = ("--model", folder / "d0_sg1_64_tiny.pkl", "--port-base", free_port_base())
    done = run_cli("serve", "demo", *SMALL, *model, *flags, env={"XDG_CACHE_HOME": str(folder / "cache")})
    assert done.returncode == 2
    assert reason in done.stderr.splitlines()[-1]
