"""`bandwalk learn-walk`: what it writes, draws and refuses; and its walks in a show."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from server import run_cli

from bandwalk.commands.learn_walk import ALPHAS, learn_walks, strip
from bandwalk.commands.loss_plot import draw_curves, smoothed
from bandwalk.commands.requests import WalksRequest
from bandwalk.errors import CheckpointError, ParameterError
from bandwalk.generator import load
from bandwalk.generator.directions import read_directions, read_origin
from bandwalk.generator.learned import EDITS, learn
from bandwalk.pipeline.drawn_size import screen_for
from bandwalk.pipeline.joined_styles import join_styles, styles_of
from bandwalk.pipeline.models import open_model
from bandwalk.pipeline.moves import moved
from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.start_values import values_for
from bandwalk.records import Pose
from bandwalk.walk.track import silence

TINY = Path(__file__).parents[1] / "data" / "f1_rosinality_legacyfmt.pt"
QUICK = {"steps": 2, "batch": 1}
RGB = {"red": "low", "green": "mid", "blue": "high"}


@pytest.fixture(scope="module")
def G():
    return load(TINY, exact=True)


def test_the_command_writes_several_walks_to_one_file_and_draws_them(G, tmp_path):
    out, plot, shown = (tmp_path / name for name in ("walks.safetensors", "loss.png", "strip.png"))
    edits = ("--edit", "red", "--edit", "rotate", "--space", "layers", "--steps", 3, "--batch", 1)
    done = run_cli("learn-walk", *edits, "--model", TINY, "-o", out, "--plot", plot, "--strip", shown)
    assert done.returncode == 0, done.stderr
    red, rotate, written = done.stdout.splitlines()
    assert red.startswith("red: learned, 3 steps of 1 in layers, seed 0, loss 1.000 to ")
    assert rotate.startswith("rotate: learned")
    assert written == f"{out}: 2 walks of f1_rosinality_legacyfmt"
    found = read_directions(out, G)
    assert list(found.vectors) == ["red", "rotate"]
    assert found.made["red"] == red
    assert read_origin(out) == (G.sha256, "")  # not of the kind that `bandwalk directions` may write over
    assert Image.open(plot).size == (2 * 320 + 4, 160 + 18)
    assert Image.open(shown).size == (5 * 132 - 4, 4 * (128 + 18 + 4) - 4)


def test_without_an_edit_all_are_learned(G, tmp_path):
    learn_walks(str(TINY), WalksRequest((), tmp_path / "walks.safetensors", steps=1, batch=1))
    assert list(read_directions(tmp_path / "walks.safetensors", G).vectors) == list(EDITS)


def test_what_is_learned_is_kept_when_a_later_walk_fails(G, tmp_path, monkeypatch):
    def fail_at_zoom(G, edit, options, told):
        if edit == "zoom":
            raise KeyboardInterrupt
        return learn(G, edit, options, told)

    monkeypatch.setattr("bandwalk.commands.learn_walk.learn", fail_at_zoom)
    with pytest.raises(KeyboardInterrupt):
        learn_walks(str(TINY), WalksRequest(["red", "zoom"], tmp_path / "walks.safetensors", **QUICK))
    assert list(read_directions(tmp_path / "walks.safetensors", G).vectors) == ["red"]


def test_learned_beside_others_a_walk_is_the_same(G, tmp_path):
    for name, edits in (("one", ["zoom"]), ("two", ["red", "zoom", "red"])):
        learn_walks(str(TINY), WalksRequest(edits, tmp_path / f"{name}.safetensors", **QUICK))
    one, two = (read_directions(tmp_path / f"{name}.safetensors", G).vectors for name in ("one", "two"))
    assert list(two) == ["red", "zoom"]
    assert torch.equal(one["zoom"], two["zoom"])


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (WalksRequest(["sepia"]), "--edit = sepia: expected one of red, green, blue, brightness, zoom"),
        (WalksRequest(space="z"), "--space = z: expected one of w, layers"),
        (WalksRequest(steps=0), "--steps = 0: expected 1..100000"),
        (WalksRequest(batch=65), "--batch = 65: expected 1..64"),
        (WalksRequest(output=Path("w.npz")), "--output = w.npz: expected a name that ends in .safetensors"),
        (WalksRequest(output=Path("/nowhere/w.safetensors")), "/nowhere/w.safetensors: no such folder /nowhere"),
        (WalksRequest(plot=Path("a.gif")), "--plot = a.gif: expected a name that ends in .jpg"),
        (WalksRequest(strip=Path("/nowhere/a.png")), "/nowhere/a.png: no such folder"),
        (WalksRequest(device="tpu"), "--device = tpu: expected one of auto, cpu, cuda, mps"),
    ],
)
def test_what_is_not_possible_is_refused_before_the_work(asked, reason):
    with pytest.raises(ParameterError) as refused:
        learn_walks(str(TINY), asked)
    assert str(refused.value).startswith(reason)


def test_wrong_input_ends_with_status_2_and_one_line(tmp_path):
    for args in (("--edit", "sepia"), ("--model", "nowhere.pkl"), ("--steps", "many")):
        done = run_cli("learn-walk", *args, "-o", tmp_path / "w.safetensors")
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
    with pytest.raises(CheckpointError):
        learn_walks("nowhere.pkl", WalksRequest(output=tmp_path / "w.safetensors"))
    assert not list(tmp_path.iterdir())


def test_a_strip_shows_the_walk_over_what_it_aims_at(G):
    walk = torch.zeros(G.num_ws, G.w_dim)
    rgb = strip(G, {"shift-x": walk}, seed=3)
    rows, tiles = (rgb[:128], rgb[150:278]), range(0, 5 * 132, 132)
    along, aims = ([row[:, x : x + 128] for x in tiles] for row in rows)
    assert len(along) == len(ALPHAS)
    assert all(np.array_equal(picture, along[0]) for picture in along)  # the walk is at rest
    assert np.array_equal(aims[2], along[2])
    assert not aims[4][:, :16].any()  # moved to the right: what came in from the left is not known
    assert aims[4][:, 16:].any()


def test_a_curve_falls_on_paper_as_it_does_in_numbers():
    falling = np.linspace(1.0, 0.0, 40)
    rgb = draw_curves({"red": falling, "blue": falling[:1]})
    line = (rgb[:160, :320] == (255, 190, 60)).all(2)
    tops = line.argmax(0)
    assert line.any(0).all()
    assert (np.diff(tops) >= 0).all()
    assert tops[0] < 10
    assert tops[-1] > 150


def test_smoothing_is_the_mean_of_a_tenth(rng):
    losses = rng.uniform(size=100)
    expected = [losses[max(0, k - 5) : k + 6].mean() for k in range(100)]
    assert np.allclose(smoothed(losses), expected)
    assert smoothed(np.ones(1)).tolist() == [1.0]


def test_the_walks_of_rgb_start_driven_by_low_mid_and_high(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    start = resolve({"walks": "rgb", "out_size": "128", "direction": ["blue=0.5:low:2"]})
    G = open_model("builtin", screen_for("builtin", start.values, is_chosen=True), device="cpu", exact=False)
    values = values_for(start, G)
    assert [values[f"/direction/{name}/drive"] for name in RGB] == ["low", "mid", "low"]  # a flag of its own wins
    assert [values[f"/direction/{name}/amount"] for name in RGB] == [1.0, 1.0, 2.0]
    z = np.random.default_rng(0).standard_normal((4, 512)).astype(np.float32)
    pose = Pose(0.0, z, (0.25, 0.5, 1.0), 0.0, silence())
    way = styles_of(G, z, moved(values, pose, G.directions)) - join_styles(G, z, values)
    expected = 0.25 * G.directions["red"] + 0.5 * G.directions["green"] + 1.0 * G.directions["blue"]
    assert torch.allclose(way[0], expected, atol=1e-5)
    assert values_for(resolve({}), G)["/direction/red/drive"] == "none"


def test_a_model_without_the_walks_says_which_is_missing(G):
    with pytest.raises(
        ParameterError, match="--walks rgb: f1_rosinality_legacyfmt has no direction red; bandwalk learn-walk"
    ):
        values_for(resolve({"walks": "rgb", "model": str(TINY)}), G)
